//! Mail HTML: the template gives MJML, mrml makes tables of it that mail programs understand, css-inline copies styles
//! to where programs that drop `<style>` find them.

use std::sync::LazyLock;

use css_inline::{CSSInliner, InlineOptions};
use minijinja::{Environment, value::Serde};
use mrml::prelude::render::RenderOptions;

use crate::{
    document::{Cut, Document},
    templates,
};

/// Gmail clips a mail of 102 KB and hides the rest behind a link; a little is left for what is added on the way.
pub const MAX_BYTES: usize = 100 * 1024;

/// What a mail needs besides its rows, about: styles, header, strip, headings.
const FRAME: usize = 24 * 1024;

/// Why there is no HTML.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// The template.
    #[error("template failed: {0:#}")]
    Template(#[from] minijinja::Error),
    /// What the template gave is no MJML.
    #[error("mail.mjml.j2 gave MJML that does not parse: {0}")]
    Mjml(String),
    /// What MJML gave cannot be styled.
    #[error("styles of mail.mjml.j2 cannot be inlined: {0}")]
    Style(String),
    /// Too long for Gmail.
    #[error(
        "mail HTML has {bytes} bytes, more than {MAX_BYTES}: give sections of the document a lower `limit`"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

static INLINER: LazyLock<CSSInliner<'static>> = LazyLock::new(|| {
    CSSInliner::new(InlineOptions {
        keep_style_tags: true,
        keep_at_rules: true,
        remove_inlined_selectors: true,
        minify_css: true,
        load_remote_stylesheets: false,
        preallocate_node_capacity: 4096,
        ..InlineOptions::default()
    })
});

/// The document as mail HTML. One that is too long for Gmail shows fewer rows of its long tables, and says so.
///
/// # Errors
/// See [`HtmlError`].
pub fn render(env: &Environment, document: &Document) -> Result<String, HtmlError> {
    let mut html = once(env, document)?;
    let mut bytes = html.len();
    // Each try costs as much as the first, so those that a row's mean size rules out are not made.
    let row = bytes.saturating_sub(FRAME) / document.row_count().max(1);
    for rows in [16, 12, 9, 7, 5, 3] {
        if bytes <= MAX_BYTES {
            return Ok(html);
        }
        let shorter = document.shortened(rows, Cut::Mail);
        if rows > 3 && FRAME + row * shorter.row_count() > MAX_BYTES {
            continue;
        }
        html = once(env, &shorter)?;
        bytes = html.len();
    }
    if bytes > MAX_BYTES {
        Err(HtmlError::TooLong { bytes })
    } else {
        Ok(html)
    }
}

fn once(env: &Environment, document: &Document) -> Result<String, HtmlError> {
    let mjml = env.get_template(templates::MAIL)?.render(Serde(document))?;
    let parsed = mrml::parse(&mjml).map_err(|e| HtmlError::Mjml(e.to_string()))?;
    let options = RenderOptions {
        disable_comments: true,
        fonts: Default::default(),
        ..RenderOptions::default()
    };
    let html = parsed
        .element
        .render(&options)
        .map_err(|e| HtmlError::Mjml(e.to_string()))?;
    // A rule of MJML's own that means something for tables only; copied into each cell it is a third of a mail.
    let html = html.replacen("table, td { border-collapse", "table { border-collapse", 1);
    let html = INLINER
        .inline(&html)
        .map_err(|e| HtmlError::Style(e.to_string()))?;
    Ok(html)
}
