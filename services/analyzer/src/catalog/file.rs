//! One TOML file of entries: every mistake in it, each with its place.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared::{
    catalog::CatalogFile,
    problem::{Problem, nearest},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

/// What `[[kpi]]`, `[[check]]`, … are.
pub trait Entry: for<'de> Deserialize<'de> {
    /// The name of its tables.
    const KIND: &'static str;
    /// The keys that it may have.
    const KEYS: &'static [&'static str];
    /// A whole entry with the keys that it must have: what a suggestion shows, and what stands in for a bad value while
    /// the rest of the entry is read.
    const SAMPLE: &'static str;
    /// Its id.
    fn id(&self) -> &Spanned<String>;
    /// The file it is in.
    fn file(&self) -> &str;
    /// Says which file it is in.
    fn set_file(&mut self, file: &str);
}

/// Parses TOML; what is wrong with it is a problem each.
pub fn table<'a>(file: CatalogFile<'a>, problems: &mut Vec<Problem>) -> DeTable<'a> {
    let (table, errors) = DeTable::parse_recoverable(file.text);
    for error in errors {
        problems.push(of_toml(file, &error, "toml"));
    }
    table.into_inner()
}

/// An error of the `toml` crate as a problem.
pub fn of_toml(file: CatalogFile<'_>, error: &toml::de::Error, code: &'static str) -> Problem {
    let problem = Problem::error(code, file.path, error.message().replace('\n', "; "));
    match error.span() {
        Some(span) => problem.at(file.text, span),
        None => problem,
    }
}

/// The entries of a file. One that cannot be read is left out, with its problems.
pub fn entries<E: Entry>(file: CatalogFile<'_>, problems: &mut Vec<Problem>) -> Vec<E> {
    let mut entries = Vec::new();
    for (key, value) in table(file, problems) {
        if key.get_ref().as_ref() != E::KIND {
            problems.push(unknown_key(file, &key, &[E::KIND]));
            continue;
        }
        let span = value.span();
        let DeValue::Array(items) = value.into_inner() else {
            let message = format!("{} is no list of tables", E::KIND);
            problems.push(
                Problem::error("not-a-list", file.path, message)
                    .at(file.text, span)
                    .suggest(format!("write [[{}]]", E::KIND)),
            );
            continue;
        };
        entries.extend(items.into_iter().filter_map(|item| entry(file, item, problems)));
    }
    entries
}

fn entry<E: Entry>(
    file: CatalogFile<'_>,
    mut item: Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<E> {
    if let DeValue::Table(table) = item.get_mut() {
        let unknown: Vec<_> = table
            .keys()
            .filter(|k| !E::KEYS.contains(&k.get_ref().as_ref()))
            .cloned()
            .collect();
        for key in unknown {
            problems.push(unknown_key(file, &key, E::KEYS));
        }
    }
    // Nearly every entry is whole, and is read once.
    if let Ok(mut entry) = E::deserialize(ValueDeserializer::from(item.clone())) {
        entry.set_file(file.path);
        return Some(entry);
    }
    if let Some(error) = mend::<E>(file, item, problems) {
        problems.push(of_toml(file, &error, "bad-entry"));
    }
    None
}

/// serde stops at the first mistake. So each is reported, a sample's value is put in its place, and the entry is read
/// again, until nothing else is wrong with it. Answers the error that is of no key.
fn mend<E: Entry>(
    file: CatalogFile<'_>,
    mut item: Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<toml::de::Error> {
    let span = item.span();
    let (sample, _) = DeTable::parse_recoverable(E::SAMPLE);
    let sample = sample.into_inner();
    let DeValue::Table(table) = item.get_mut() else {
        return E::deserialize(ValueDeserializer::from(item)).err();
    };
    // Values of the sample have places of their own text, which say nothing of this file's.
    let mut of_sample = BTreeSet::new();
    for (key, value) in &sample {
        if !table.contains_key(key.get_ref().as_ref()) {
            let shown = E::SAMPLE.get(value.span()).unwrap_or_default();
            let message = format!("{} has no {}", E::KIND, key.get_ref());
            let problem = Problem::error("missing-key", file.path, message).at(file.text, span.clone());
            problems.push(problem.suggest(format!("write {} = {shown}", key.get_ref())));
            table.insert(key.clone(), value.clone());
            of_sample.insert(key.get_ref().to_string());
        }
    }
    // Each turn takes one bad value out, so it ends.
    loop {
        let whole = Spanned::new(span.clone(), DeValue::Table(table.clone()));
        let error = E::deserialize(ValueDeserializer::from(whole)).err()?;
        let Some(at) = error.span() else {
            return Some(error);
        };
        let inside =
            |value: &Spanned<DeValue<'_>>| value.span().start <= at.start && at.end <= value.span().end;
        let bad = table
            .iter()
            .find(|(key, value)| !of_sample.contains(key.get_ref().as_ref()) && inside(value))
            .map(|(key, _)| key.clone());
        let Some(key) = bad else { return Some(error) };
        problems.push(suggested(
            of_toml(file, &error, "bad-value"),
            key.get_ref(),
            error.message(),
        ));
        match sample.get(key.get_ref().as_ref()) {
            Some(value) => {
                of_sample.insert(key.get_ref().to_string());
                table.insert(key, value.clone())
            }
            None => table.remove(&key),
        };
    }
}

/// Names the key; and the variant that was probably meant, out of serde's list of those there are.
fn suggested(mut problem: Problem, key: &str, message: &str) -> Problem {
    problem.message = format!("{key}: {}", problem.message);
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown variant"), quoted.next()) {
        (true, Some(given)) => {
            let known: Vec<&str> = quoted.collect();
            match nearest(given, known.iter().copied()) {
                Some(near) => problem.suggest(format!("did you mean {near:?}?")),
                None => problem.suggest(format!("one of: {}", known.join(", "))),
            }
        }
        _ => problem,
    }
}

/// `unknown key` with the one that was probably meant.
pub fn unknown_key(
    file: CatalogFile<'_>,
    key: &Spanned<std::borrow::Cow<'_, str>>,
    known: &[&str],
) -> Problem {
    let given = key.get_ref().as_ref();
    let problem =
        Problem::error("unknown-key", file.path, format!("unknown key {given:?}")).at(file.text, key.span());
    match nearest(given, known.iter().copied()) {
        Some(near) => problem.suggest(format!("did you mean {near}?")),
        None => problem.suggest(format!("keys are: {}", known.join(", "))),
    }
}
