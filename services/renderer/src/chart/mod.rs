//! Charts as SVG, drawn here: direct labels, named targets, bands, hatched partial periods and waterfalls are what the
//! reports need and what chart crates do not have (docs/decisions). Start at [`Chart::svg`]. The same drawing goes into
//! mail as a PNG (wide and narrow) and into the PDF as it is.

use crate::document::Picture;

mod cartesian;
mod frame;
mod lying;
mod png;
mod scale;
mod scatter;
mod spark;
mod svg;

pub use png::{Ground, PngError, png};
pub use spark::{Spark, spark_picture};

/// Series colours, told apart by colour-blind readers too; past the fifth, the same ones lifted.
pub const SERIES: [&str; 10] = [
    "#1D4E89", "#D98E04", "#2A9D8F", "#8E5572", "#6B7280", "#8FA9C8", "#F0CB85", "#95CEC7", "#CDB1BF",
    "#B9BEC6",
];
const INK: &str = "#14213D";
const BODY: &str = "#1F2937";
const MUTED: &str = "#6B7280";
const RULE: &str = "#E5E7EB";
const GOOD: &str = "#1B7F5C";
const BAD: &str = "#B42318";
const PAPER: &str = "#FFFFFF";

/// How values are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Over an ordered x.
    Line,
    /// Side by side.
    Bar,
    /// On top of each other.
    Stacked,
    /// Step by step.
    Waterfall,
    /// Points.
    Scatter,
}

/// Two rows of values: low and high.
pub type Band = (Vec<Option<f64>>, Vec<Option<f64>>);

/// Values of one name, one per category; a gap is a gap.
#[derive(Debug, Clone)]
pub struct Series {
    /// Name.
    pub name: String,
    /// Values.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// Whether it says what is meant to be rather than what is: a plan of a month that is not over is whole all the same.
    fn is_intent(&self) -> bool {
        let name = self.name.to_lowercase();
        ["plan", "target", "budget", "forecast", "needed"]
            .iter()
            .any(|word| name.contains(word))
    }
}

/// A dashed line with its name.
#[derive(Debug, Clone)]
pub struct Target {
    /// Name.
    pub name: String,
    /// One per category.
    pub values: Vec<Option<f64>>,
}

/// A point of a scatter.
#[derive(Debug, Clone)]
pub struct Point {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
    /// Name.
    pub name: String,
}

/// How values are written.
#[derive(Debug, Clone, Default)]
pub struct Axis {
    /// Before the digits: `$`.
    pub prefix: String,
    /// After them: `%`.
    pub suffix: String,
}

/// A chart, without a size yet.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Form.
    pub form: Form,
    /// Names along x; of a scatter, the two axes' titles.
    pub categories: Vec<String>,
    /// Values.
    pub series: Vec<Series>,
    /// Shaded between two rows of values.
    pub band: Option<Band>,
    /// Dashed.
    pub target: Option<Target>,
    /// How values are written.
    pub axis: Axis,
    /// The category whose period is not over.
    pub partial: Option<usize>,
    /// Of a scatter.
    pub points: Vec<Point>,
}

/// What a picture shows.
#[derive(Debug, Clone)]
pub enum Drawing {
    /// A chart.
    Chart(Box<Chart>),
    /// A sparkline.
    Spark(Spark),
}

impl Drawing {
    /// What is behind it in a mail.
    pub fn ground(&self) -> Ground {
        match self {
            Self::Chart(_) => Ground::Paper,
            Self::Spark(_) => Ground::Clear,
        }
    }
    /// As SVG.
    pub fn svg(&self, size: Size) -> String {
        match self {
            Self::Chart(chart) => chart.svg(size),
            Self::Spark(spark) => spark.svg(),
        }
    }
}

/// Where a chart is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Mail, 600 px.
    Wide,
    /// Mail on a phone.
    Narrow,
    /// The PDF's text width.
    Page,
    /// Half of it.
    Half,
}

