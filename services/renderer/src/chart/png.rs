//! SVG -> PNG at twice the size, for sharp screens. A chart has few colours, so it is stored with a palette: a quarter of
//! the bytes to filter and to compress, which is most of the time that a chart takes.

use std::{collections::HashMap, sync::Arc};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

use crate::fonts;

/// Device pixels per CSS pixel.
const SCALE: f32 = 2.0;

/// Why a drawing is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The SVG does not parse: a defect of the chart module.
    #[error("chart {0} is no SVG")]
    Svg(String, #[source] Box<resvg::usvg::Error>),
    /// It has no size.
    #[error("chart {0} has no size")]
    Size(String),
    /// It cannot be written as PNG.
    #[error("chart {0} cannot be encoded")]
    Encode(String, #[source] Box<png::EncodingError>),
}

/// What is behind a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// White paper: mail programs that go dark leave a picture alone, so it brings its own.
    Paper,
    /// Nothing: for a line that can be seen on white and on dark.
    Clear,
}

/// The picture.
///
/// # Errors
/// See [`PngError`]; `name` is for the message.
pub fn png(name: &str, svg: &str, ground: Ground) -> Result<Vec<u8>, PngError> {
    let options = Options {
        font_family: fonts::FAMILY.to_owned(),
        fontdb: Arc::clone(&fonts::DATABASE),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|e| PngError::Svg(name.to_owned(), Box::new(e)))?;
    let size = tree.size();
    let (width, height) = (
        (size.width() * SCALE).ceil() as u32,
        (size.height() * SCALE).ceil() as u32,
    );
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| PngError::Size(name.to_owned()))?;
    if ground == Ground::Paper {
        // White and opaque is 255 four times, premultiplied too; the painter's own `fill` blends every pixel.
        pixmap.data_mut().fill(u8::MAX);
    }
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
    let encoded = match ground {
        Ground::Paper => encode(&pixmap),
        Ground::Clear => pixmap.encode_png(),
    };
    encoded.map_err(|e| PngError::Encode(name.to_owned(), Box::new(e)))
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_depth(png::BitDepth::Eight);
    // Flat areas compress well at any level; the usual one was the largest single part of a document's time.
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    match indexed(pixmap.data()) {
        Some((palette, pixels)) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
            encoder.set_filter(png::Filter::NoFilter);
            encoder.write_header()?.write_image_data(&pixels)?;
        }
        None => {
            // On white paper every pixel is opaque, so premultiplied and plain colours are the same.
            encoder.set_color(png::ColorType::Rgba);
            encoder.write_header()?.write_image_data(pixmap.data())?;
        }
    }
    Ok(out)
}

/// A palette and an index per pixel; shades of antialiasing that no eye tells apart become one. `None` where even so
/// there are more than 256 colours.
fn indexed(rgba: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut palette = Vec::new();
    let mut known: HashMap<u32, u8> = HashMap::new();
    let mut pixels = Vec::with_capacity(rgba.len() / 4);
    let (mut last, mut last_index) = (None, 0);
    for pixel in rgba.as_chunks::<4>().0 {
        // Most pixels are as the one before.
        if last != Some(pixel) {
            last = Some(pixel);
            let [r, g, b, _] = pixel.map(shade);
            let colour = u32::from_be_bytes([0, r, g, b]);
            last_index = match known.get(&colour) {
                Some(index) => *index,
                None => {
                    let index = u8::try_from(known.len()).ok()?;
                    known.insert(colour, index);
                    palette.extend([r, g, b]);
                    index
                }
            };
        }
        pixels.push(last_index);
    }
    Some((palette, pixels))
}

/// To 32 steps of 255; black and white stay.
fn shade(value: u8) -> u8 {
    let step = (u32::from(value) * 31 + 127) / 255;
    u8::try_from((step * 255 + 15) / 31).unwrap_or(u8::MAX)
}
