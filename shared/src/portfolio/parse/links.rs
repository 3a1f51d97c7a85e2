//! What in a portfolio refers to what, and what must be there once.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{
    environment::Entry,
    sections::{Linked, LinkedSources},
};
use crate::{
    mail::Mailbox,
    manifest::sql_name,
    portfolio::{DocumentSettings, Entity, TableSource},
    problem::{nearest, reader::Table},
};

/// Ids that occur twice: the second is the mistake, and points at the first.
pub(super) fn unique<'a>(root: &Table<'_>, what: &str, ids: impl Iterator<Item = &'a Spanned<String>>) {
    let mut seen = BTreeMap::<&str, &Spanned<String>>::new();
    for id in ids {
        match seen.get(id.get_ref().as_str()) {
            Some(first) => {
                let message = format!("{what} {:?} is there twice", id.get_ref());
                let problem = root
                    .error("duplicate-id", id.span(), message)
                    .suggest("give one of them another id");
                root.report(root.also(problem, first.span(), "first one here"));
            }
            None => {
                seen.insert(id.get_ref(), id);
            }
        }
    }
}

/// A portfolio without entities or documents says nothing.
pub(super) fn not_empty(root: &Table<'_>, key: &str, empty: bool) {
    if empty && !root.has(key) {
        let problem = root.error("missing-key", 0..0, format!("there are no `{key}`"));
        root.report(problem.suggest(format!("add a section `[[{key}]]`")));
    }
}

/// Entities that sources, documents and targets name must exist.
pub(super) fn references<T>(
    root: &Table<'_>,
    entities: &[Spanned<Linked<Entity>>],
    documents: &[Spanned<Linked<DocumentSettings>>],
    sources: &LinkedSources,
    targets: &[Entry<T>],
) {
    if entities.is_empty() || entities.len() < root.count("entities") {
        return; // An entity has no readable id, which is the error; the names may all be right.
    }
    let known = entities
        .iter()
        .map(|e| e.get_ref().id.get_ref().as_str())
        .collect::<Vec<_>>();
    let check = |who: String, name: &str, span| {
        if known.contains(&name) {
            return;
        }
        let message = format!("{who} names entity {name:?}, which is not there");
        let problem = root.error("unknown-entity", span, message);
        root.report(match nearest(name, known.iter().copied()) {
            Some(near) => problem.suggest(format!("did you mean \"{near}\"?")),
            None => problem.suggest(format!("entities are {}", known.join(", "))),
        });
    };
    for table in &sources.tables {
        if let Some(entity) = &table.entity {
            check(
                format!("table {:?}", table.id.get_ref()),
                entity.get_ref(),
                entity.span(),
            );
        }
    }
    for document in documents.iter().map(Spanned::get_ref) {
        if let Some(entity) = &document.entity {
            check(
                format!("document {:?}", document.id.get_ref()),
                entity.get_ref(),
                entity.span(),
            );
        }
    }
    for (key, _) in targets {
        if let Some((_, entity)) = key.get_ref().split_once('@') {
            check(format!("target {:?}", key.get_ref()), entity, key.span());
        }
    }
}

/// Templates that documents name must exist, where the caller knows which do.
pub(super) fn templates(
    root: &Table<'_>,
    documents: &[Spanned<Linked<DocumentSettings>>],
    known: Option<&[&str]>,
) {
    let Some(known) = known else { return };
    for template in documents.iter().filter_map(|d| d.get_ref().template.as_ref()) {
        let name = template.get_ref().as_str();
        if known.contains(&name) {
            continue;
        }
        let message = format!("there is no document template {name:?}");
        let problem = root.error("unknown-template", template.span(), message);
        let mut known = known.to_vec();
        known.sort_unstable();
        root.report(match nearest(name, known.iter().copied()) {
            Some(near) => problem.suggest(format!("did you mean \"{near}\"?")),
            None => problem.suggest(format!("templates are {}", known.join(", "))),
        });
    }
}

/// A table that is named twice would be collected twice. SQL sees names in lower case with `_`, so two spellings of
/// one SQL name are the same table too.
pub(super) fn one_part_each(sources: &Table<'_>, tables: &[Linked<TableSource>]) {
    let mut seen = BTreeMap::<String, &Spanned<String>>::new();
    for table in tables {
        let name = sql_name(table.id.get_ref());
        match seen.get(&name) {
            Some(first) => {
                let message = if first.get_ref() == table.id.get_ref() {
                    format!("table {:?} is there twice", table.id.get_ref())
                } else {
                    let (one, other) = (first.get_ref(), table.id.get_ref());
                    format!("tables {one:?} and {other:?} are both `raw.{name}` in SQL")
                };
                let problem = sources.error("duplicate-table", table.id.span(), message);
                let problem = problem.suggest("keep one of them");
                sources.report(sources.also(problem, first.span(), "first one here"));
            }
            None => {
                seen.insert(name, &table.id);
            }
        }
    }
}

/// Somebody who is named twice would get one mail all the same: probably another person was meant.
pub(super) fn recipients(document: &Table<'_>, list: &Spanned<Vec<Spanned<Mailbox>>>) {
    let mut seen = BTreeMap::<String, &Spanned<Mailbox>>::new();
    for recipient in list.get_ref() {
        let name = recipient.get_ref().normalised();
        if let Some(first) = seen.get(&name) {
            let problem = document.error(
                "duplicate-recipient",
                recipient.span(),
                "this recipient is there twice",
            );
            let problem = problem.suggest("remove one of them");
            document.report(document.also(problem, first.span(), "first one here"));
        } else {
            seen.insert(name, recipient);
        }
    }
}

/// Names that SQL can read as `$name`, and that the product does not set itself.
pub(super) fn parameter_names<T>(root: &Table<'_>, parameters: &[Entry<T>]) {
    for (key, _) in parameters {
        let name = key.get_ref();
        let plain = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain || name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
            let problem = root.error(
                "bad-parameter",
                key.span(),
                format!("`${name}` is no parameter for SQL"),
            );
            root.report(problem.suggest("use a-z, 0-9 and _, and begin with a letter"));
        } else if ["as_of", "from", "to"].contains(&name.as_str()) {
            let message = format!("`${name}` is set by the product: the days that a query is about");
            root.report(
                root.error("bad-parameter", key.span(), message)
                    .suggest("choose another name"),
            );
        }
    }
}
