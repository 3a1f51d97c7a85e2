//! Reads a TOML file against a schema that is written as code, and goes on after a mistake.
//!
//! serde stops at the first error; a person who fixes a file wants all of them. So a file is parsed into a tree with
//! spans, and [`read`] hands its root to a function that asks for keys by name and kind ([`super::kinds`]). What is
//! missing, mistyped or malformed becomes a [`Problem`] and the function goes on with `None`; keys nobody asked for
//! are unknown keys.

use std::{cell::RefCell, collections::BTreeSet, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Problem, nearest, sort};

/// Why a value is not of its kind; the reader adds key and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// As [`Problem::code`].
    pub code: &'static str,
    /// Behind "`key`: ".
    pub message: String,
    /// As [`Problem::suggestion`].
    pub suggestion: Option<String>,
}

impl Fault {
    /// A fault without a suggestion.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            suggestion: None,
        }
    }
    /// Says what to do.
    #[must_use]
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }
    /// A value of another type than `wanted`.
    pub fn wrong_type(wanted: &str, found: &DeValue<'_>) -> Self {
        Self::new(
            "wrong-type",
            format!("is {}, and must be {wanted}", type_name(found)),
        )
    }
}

/// A type with its article, as a reader says it.
pub fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

struct Sink<'t> {
    file: &'t str,
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

/// A table under reading: knows its keys, where it stands, and which keys were asked for.
pub struct Table<'t> {
    sink: &'t Sink<'t>,
    table: &'t DeTable<'t>,
    path: String,
    span: Range<usize>,
    asked: BTreeSet<&'static str>,
    missing: Vec<(&'static str, String)>,
}