impl Size {
    fn width(self) -> f64 {
        match self {
            Self::Wide => 608.0,
            // Half a page of 233 pt makes labels of 8.5 pt.
            Self::Narrow | Self::Half => 328.0,
            Self::Page => 680.0,
        }
    }
}

impl Chart {
    /// Width and height in CSS pixels.
    pub fn size(&self, size: Size) -> (u32, u32) {
        let height = match self.form {
            Form::Scatter => match size {
                Size::Wide | Size::Page => 280.0,
                Size::Narrow => 260.0,
                Size::Half => 130.0,
            },
            _ if self.lies(size) => {
                let row = match size {
                    Size::Wide | Size::Narrow => lying::ROW,
                    Size::Page => lying::PAGE_ROW,
                    Size::Half => lying::HALF_ROW,
                };
                lying::height(self, row)
            }
            _ => match size {
                Size::Wide => 220.0,
                Size::Narrow => 196.0,
                Size::Page => 172.0,
                Size::Half => 118.0,
            },
        };
        (size.width() as u32, height as u32)
    }

    /// The drawing.
    pub fn svg(&self, size: Size) -> String {
        let (width, height) = self.size(size);
        let (width, height) = (f64::from(width), f64::from(height));
        match self.form {
            Form::Scatter => scatter::draw(self, width, height),
            _ if self.lies(size) => lying::draw(self, width, height),
            _ => cartesian::draw(self, width, height),
        }
    }

    /// Its place in a document: content ids and sizes.
    pub fn picture(self, document: &str, index: usize, alt: String) -> Picture {
        let (width, height) = self.size(Size::Wide);
        let (narrow_width, narrow_height) = self.size(Size::Narrow);
        Picture {
            cid: format!("{document}-chart-{index}"),
            narrow_cid: Some(format!("{document}-chart-{index}-narrow")),
            file: format!("chart-{index}.svg"),
            width,
            height,
            narrow_width,
            narrow_height,
            alt,
            on_page: Size::Page,
            drawing: Drawing::Chart(Box::new(self)),
        }
    }

    /// Whether bars lie down: always in a waterfall, and where names are too long to stand under their bars.
    fn lies(&self, size: Size) -> bool {
        match self.form {
            Form::Waterfall => true,
            Form::Bar | Form::Stacked => {
                let slot = (size.width() - 60.0) / self.categories.len().max(1) as f64;
                let longest = self.categories.iter().map(|c| svg::width(c)).fold(0.0, f64::max);
                let dated = self.categories.iter().all(|c| c.contains(crate::format::NBSP));
                !dated && longest > slot - 6.0
            }
            Form::Line | Form::Scatter => false,
        }
    }
}

/// Turns rows of (x, name, value) into one series per name over the x that occur, both in order of appearance.
pub struct Picker {
    /// The x.
    pub categories: Vec<String>,
    /// One per name.
    pub series: Vec<Series>,
}

impl Picker {
    /// Of columns of equal length.
    pub fn new(xs: &[String], names: &[String], values: &[Option<f64>]) -> Self {
        let mut categories: Vec<String> = Vec::new();
        let mut series: Vec<Series> = Vec::new();
        for ((x, name), value) in xs.iter().zip(names).zip(values) {
            let at = position(&mut categories, x);
            let index = match series.iter().position(|s| s.name == *name) {
                Some(index) => index,
                None => {
                    series.push(Series {
                        name: name.clone(),
                        values: Vec::new(),
                    });
                    series.len() - 1
                }
            };
            if let Some(one) = series.get_mut(index) {
                one.values.resize(one.values.len().max(at + 1), None);
                if let Some(slot) = one.values.get_mut(at) {
                    *slot = *value;
                }
            }
        }
        for one in &mut series {
            one.values.resize(categories.len(), None);
        }
        Self { categories, series }
    }
}

fn position(categories: &mut Vec<String>, x: &str) -> usize {
    categories.iter().position(|c| c == x).unwrap_or_else(|| {
        categories.push(x.to_owned());
        categories.len() - 1
    })
}

#[cfg(test)]
mod tests;
