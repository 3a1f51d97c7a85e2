//! The one typeface, compiled in: Inter, a subset with Latin, punctuation, arrows and the shapes of status marks (see
//! `assets/fonts/README.md`). The PDF, the charts and the measuring of chart labels share it, so nothing depends on
//! what a machine has installed.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb;
use typst::{
    foundations::Bytes,
    layout::Abs,
    text::{Font, FontInstance, FontVariations},
};

const FILES: [&[u8]; 4] = [
    include_bytes!("../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../assets/fonts/Inter-Italic.otf"),
];

/// The family's name.
pub const FAMILY: &str = "Inter";

/// For typst.
pub static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|data| Font::new(Bytes::new(*data), 0))
        .collect()
});

/// For resvg.
pub static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    for data in FILES {
        database.load_font_data(data.to_vec());
    }
    database.set_sans_serif_family(FAMILY);
    Arc::new(database)
});

/// The faces, laid open for measuring.
static INSTANCES: LazyLock<Vec<FontInstance>> = LazyLock::new(|| {
    let open = |f: &Font| {
        f.clone()
            .instantiate(f.info().variant, Abs::pt(12.0), &FontVariations::default())
    };
    FONTS.iter().map(open).collect()
});

/// Whether the typeface can draw a character.
pub fn holds(c: char) -> bool {
    INSTANCES
        .first()
        .is_some_and(|face| face.ttf().glyph_index(c).is_some())
}

/// How wide a text is, in the unit of `size`.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let face = INSTANCES.get(usize::from(bold));
    let advance = |c: char| {
        let glyph = face?.ttf().glyph_index(c)?;
        face?.x_advance(glyph.0).map(|em| em.get())
    };
    text.chars().map(|c| advance(c).unwrap_or(0.6) * size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_faces_load_and_hold_what_documents_print() {
        assert_eq!(FONTS.len(), 4);
        for c in "AZaz09$€£%–—…·−●▲■◇→é".chars() {
            assert!(
                INSTANCES.iter().all(|f| f.ttf().glyph_index(c).is_some()),
                "{c:?} is not in the subset"
            );
        }
        assert!(width("1,234", 12.0, false) > 20.0);
    }
}
