//! Facts to documents: mail HTML, plain text, PDF and their charts.
//!
//! The path of a document: `analysis.json` and a specification ([`spec`]) become a typed document ([`document`], built
//! by [`build`]), in which every text is final; templates set it as MJML ([`html`]), text ([`text`]) and typst
//! ([`pdf`]); [`chart`] draws. All of that is pure: start at [`Press::render`]. [`handle`] puts it behind a queue.

pub mod build;
pub mod chart;
pub mod check;
pub mod clean;
pub mod document;
pub mod fonts;
pub mod format;
pub mod glyphs;
mod handler;
pub mod html;
mod jinja;
mod night;
pub mod pdf;
mod render;
pub mod spec;
pub mod specs;
pub mod templates;
pub mod text;

pub use build::Context;
pub use check::check_templates;
pub use handler::{Deps, handle, render_document};
pub use night::Nights;
pub use render::{Press, RenderError, Rendered, RenderedImage, render};
pub use spec::{DocumentSpec, parse_spec};

#[cfg(test)]
mod tests;
