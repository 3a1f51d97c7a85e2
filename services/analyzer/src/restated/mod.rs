//! Which rows of the past changed, where a KPI has another value for the same days than it had the night before.
//!
//! Start at [`name_rows`]. Most nights restate nothing, and then nothing is read. Else the tables that the restated figures are
//! made of are had once more from both snapshots, one table at a time and when the night's own warehouse is gone, by the same
//! catalog and the same `$as_of`, so that what differs is what was collected. [`compare`] finds the rows that differ, [`shape`]
//! says what may be shown of them, [`words`] tells them. Nothing here fails a night: what cannot be compared is said.
//!
//! A row concerns a figure if it is of a table that the figure is made of, of its entity or of none, and not dated after its days
//! only. An earlier day may count too, in a balance; so it is named, but after those within the days.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::Date;
use shared::{
    facts::{Analysis, Change, ChangeKind, Restated, RestatedRow, RowChange, Unit},
    manifest::PartManifest,
    objects::{ObjectError, Objects},
    portfolio::Portfolio,
};

use crate::{
    catalog::Catalog,
    snapshot::Snapshot,
    warehouse::{
        Hole, OneTable, RATES, TableError,
        holes::{self, tables_behind},
    },
};

mod compare;
mod shape;
mod words;

use shape::{Differ, Shape};

/// Rows named of a change.
const NAMED: usize = 5;

/// Adds to each restated figure of the analysis which rows behind it are not what they were.
pub async fn name_rows(
    objects: &Objects,
    catalog: &Catalog,
    portfolio: &Portfolio,
    snapshot: &Snapshot,
    analysis: &mut Analysis,
) {
    let mut figures = figures(catalog, portfolio, analysis);
    let Some(previous) = snapshot.previous.as_ref().filter(|_| !figures.is_empty()) else {
        return;
    };
    // Of the same data only the catalog can have made another figure.
    if previous.run.snapshot_sha256 != analysis.run.snapshot_sha256 {
        let nights = Nights {
            objects,
            catalog,
            portfolio,
            snapshot,
        };
        nights.compare(&mut figures).await;
    }
    let same_catalog = previous.run.catalog_sha256 == analysis.run.catalog_sha256;
    let title = |id: &str| {
        let entity = portfolio.entities.iter().find(|e| e.id.as_str() == id);
        entity.map(|e| e.title.clone())
    };
    for change in analysis.changes.iter_mut().filter(|change| is_restated(change)) {
        let Some(figure) = figures.remove(&change.fact) else {
            continue;
        };
        let restated = figure.restated();
        let search = words::Search {
            tables: &figure.tables,
            differ_in: &figure.differ_in,
            until: figure.days.1,
            of_one: figure.entity.is_some(),
            same_catalog,
        };
        // Whose figure it is has been said.
        let whose = |id: &str| change.entity.is_none().then(|| title(id)).flatten();
        let rows = words::of(&restated, &search, whose);
        change.text = format!("{}: {rows}", change.text);
        change.restated = Some(restated);
    }
}

fn is_restated(change: &Change) -> bool {
    change.kind == ChangeKind::Restated
}

