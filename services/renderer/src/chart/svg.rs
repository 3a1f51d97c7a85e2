//! Writes SVG: a few shapes, numbers rounded, text escaped. Nothing else of SVG is needed.

use std::fmt::Write;

use crate::fonts;

/// Of all labels.
pub const FONT_SIZE: f64 = 12.0;

/// Where a text is anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its start.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// How wide a label is.
pub fn width(text: &str) -> f64 {
    fonts::width(text, FONT_SIZE, false)
}

/// A drawing in progress.
pub struct Svg {
    out: String,
}

impl Svg {
    /// An empty drawing.
    pub fn new(width: f64, height: f64) -> Self {
        let mut out = String::with_capacity(4096);
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{}\" font-size=\"{FONT_SIZE}\">",
            fonts::FAMILY
        );
        Self { out }
    }

    /// The drawing.
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }

    /// A filled rectangle, its edges on whole pixels; one without height or width is none, and is not written.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str) {
        if r(width) <= 0.0 || r(height) <= 0.0 {
            return;
        }
        let _ = write!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" shape-rendering=\"crispEdges\"/>",
            r(x),
            r(y),
            r(width),
            r(height)
        );
    }

    /// A rectangle with an outline and stripes: a period that is not over.
    pub fn hatched(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        if r(width - 1.0) <= 0.0 || r(height - 1.0) <= 0.0 {
            // Too thin for stripes.
            return self.rect(x, y, width, height, colour);
        }
        let id = format!("h{}", colour.trim_start_matches('#'));
        if !self.out.contains(&format!("id=\"{id}\"")) {
            let _ = write!(
                self.out,
                "<defs><pattern id=\"{id}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate(45)\"><rect width=\"2\" height=\"5\" fill=\"{colour}\"/></pattern></defs>"
            );
        }
        let _ = write!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"url(#{id})\" stroke=\"{colour}\" stroke-width=\"1\"/>",
            r(x + 0.5),
            r(y + 0.5),
            r(width - 1.0),
            r(height - 1.0)
        );
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, thick: f64, dashed: bool) {
        let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
        let _ = write!(
            self.out,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"{thick}\"{dash}/>",
            r(from.0),
            r(from.1),
            r(to.0),
            r(to.1)
        );
    }

    /// A line through points.
    pub fn polyline(&mut self, points: &[(f64, f64)], colour: &str, thick: f64, dashed: bool) {
        let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
        let _ = write!(
            self.out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{thick}\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\"{dash}/>",
            path(points)
        );
    }

    /// A filled area.
    pub fn area(&mut self, points: &[(f64, f64)], colour: &str, opacity: f64) {
        let _ = write!(
            self.out,
            "<polygon points=\"{}\" fill=\"{colour}\" fill-opacity=\"{opacity}\"/>",
            path(points)
        );
    }

    /// A dot with a rim of paper.
    pub fn dot(&mut self, at: (f64, f64), radius: f64, colour: &str) {
        let _ = write!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" fill=\"{colour}\" stroke=\"{}\" stroke-width=\"1.5\"/>",
            r(at.0),
            r(at.1),
            super::PAPER
        );
    }

    /// A dot without a rim.
    pub fn disc(&mut self, at: (f64, f64), radius: f64, colour: &str) {
        let _ = write!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" fill=\"{colour}\"/>",
            r(at.0),
            r(at.1)
        );
    }

    /// A label.
    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, colour: &str, bold: bool, text: &str) {
        self.label(x, y, anchor, colour, bold, text, "");
    }

    /// A label among lines: a halo of paper keeps them off it. Dear to draw, so only where there are lines.
    pub fn text_over(&mut self, x: f64, y: f64, anchor: Anchor, colour: &str, bold: bool, text: &str) {
        let halo = format!(
            " stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            super::PAPER
        );
        self.label(x, y, anchor, colour, bold, text, &halo);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two public forms of it have names for what differs"
    )]
    fn label(&mut self, x: f64, y: f64, anchor: Anchor, colour: &str, bold: bool, text: &str, more: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if bold { " font-weight=\"600\"" } else { "" };
        let _ = write!(
            self.out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"{colour}\"{weight}{more}>{}</text>",
            r(x),
            r(y),
            escape(text)
        );
    }
}

/// Cut to a width, with an ellipsis.
pub fn fitted(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width(&out) > room - width("…") {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::new();
    for (x, y) in points {
        let _ = write!(out, "{},{} ", r(*x), r(*y));
    }
    out
}

fn r(n: f64) -> f64 {
    (n * 100.0).round() / 100.0
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
