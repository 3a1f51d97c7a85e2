//! Handoff documents: Markdown written by people, one file per project. Start at [`collect`]; [`document::Document`] is
//! what one file says.
//!
//! Nothing is dropped silently: a line is a section, a task, a table cell, a deploy or a fact, or the author is told by
//! `handoff_lint` what to mend ([`codes::Code`]). Only code and comments are not read, nor where a link leads. One bad file
//! stops nothing. Memory is bounded: files are read [`AT_ONCE`] at a time and up to a size, rows are written as they come.

pub mod codes;
mod dates;
pub mod document;
mod encoding;
mod entities;
mod facts;
mod fields;
mod front_matter;
mod headings;
mod lint;
mod log;
mod nets;
mod read;
mod rows;
mod sections;
mod tables;
mod tasks;
mod text;
mod walk;

use futures::{StreamExt, stream};
use jiff::civil::Date;
use object_store::ObjectStore;
use shared::{
    facts::SourceState,
    portfolio::{HandoffSource, Portfolio},
};

use self::{entities::Entities, read::Read, rows::Rows};
use super::{Collected, Delivery, SourceError, objects};
use crate::snapshot::PartFolder;

/// So many files are read at once; they are parsed and written in the order of their names all the same.
const AT_ONCE: usize = 16;

/// Reads all `*.md` below the source's folder and writes the `handoff_*` tables.
///
/// # Errors
/// [`SourceError::Later`] when the inputs may be readable at the next delivery, [`SourceError::Other`] when the snapshot
/// cannot be written.
pub async fn collect(
    source: &HandoffSource,
    portfolio: &Portfolio,
    as_of: Date,
    inputs: &dyn ObjectStore,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    let files = match objects::answer(objects::list(inputs, &source.path).await, delivery)? {
        Ok(files) => files,
        Err(reason) => return Ok(objects::unlisted(reason)),
    };
    if files.is_empty() {
        let reason = "write one handoff per project there, as <entity>.md";
        let reason = format!("there is no file below {}/: {reason}", source.path);
        return Ok(unknown(SourceState::Missing, reason));
    }
    let entities = Entities::of(portfolio);
    let reader = read::Reader {
        entities: &entities,
        as_of,
        stale_after_days: source.stale_after_days,
    };
    let (mut rows, mut documents, mut unreadable) = (Rows::new(folder), 0_usize, Vec::new());
    let (handoffs, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| read::is_markdown(&file.name));
    for file in others {
        rows.lint(&file.name, None, &lint::ignored_file(&file.name))
            .await?;
    }
    let mut contents = stream::iter(handoffs)
        .map(async |file: &objects::File| (file, file.read_up_to(inputs, read::LARGEST, read::HEAD).await))
        .buffered(AT_ONCE);
    while let Some((file, content)) = contents.next().await {
        let content = objects::answer(content, delivery)?;
        documents += 1;
        let document = match reader.read(&file.name, content) {
            Read::Document(document) => document,
            Read::Unreadable(document) => {
                unreadable.push(file.name.as_str());
                document
            }
        };
        rows.document(&file.name, &document).await?;
    }
    let tables = rows.finish().await?;
    let reason = (!unreadable.is_empty()).then(|| {
        format!(
            "{} of {documents} handoffs could not be read: {}",
            unreadable.len(),
            some_of(&unreadable)
        )
    });
    let state = match documents {
        0 => {
            return Ok(unknown(
                SourceState::Empty,
                format!("no file below {}/ ends in .md", source.path),
            ));
        }
        n if n == unreadable.len() => SourceState::Failed,
        _ => SourceState::Ok,
    };
    Ok(Collected {
        state,
        reason,
        tables,
    })
}

/// The first few names; `handoff_lint` has them all.
fn some_of(names: &[&str]) -> String {
    const FEW: usize = 5;
    match names.split_at_checked(FEW) {
        Some((few, more)) if !more.is_empty() => format!("{} and {} more", few.join(", "), more.len()),
        _ => names.join(", "),
    }
}

fn unknown(state: SourceState, reason: String) -> Collected {
    Collected {
        state,
        reason: Some(reason),
        tables: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
