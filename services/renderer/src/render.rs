//! One document, all renderings: the pure part. Start at [`Press::render`].

use minijinja::Environment;
use shared::{
    facts::Analysis,
    portfolio::{Bundle, DocumentSettings},
};

use crate::{
    build::{self, Context},
    chart::{self, PngError, Size},
    clean::{self, Clean},
    document::Document,
    html::{self, HtmlError},
    jinja,
    pdf::{self, Paper, PdfError},
    spec::DocumentSpec,
    templates::Templates,
    text,
};

/// An image of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedImage {
    /// As in `src="cid:…"`.
    pub cid: String,
    /// PNG.
    pub png: Vec<u8>,
    /// What it says.
    pub alt: String,
}

/// A document, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Of the mail; one line, at most 200 characters.
    pub subject: String,
    /// Mail HTML, images by CID.
    pub html: String,
    /// Plain text, 78 columns.
    pub text: String,
    /// PDF.
    pub pdf: Vec<u8>,
    /// How many the PDF has.
    pub pages: usize,
    /// To how many rows its tables and lists were cut to fit the pages that the specification allows.
    pub pdf_rows: Option<usize>,
    /// In the order of the document.
    pub images: Vec<RenderedImage>,
}

/// Why a document cannot be rendered. None of them goes away by trying again.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The analysis does not survive JSON.
    #[error("analysis cannot be cleaned")]
    Analysis(#[from] serde_json::Error),
    /// A `.j2` template.
    #[error("template failed: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The mail.
    #[error(transparent)]
    Html(#[from] HtmlError),
    /// The PDF.
    #[error("PDF failed: {0}")]
    Pdf(#[from] PdfError),
    /// A chart.
    #[error(transparent)]
    Png(#[from] PngError),
}

/// Templates made ready once, for any number of documents of a portfolio.
pub struct Press {
    templates: Templates,
    env: Environment<'static>,
    paper: Paper,
}

impl Press {
    /// Of a portfolio: its own templates over the built-in ones.
    ///
    /// # Errors
    /// [`RenderError::Template`] for one that does not parse.
    pub fn new(bundle: &Bundle, paper: Paper) -> Result<Self, RenderError> {
        let templates = Templates::of(bundle);
        let env = jinja::environment(&templates)?;
        Ok(Self {
            templates,
            env,
            paper,
        })
    }

    /// The typed document, before any rendering.
    ///
    /// # Errors
    /// [`RenderError::Analysis`].
    pub fn document(
        &self,
        analysis: &Analysis,
        spec: &DocumentSpec,
        settings: &DocumentSettings,
        context: &Context,
    ) -> Result<Document, RenderError> {
        Ok(build::build(
            clean::analysis(analysis)?.into_inner(),
            spec,
            settings,
            context,
        ))
    }

    /// Renders one document. The same arguments give the same bytes.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn render(
        &self,
        analysis: &Analysis,
        spec: &DocumentSpec,
        settings: &DocumentSettings,
        context: &Context,
    ) -> Result<Rendered, RenderError> {
        self.render_clean(clean::analysis(analysis)?, spec, settings, context)
    }

    /// [`Press::render`] of an analysis that was cleaned before, for several documents of a night.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn render_clean(
        &self,
        analysis: Clean,
        spec: &DocumentSpec,
        settings: &DocumentSettings,
        context: &Context,
    ) -> Result<Rendered, RenderError> {
        let document = build::build(analysis.into_inner(), spec, settings, context);
        // One after the other: a night renders several documents at a time, and each further thread keeps an arena of the
        // allocator to itself.
        let images = images(&document)?;
        let html = html::render(&self.env, &document)?;
        let text = text::render(&self.env, &document)?;
        let printed = pdf::render(&self.templates, &document, self.paper)?;
        Ok(Rendered {
            subject: document.subject.clone(),
            html,
            text,
            pdf: printed.pdf,
            pages: printed.pages,
            pdf_rows: printed.rows,
            images,
        })
    }
}

fn images(document: &Document) -> Result<Vec<RenderedImage>, PngError> {
    let mut images = Vec::new();
    for picture in document.pictures() {
        let narrow = picture.narrow_cid.as_ref().map(|cid| (cid, Size::Narrow));
        for (cid, size) in [(&picture.cid, Size::Wide)].into_iter().chain(narrow) {
            let png = chart::png(cid, &picture.drawing.svg(size), picture.drawing.ground())?;
            images.push(RenderedImage {
                cid: cid.clone(),
                png,
                alt: picture.alt.clone(),
            });
        }
    }
    Ok(images)
}

/// Renders one document with its portfolio's templates, on A4.
///
/// # Errors
/// See [`RenderError`].
pub fn render(
    analysis: &Analysis,
    spec: &DocumentSpec,
    settings: &DocumentSettings,
    context: &Context,
    bundle: &Bundle,
) -> Result<Rendered, RenderError> {
    Press::new(bundle, Paper::A4)?.render(analysis, spec, settings, context)
}
