//! The catalog, parsed: what is computed in a night, as data. The format is docs/CATALOG.md.
//!
//! Start at [`Catalog::load`]. [`entries`] has the types as the TOML files hold them, [`file`] reads one file with the
//! places of everything in it, [`tables`] the canonical and the collected tables, [`money`] what is money in them; [`editors`] tells editors of the format.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    catalog::{CatalogFile, CatalogFiles, Layer},
    portfolio::Parameter,
    problem::{Problem, nearest},
};

pub mod editors;
pub mod entries;
pub mod file;
pub mod money;
pub mod tables;

pub use entries::{Absent, Check, Invariant, Kpi, Model, ModelColumn, Period, Series, Shortfall, Sql};
pub use money::Money;
pub use tables::{CanonicalTable, ColumnType};

/// A view piece or a derived view: one SQL file.
#[derive(Debug, Clone)]
pub struct SqlFile {
    /// Path.
    pub path: String,
    /// The table that a piece is of, or the name of the derived view.
    pub name: String,
    /// The query.
    pub sql: String,
}

/// Everything that a night computes.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// What views map to, by name.
    pub canonical: BTreeMap<String, CanonicalTable>,
    /// What the collector makes: columns, by table.
    pub collected: BTreeMap<String, Vec<String>>,
    /// Columns of a collected table that together are of one row only, where the table says which.
    pub collected_keys: BTreeMap<String, Vec<String>>,
    /// Parameters and their defaults.
    pub parameters: BTreeMap<String, Parameter>,
    /// Pieces of canonical tables, by path.
    pub pieces: Vec<SqlFile>,
    /// Shared views, in order.
    pub derived: Vec<SqlFile>,
    /// By id.
    pub kpis: Vec<Kpi>,
    /// By id.
    pub shortfalls: Vec<Shortfall>,
    /// By id.
    pub checks: Vec<Check>,
    /// By id.
    pub series: Vec<Series>,
    /// By id.
    pub models: Vec<Model>,
    /// By id.
    pub invariants: Vec<Invariant>,
}

impl Catalog {
    /// Reads all files. What is wrong is a problem with its place; the entry that it is in is left out, the others stand.
    pub fn load(files: &CatalogFiles) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let canonical = tables::canonical(files, &mut problems);
        let (collected, collected_keys) = tables::collected(files, &mut problems);
        let catalog = Self {
            pieces: pieces(files, &canonical, &mut problems),
            collected,
            collected_keys,
            parameters: tables::parameters(files, &mut problems),
            derived: derived(files),
            kpis: merged(files, "catalog/kpis/", &mut problems),
            shortfalls: merged(files, "catalog/shortfalls/", &mut problems),
            checks: merged(files, "catalog/checks/", &mut problems),
            series: merged(files, "catalog/series/", &mut problems),
            models: merged(files, "catalog/models/", &mut problems),
            invariants: merged(files, "catalog/invariants/", &mut problems),
            canonical,
        };
        problems.extend(unread(files));
        (catalog, problems)
    }

    /// Names that `needs` may hold before a dot.
    pub fn table_names(&self) -> Vec<String> {
        let derived = self.derived.iter().map(|d| &d.name);
        self.canonical
            .keys()
            .chain(self.collected.keys())
            .chain(derived)
            .cloned()
            .collect()
    }
}

/// Folders of the catalog and what is read in them.
const FOLDERS: [(&str, &str); 10] = [
    ("kpis", ".toml"),
    ("shortfalls", ".toml"),
    ("checks", ".toml"),
    ("series", ".toml"),
    ("models", ".toml"),
    ("invariants", ".toml"),
    ("documents", ".toml"),
    ("views", ".sql"),
    ("derived", ".sql"),
    ("templates", ""),
];
/// Files beside them.
const FILES: [&str; 3] = ["schema.toml", "collected.toml", "parameters.toml"];