/// Reads a file: `schema` asks the root for what it needs.
///
/// # Errors
/// Every problem of the file, in the order of the file: those of the syntax, and those that `schema` met. Warnings
/// alone are no error.
pub fn read<T>(
    file: &str,
    text: &str,
    schema: impl FnOnce(&mut Table<'_>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let (value, problems) = read_partly(file, text, schema);
    match value {
        Some(value) if !problems.iter().any(Problem::is_error) => Ok(value),
        None if problems.is_empty() => Err(vec![Problem::error(
            "unread",
            file,
            "cannot be read, and its schema did not say why",
        )]),
        _ => Err(problems),
    }
}

/// [`read`] for who wants to look at what could be read, in spite of the problems: a check of other files.
pub fn read_partly<T>(
    file: &str,
    text: &str,
    schema: impl FnOnce(&mut Table<'_>) -> Option<T>,
) -> (Option<T>, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let sink = Sink {
        file,
        text,
        problems: RefCell::default(),
    };
    let mut table = Table::new(&sink, root.get_ref(), String::new(), 0..0);
    let value = schema(&mut table);
    table.finish();
    let mut problems = sink.problems.into_inner();
    if !errors.is_empty() {
        problems = amid_syntax_errors(file, text, &errors, problems);
    }
    sort(&mut problems);
    (value, problems)
}

/// What a broken line hides is not missing, and what is left of it is not worth a second complaint.
fn amid_syntax_errors(
    file: &str,
    text: &str,
    errors: &[toml::de::Error],
    mut problems: Vec<Problem>,
) -> Vec<Problem> {
    let syntax = errors.iter().map(|error| {
        let what = error.message().trim().replace('\n', ", ");
        Problem::error("syntax", file, format!("not TOML: {what}")).at(text, error.span().unwrap_or(0..0))
    });
    let syntax = syntax.collect::<Vec<_>>();
    let broken = syntax.iter().map(|p| p.line).collect::<BTreeSet<_>>();
    let hidden = ["missing-key", "unknown-reference", "not-listed"];
    problems.retain(|p| !hidden.contains(&p.code) && !broken.contains(&p.line));
    problems.extend(syntax);
    problems
}

impl<'t> Table<'t> {
    fn new(sink: &'t Sink<'t>, table: &'t DeTable<'t>, path: String, span: Range<usize>) -> Self {
        Self {
            sink,
            table,
            path,
            span,
            asked: BTreeSet::new(),
            missing: Vec::new(),
        }
    }

    /// Where its header is.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
    /// Whether the key is there at all.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
    /// How many tables `[[key]]` there are, readable or not.
    pub fn count(&self, key: &str) -> usize {
        let list = self.table.get(key).and_then(|value| value.get_ref().as_array());
        list.map_or(0, |list| list.len())
    }
    /// An error of this file, placed.
    pub fn error(&self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem::error(code, self.sink.file, message).at(self.sink.text, span)
    }
    /// A second place for a problem of this file.
    pub fn also(&self, problem: Problem, span: Range<usize>, message: &str) -> Problem {
        problem.related(self.sink.file, self.sink.text, span, message)
    }
    /// Records a problem.
    pub fn report(&self, problem: Problem) {
        self.sink.problems.borrow_mut().push(problem);
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
    fn ask(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.insert(key);
        self.table.get(key)
    }
    fn judge<T>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Option<Spanned<T>> {
        match kind(value.get_ref()) {
            Ok(good) => Some(Spanned::new(value.span(), good)),
            Err(fault) => {
                let verb = fault.message.starts_with("is ") || fault.message.starts_with("has ");
                let message = format!(
                    "`{}`{} {}",
                    self.name(key),
                    if verb { "" } else { ":" },
                    fault.message
                );
                let problem = self.error(fault.code, value.span(), message);
                self.report(match fault.suggestion {
                    Some(suggestion) => problem.suggest(suggestion),
                    None => problem,
                });
                None
            }
        }
    }

    /// A key that must be there; `example` is a value as it would be written.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        example: &str,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Option<Spanned<T>> {
        match self.ask(key) {
            Some(value) => self.judge(key, value, kind),
            None => {
                self.missing.push((key, format!("add `{key} = {example}`")));
                None
            }
        }
    }
    /// A key that may be there. `None` is also what a malformed one yields, which is reported.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Option<Spanned<T>> {
        let value = self.ask(key)?;
        self.judge(key, value, kind)
    }
    /// A list that must be there, with something in it; its good elements.
    pub fn required_list<T>(
        &mut self,
        key: &'static str,
        example: &str,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Option<Spanned<Vec<Spanned<T>>>> {
        let value = self.required(key, example, |v| match v {
            DeValue::Array(list) if list.is_empty() => {
                Err(Fault::new("empty-list", "is empty").suggest(format!("write `{key} = {example}`")))
            }
            _ => Ok(()),
        });
        value.and_then(|_| self.list(key, kind))
    }
    /// A list that may be there; its good elements.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Option<Spanned<Vec<Spanned<T>>>> {
        let value = self.ask(key)?;
        let Some(list) = value.get_ref().as_array() else {
            self.judge(key, value, |v| {
                Err::<T, _>(Fault::wrong_type("a list such as [\"…\"]", v))
            });
            return None;
        };
        let good = list
            .iter()
            .filter_map(|element| self.judge(key, element, &kind))
            .collect();
        Some(Spanned::new(value.span(), good))
    }
    /// A table that may be there, `[key]`.
    pub fn table<T>(
        &mut self,
        key: &'static str,
        schema: impl FnOnce(&mut Table<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = self.ask(key)?;
        self.judge(key, value, |v| table_only(key, v))?;
        self.descend(key, value, schema)
    }
    /// A table that must be there; where it is not, its own missing keys are not listed one by one.
    pub fn required_table<T>(
        &mut self,
        key: &'static str,
        schema: impl FnOnce(&mut Table<'t>) -> Option<T>,
    ) -> Option<T> {
        if self.table.get(key).is_none() {
            let header = self.name(key);
            self.asked.insert(key);
            self.missing.push((key, format!("add a section `[{header}]`")));
        }
        self.table(key, schema)
    }
    /// Tables `[[key]]`, none or more; those that could be read, with their headers' places.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        schema: impl Fn(&mut Table<'t>) -> Option<T>,
    ) -> Vec<Spanned<T>> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            let header = self.name(key);
            self.judge(key, value, |v| {
                let fault = Fault::wrong_type("a list of tables", v);
                Err::<T, _>(fault.suggest(format!("write `[[{header}]]` above each")))
            });
            return Vec::new();
        };
        let read = |element: &'t Spanned<DeValue<'t>>| {
            self.judge(key, element, |v| table_only(key, v))?;
            Some(Spanned::new(element.span(), self.descend(key, element, &schema)?))
        };
        list.iter().filter_map(read).collect()
    }
    /// The entries of a table whose keys are data, `[key]`: those that could be read, in the order of the keys. An entry
    /// may be a table itself where `is_value` says so.
    pub fn entries<T>(
        &mut self,
        key: &'static str,
        is_value: impl Fn(&DeTable<'_>) -> bool,
        kind: impl Fn(&DeValue<'_>) -> Result<T, Fault>,
    ) -> Vec<(Spanned<String>, Spanned<T>)> {
        let read = self.table(key, |table| {
            let mut entries = Vec::new();
            for (name, value) in table.table {
                let label = Spanned::new(name.span(), name.get_ref().to_string());
                let good = table.judge(name.get_ref(), value, |v| match v {
                    // `cash.unrestricted = 1` is a table `cash` to TOML.
                    DeValue::Table(below) if !is_value(below) => Err(Fault::new(
                        "wrong-type",
                        "is a table, and must be a single value",
                    )
                    .suggest(format!(
                        "a key with a dot in it needs quotes: \"{}.…\" = …",
                        name.get_ref()
                    ))),
                    other => kind(other),
                });
                entries.extend(good.map(|value| (label, value)));
            }
            table.asked.insert("*");
            Some(entries)
        });
        read.unwrap_or_default()
    }

    fn descend<T>(
        &self,
        key: &str,
        value: &'t Spanned<DeValue<'t>>,
        schema: impl FnOnce(&mut Table<'t>) -> Option<T>,
    ) -> Option<T> {
        let mut below = Table::new(
            self.sink,
            value.get_ref().as_table()?,
            self.name(key),
            value.span(),
        );
        let read = schema(&mut below);
        below.finish();
        read
    }

    /// Reports unknown keys and missing ones. A misspelt key is one mistake, not two.
    fn finish(mut self) {
        if self.asked.contains("*") {
            return;
        }
        let asked = self.asked.iter().copied().collect::<Vec<_>>();
        for (key, _) in self
            .table
            .iter()
            .filter(|(key, _)| !self.asked.contains(key.get_ref().as_ref()))
        {
            let name = key.get_ref();
            let of = if self.path.is_empty() {
                String::new()
            } else {
                format!(" of `{}`", self.path)
            };
            let problem = self.error("unknown-key", key.span(), format!("`{name}` is no key{of}"));
            let absent = asked
                .iter()
                .copied()
                .filter(|known| !self.table.contains_key(*known));
            let problem = match nearest(name, absent) {
                Some(known) => {
                    self.missing.retain(|(missing, _)| *missing != known);
                    problem.suggest(format!("did you mean `{known}`?"))
                }
                None => problem.suggest(format!("known keys are {}", asked.join(", "))),
            };
            self.report(problem);
        }
        for (key, remedy) in &self.missing {
            let problem = self.error(
                "missing-key",
                self.span(),
                format!("`{}` is missing", self.name(key)),
            );
            self.report(problem.suggest(remedy));
        }
    }
}

fn table_only(key: &str, value: &DeValue<'_>) -> Result<(), Fault> {
    match value {
        DeValue::Table(_) => Ok(()),
        other => Err(Fault::wrong_type("a table", other).suggest(format!("write a section `[{key}]`"))),
    }
}
