//! SVG -> PNG at twice the size, for sharp screens.

use std::sync::Arc;

use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
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
    /// It has no size, or cannot be encoded.
    #[error("chart {0} cannot be encoded: {1}")]
    Encode(String, String),
}

/// The picture on white paper: mail programs that go dark leave a picture alone, so it brings its own.
///
/// # Errors
/// See [`PngError`]; `name` is for the message.
pub fn png(name: &str, svg: &str) -> Result<Vec<u8>, PngError> {
    let options =
        Options { font_family: fonts::FAMILY.to_owned(), fontdb: Arc::clone(&fonts::DATABASE), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| PngError::Svg(name.to_owned(), Box::new(e)))?;
    let size = tree.size();
    let fail = |why: &str| PngError::Encode(name.to_owned(), why.to_owned());
    let (width, height) = ((size.width() * SCALE).ceil() as u32, (size.height() * SCALE).ceil() as u32);
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| fail("it has no size"))?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|e| fail(&e.to_string()))
}