/// A portfolio's files that nothing reads: a folder's name with a slip of the pen would be ignored without a word.
fn unread(files: &CatalogFiles) -> Vec<Problem> {
    let own = files
        .layers("catalog/", "")
        .filter(|file| file.layer == Layer::Own);
    let unread = own.filter_map(|file| {
        let path = file.path.strip_prefix("catalog/")?;
        let (folder, name) = path.split_once('/').unwrap_or(("", path));
        let read = match FOLDERS.iter().find(|(known, _)| *known == folder) {
            Some((_, suffix)) => name.ends_with(suffix),
            None => folder.is_empty() && FILES.contains(&name),
        };
        if read {
            return None;
        }
        let problem = Problem::warning("unread-file", file.path, "nothing reads this file");
        let folders = FOLDERS.iter().map(|(folder, _)| *folder);
        Some(match FOLDERS.iter().find(|(known, _)| *known == folder) {
            Some((_, suffix)) => problem.suggest(format!("files of {folder}/ end in {suffix}")),
            None => match nearest(folder, folders) {
                Some(near) => problem.suggest(format!("did you mean catalog/{near}/{name}?")),
                None => problem.suggest("see docs/CATALOG.md for the folders"),
            },
        })
    });
    unread.collect()
}

/// Entries of a kind by id, the portfolio's in place of the built-in ones.
fn merged<E: file::Entry>(files: &CatalogFiles, folder: &str, problems: &mut Vec<Problem>) -> Vec<E> {
    let mut entries: BTreeMap<String, (Layer, E)> = BTreeMap::new();
    for file in files.layers(folder, ".toml") {
        for entry in file::entries::<E>(file, problems) {
            let id = entry.id().get_ref().clone();
            if let Some((Layer::Own | Layer::BuiltIn, first)) =
                entries.get(&id).filter(|(l, _)| *l == file.layer)
            {
                problems.push(duplicate(files, file, &entry, first));
                continue;
            }
            entries.insert(id, (file.layer, entry));
        }
    }
    entries.into_values().map(|(_, entry)| entry).collect()
}

fn duplicate<E: file::Entry>(files: &CatalogFiles, file: CatalogFile<'_>, entry: &E, first: &E) -> Problem {
    let (id, span) = (entry.id().get_ref(), entry.id().span());
    let problem = Problem::error(
        "duplicate-id",
        file.path,
        format!("{} {id:?} is defined twice", E::KIND),
    )
    .at(file.text, span)
    .suggest("rename or remove one of them");
    match files.get(first.file()) {
        Some(text) => problem.related(first.file(), text, first.id().span(), "first defined here"),
        None => problem,
    }
}

fn pieces(
    files: &CatalogFiles,
    canonical: &BTreeMap<String, CanonicalTable>,
    problems: &mut Vec<Problem>,
) -> Vec<SqlFile> {
    let mut pieces = Vec::new();
    for file in files.merged("catalog/views/", ".sql") {
        let table = file.stem().split('.').next().unwrap_or_default();
        if canonical.contains_key(table) {
            pieces.push(SqlFile {
                path: file.path.into(),
                name: table.into(),
                sql: file.text.into(),
            });
            continue;
        }
        let names: Vec<String> = canonical.keys().cloned().collect();
        let problem = Problem::error(
            "unknown-table",
            file.path,
            format!("there is no canonical table {table:?}"),
        );
        let near = crate::engine::error::suggest(table, &names).unwrap_or_default();
        problems.push(problem.suggest(format!("name the file <table>.<piece>.sql; {near}")));
    }
    pieces
}

fn derived(files: &CatalogFiles) -> Vec<SqlFile> {
    let numberless = |stem: &str| {
        stem.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
            .to_owned()
    };
    let files = files.merged("catalog/derived/", ".sql");
    files
        .iter()
        .map(|f| SqlFile {
            path: f.path.into(),
            name: numberless(f.stem()),
            sql: f.text.into(),
        })
        .collect()
}

impl Catalog {
    /// All ids of entries, with their kind, as fact ids without an entity.
    pub fn fact_ids(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        ids.extend(self.kpis.iter().map(|k| format!("kpi:{}", k.id.get_ref())));
        ids.extend(
            self.shortfalls
                .iter()
                .map(|s| format!("shortfall:{}", s.id.get_ref())),
        );
        ids.extend(self.checks.iter().map(|c| format!("check:{}", c.id.get_ref())));
        ids.extend(self.series.iter().map(|s| format!("day:{}", s.id.get_ref())));
        ids.extend(self.models.iter().map(|m| format!("model:{}", m.id.get_ref())));
        ids.extend(
            self.invariants
                .iter()
                .map(|i| format!("invariant:{}", i.id.get_ref())),
        );
        ids
    }
}
