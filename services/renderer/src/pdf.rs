//! PDF by typst, from `document.typ` and the document as JSON. The world that typst sees is a few files in memory: no
//! file system, no network, no clock, one font family. Data comes as data, so no text of a customer is ever markup.

mod columns;

use std::{collections::HashMap, sync::LazyLock};

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use crate::{
    document::{Cut, Document},
    fonts::FONTS,
    glyphs,
    templates::{self, Templates},
};

/// The page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 x 297 mm.
    #[default]
    A4,
    /// 8.5 x 11 in.
    Letter,
}

impl Paper {
    fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Letter => "us-letter",
        }
    }
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A template is missing, or a path in it is none.
    #[error("template {0} is missing")]
    Missing(&'static str),
    /// The document is no JSON.
    #[error("document cannot be given to typst")]
    Data(#[from] serde_json::Error),
    /// Typst refuses.
    #[error("{0}")]
    Typst(String),
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// A fixed set of files; only ever looked up, never listed, so their order does not matter.
pub(crate) struct Desk {
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

fn id(path: &str) -> FileResult<FileId> {
    let path = VirtualPath::new(path).map_err(|_| FileError::NotFound(path.into()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl Desk {
    pub(crate) fn new(templates: &Templates) -> Result<Self, PdfError> {
        let missing = |_| PdfError::Missing(templates::PAGE);
        let main = id(templates::PAGE).map_err(missing)?;
        let mut sources = HashMap::new();
        for (name, text) in templates.ending(".typ") {
            let file = id(name).map_err(missing)?;
            sources.insert(file, Source::new(file, text.to_owned()));
        }
        if !sources.contains_key(&main) {
            return Err(PdfError::Missing(templates::PAGE));
        }
        Ok(Self {
            main,
            sources,
            files: HashMap::new(),
        })
    }

    fn put(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), PdfError> {
        let file = id(name).map_err(|e| PdfError::Typst(format!("{name}: {e}")))?;
        self.files.insert(file, Bytes::new(bytes));
        Ok(())
    }

    /// Where a diagnostic is: file, line and column, from 1.
    pub(crate) fn place(&self, diagnostic: &SourceDiagnostic) -> Option<(String, usize, usize)> {
        use typst::WorldExt;
        let file = diagnostic.span.id()?;
        let range = self.range(diagnostic.span)?;
        let (line, column) = self
            .sources
            .get(&file)?
            .lines()
            .byte_to_line_column(range.start)?;
        Some((
            file.get().vpath().get_without_slash().to_owned(),
            line + 1,
            column + 1,
        ))
    }

    /// Lays a document out.
    fn set(&mut self, document: &Document, paper: Paper) -> Result<PagedDocument, PdfError> {
        let mut data = serde_json::to_value(document)?;
        let undrawable = glyphs::drawable_json(&mut data);
        columns::add(&mut data)?;
        if let Some(fields) = data.as_object_mut() {
            fields.insert("paper".to_owned(), paper.name().into());
            fields.insert("undrawable".to_owned(), undrawable.into());
        }
        self.put("document.json", serde_json::to_vec(&data)?)?;
        let compiled = typst::compile::<PagedDocument>(self).output;
        compiled.map_err(|errors| self.explain(&errors))
    }

    fn explain(&self, errors: &[SourceDiagnostic]) -> PdfError {
        let line = |e: &SourceDiagnostic| match self.place(e) {
            Some((file, line, column)) => format!("{file}:{line}:{column}: {}", e.message),
            None => e.message.to_string(),
        };
        PdfError::Typst(errors.iter().map(line).collect::<Vec<_>>().join("; "))
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }
    fn main(&self) -> FileId {
        self.main
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.get(&id).cloned().ok_or_else(|| not_found(id))
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| not_found(id))
    }
    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

/// A document on paper.
#[derive(Debug)]
pub struct Printed {
    /// The file.
    pub pdf: Vec<u8>,
    /// How many it has.
    pub pages: usize,
    /// To how many rows tables and lists were cut, where it would have been too long.
    pub rows: Option<usize>,
}

/// To how many rows tables and lists are cut in turn, where a document is too long for its specification.
const ROWS: [usize; 8] = [16, 12, 10, 8, 6, 5, 4, 3];

/// The document as PDF; the same document gives the same bytes. One that is longer than its specification allows loses
/// rows of its longest tables and lists, and says so at each ([`Document::shortened`]): as many rows stay as fit. Where
/// even the shortest is too long, the pages are as many as they have to be: what an owner must act on is not cut.
///
/// # Errors
/// See [`PdfError`].
pub fn render(templates: &Templates, document: &Document, paper: Paper) -> Result<Printed, PdfError> {
    let mut desk = Desk::new(templates)?;
    for picture in document.pictures() {
        let svg = picture.drawing.svg(picture.on_page);
        desk.put(&picture.file, svg.into_bytes())?;
    }
    let mut set = |document: &Document| desk.set(document, paper);
    let whole = set(document)?;
    let (sheets, rows) = match document.most_pages {
        Some(most) if whole.pages().len() > most => {
            let long = whole.pages().len();
            match fit(most, |rows| set(&document.shortened(rows, Cut::Page)))? {
                Some((short, rows)) if short.pages().len() < long => (short, Some(rows)),
                _ => (whole, None),
            }
        }
        _ => (whole, None),
    };
    let options = PdfOptions {
        ident: Smart::Custom(format!(
            "{}/{}/{}",
            document.footer.run, document.footer.generation, document.id
        )),
        creator: Smart::Custom(Some("Quarterdeck".to_owned())),
        timestamp: timestamp(&document.date_iso),
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&sheets, &options).map_err(|errors| desk.explain(&errors));
    // What the next document shares with this one (template, fonts) was used just now and stays; the rest goes.
    typst::comemo::evict(2);
    Ok(Printed {
        pdf: pdf?,
        pages: sheets.pages().len(),
        rows,
    })
}

/// The most rows at which it fits, by halving: at most four tries, of which the last is the fewest rows where none does.
fn fit(
    most: usize,
    mut set: impl FnMut(usize) -> Result<PagedDocument, PdfError>,
) -> Result<Option<(PagedDocument, usize)>, PdfError> {
    let (mut best, mut rest) = (None, ROWS.as_slice());
    while let Some(rows) = rest.get(rest.len() / 2).copied() {
        let (more, fewer) = rest.split_at(rest.len() / 2);
        let sheets = set(rows)?;
        if sheets.pages().len() <= most {
            best = Some((sheets, rows));
            rest = more;
        } else {
            rest = fewer.get(1..).unwrap_or_default();
            best = best.or(rest.is_empty().then_some((sheets, rows)));
        }
    }
    Ok(best)
}

fn timestamp(date: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = date.parse().ok()?;
    let (month, of_month) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    Some(Timestamp::new_utc(Datetime::from_ymd(
        i32::from(day.year()),
        month,
        of_month,
    )?))
}