/// The figures that were restated, by fact.
fn figures(catalog: &Catalog, portfolio: &Portfolio, analysis: &Analysis) -> BTreeMap<String, Figure> {
    let converts = portfolio
        .entities
        .iter()
        .any(|e| e.currency != portfolio.currency);
    let restated = analysis.changes.iter().filter(|change| is_restated(change));
    let figure = |change: &Change| {
        let kpi = analysis.kpis.iter().find(|kpi| kpi.fact == change.fact)?;
        let entry = catalog.kpis.iter().find(|entry| *entry.id.get_ref() == kpi.id)?;
        let period = kpi.period.as_ref()?;
        let mut tables = tables_behind(entry.sql.get_ref(), catalog);
        let is_money = |name: &String| {
            catalog
                .canonical
                .get(name)
                .is_some_and(|table| table.money.is_some())
        };
        let may_convert = matches!(kpi.unit, Unit::Money | Unit::Ratio) && tables.iter().any(is_money);
        if converts && kpi.entity.is_none() && may_convert {
            tables.insert(RATES.to_owned());
        }
        let mut unknown = BTreeSet::new();
        tables.retain(|name| {
            let is_keyed = catalog.collected_keys.contains_key(name);
            if catalog.collected.contains_key(name) && !is_keyed {
                unknown.insert(format!("rows of {name} have no key, and are not compared"));
            }
            catalog.canonical.contains_key(name) || is_keyed
        });
        let figure = Figure {
            entity: kpi.entity.clone(),
            days: (period.from, period.to),
            tables,
            rows: Vec::new(),
            all: 0,
            differ_in: BTreeSet::new(),
            unknown,
        };
        Some((change.fact.clone(), figure))
    };
    restated.filter_map(figure).collect()
}

/// A restated figure, and what is found of it.
struct Figure {
    entity: Option<String>,
    /// The first and the last of its days.
    days: (Date, Date),
    tables: BTreeSet<String>,
    /// Those that are named, in order.
    rows: Vec<(Rank, RestatedRow)>,
    all: u64,
    differ_in: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

/// In which order rows are named.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    outside: bool,
    weight: Reverse<i64>,
    table: String,
    key: Option<String>,
    entity: Option<String>,
    day: Option<Date>,
    what: RowChange,
    /// Rows without a key differ in what is shown of them, or not at all.
    rest: String,
}

impl Figure {
    fn concerns(&self, differ: &Differ) -> bool {
        let owner = &differ.row.entity;
        let own = match &self.entity {
            None => true,
            Some(_) => *owner == self.entity || (owner.is_none() && !differ.is_strangers),
        };
        own && (differ.days.is_empty() || differ.days.iter().any(|day| *day <= self.days.1))
    }

    /// What of a table differs; nothing, if rows of this figure may be missing on one of the nights.
    fn look_at(&mut self, table: &str, found: &Found) {
        let mut is_whole = true;
        for (holes, when) in [
            (&found.holes_before, "was not whole the night before"),
            (&found.holes_now, "is not whole tonight"),
        ] {
            let is_of = |hole: &&Hole| self.entity.as_deref().is_none_or(|e| hole.is_of(e));
            let holes: Vec<&Hole> = holes.iter().filter(is_of).collect();
            if !holes.is_empty() {
                let why = holes::why(holes);
                self.unknown.insert(format!("{table} {when}: {why}"));
                is_whole = false;
            }
        }
        if is_whole {
            found.differ.iter().for_each(|row| self.add(row));
        }
    }

    fn add(&mut self, differ: &Differ) {
        if !self.concerns(differ) {
            return;
        }
        let row = &differ.row;
        self.all += 1;
        self.differ_in.insert(row.table.clone());
        if !differ.can_be_named() {
            return;
        }
        let rank = Rank {
            outside: !differ
                .days
                .iter()
                .any(|day| (self.days.0..=self.days.1).contains(day)),
            weight: Reverse(differ.weight),
            table: row.table.clone(),
            key: row.key.clone(),
            entity: row.entity.clone(),
            day: row.day,
            what: row.what,
            rest: format!("{:?} {:?}", row.columns, row.unshown),
        };
        let at = self.rows.partition_point(|(known, _)| *known <= rank);
        if at < NAMED {
            self.rows.insert(at, (rank, row.clone()));
            self.rows.truncate(NAMED);
        }
    }

    fn restated(&self) -> Restated {
        let unknown: Vec<&str> = self.unknown.iter().map(String::as_str).collect();
        Restated {
            rows: self.rows.iter().map(|(_, row)| row.clone()).collect(),
            more: self.all - self.rows.len() as u64,
            unknown: (!unknown.is_empty()).then(|| unknown.join("; ")),
        }
    }
}

/// What of a table differs, and what it lacks.
#[derive(Default)]
struct Found {
    differ: Vec<Differ>,
    holes_before: Vec<Hole>,
    holes_now: Vec<Hole>,
}

/// What both nights are read from.
struct Nights<'a> {
    objects: &'a Objects,
    catalog: &'a Catalog,
    portfolio: &'a Portfolio,
    snapshot: &'a Snapshot,
}

impl Nights<'_> {
    async fn compare(&self, figures: &mut BTreeMap<String, Figure>) {
        let now: Vec<PartManifest> = self.snapshot.manifests.iter().map(|(m, _)| m.clone()).collect();
        let before = match self.snapshot.manifests_before(self.objects).await {
            Ok(before) => before,
            Err(error) => {
                let why = lost(&error);
                figures
                    .values_mut()
                    .for_each(|f| _ = f.unknown.insert(why.clone()));
                return;
            }
        };
        let tables: BTreeSet<String> = figures.values().flat_map(|f| f.tables.clone()).collect();
        for table in tables {
            let found = self.one(&before, &now, &table).await;
            for figure in figures.values_mut().filter(|f| f.tables.contains(&table)) {
                match &found {
                    Ok(found) => figure.look_at(&table, found),
                    Err(why) => _ = figure.unknown.insert(why.clone()),
                }
            }
        }
    }

    /// The rows of a table that differ, and what it lacks on either night; or why nobody knows.
    async fn one(&self, before: &[PartManifest], now: &[PartManifest], table: &str) -> Result<Found, String> {
        let Some(shape) = Shape::of(table, self.catalog, self.portfolio) else {
            return Ok(Found::default());
        };
        let before = self.open(before, table).await.map_err(|error| match error {
            TableError::TooLarge => too_large(table),
            TableError::Open(error) => lost(&error.into()),
        })?;
        let now = self.open(now, table).await.map_err(|error| match error {
            TableError::TooLarge => too_large(table),
            TableError::Open(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                tracing::warn!(table, error, "the night's own rows cannot be read again");
                format!("the rows of {table} cannot be read again to compare")
            }
        })?;
        let (before, now) = match (before, now) {
            (Some(before), Some(now)) => (before, now),
            (None, None) => return Ok(Found::default()),
            (None, Some(_)) => return Err(format!("{table} was not collected the night before")),
            (Some(_), None) => return Err(format!("{table} was not collected tonight")),
        };
        match compare::differing(&now.schema, &before.rows, &now.rows) {
            Ok(Some(differing)) => Ok(Found {
                differ: shape.differ(differing),
                holes_before: before.holes,
                holes_now: now.holes,
            }),
            Ok(None) => Err(format!(
                "more than {} rows of {table} are not as before",
                compare::MOST
            )),
            Err(error) => {
                tracing::warn!(table, error = error.in_one_line(), "rows cannot be compared");
                Err(format!("the rows of {table} cannot be compared"))
            }
        }
    }

    /// By tonight's `$as_of` on both nights: what a view makes of the calendar is no change of the past.
    async fn open(&self, manifests: &[PartManifest], table: &str) -> Result<Option<OneTable>, TableError> {
        let as_of = self.snapshot.run.date();
        let (objects, catalog) = (self.objects, self.catalog);
        OneTable::open(objects, manifests, catalog, self.portfolio, as_of, table).await
    }
}

fn too_large(table: &str) -> String {
    format!("{table} is too large to be compared row by row")
}

/// Why the night before cannot be compared with.
fn lost(error: &anyhow::Error) -> String {
    tracing::warn!(
        error = format!("{error:#}"),
        "the rows of the night before cannot be read"
    );
    let mut objects = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<ObjectError>());
    if objects.any(ObjectError::is_not_found) {
        "the rows of the night before are no longer there to compare".to_owned()
    } else {
        "the rows of the night before cannot be read to compare".to_owned()
    }
}
