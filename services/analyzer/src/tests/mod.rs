//! Small nights made by hand: a portfolio, a few rows, a few entries, and what must come out.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::DataType,
};
use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, RunInfo},
    id::BusinessDate,
    portfolio::{Bundle, Portfolio},
};

use crate::{
    catalog::{Catalog, tables::schema},
    evaluate::{self, Night},
    history::History,
    report,
    warehouse::{LocalTable, Warehouse},
};

mod buckets;
mod check;
mod cost;
mod currencies;
mod decisions;
mod engine;
mod environment;
mod facts;
mod figures;
mod holes;
mod invariants;
mod inventory;
mod kept;
mod large;
mod manual;
mod nights;
mod outlook;
mod periods;
mod pipeline;
mod rates;
mod records;
mod restated;
mod shortfalls;
mod strange;

pub const DATE: &str = "2026-11-20";

const PORTFOLIO: &str = r#"
schema = 1
id = "small"
title = "Small"
timezone = "America/Los_Angeles"
currency = "USD"
[schedule]
at = "02:30"
mail_until_hours = 14
[mail]
from = "Quarterdeck <reports@example.com>"
archive = "archive@example.com"
unknown_policy = "hold"
[[entities]]
id = "boat"
title = "Boat"
kind = "charter"
stage = "operating"
owner = "ceo"
[[sources.dynamodb]]
table = "boat-trips"
entity = "boat"
core = true
attributes = ["on", "price", "state"]
[[documents]]
id = "ceo"
template = "ceo"
title = "CEO brief"
recipients = ["ceo@example.com"]
"#;

const SCHEMA: &str = r#"
[bookings]
doc = "Trips."
columns = { entity = "text", booked_on = "date", gross = "decimal", guests = "int", status = "text" }
values.status = ["booked", "completed"]
[leads]
doc = "Enquiries."
columns = { entity = "text", created_on = "date" }
[actions]
doc = "Tasks."
columns = { entity = "text", action = "text", title = "text", owner = "text", due_on = "date", done_on = "date", impact_monthly = "decimal", cost = "decimal", effort_days = "decimal" }
"#;

const COLLECTED: &str = r#"
[lambda_function]
columns = ["name", "entity", "url_auth"]
[inventory_gap]
columns = ["service", "region", "operation", "error", "concerns"]
[environment_value]
columns = ["source", "name", "value", "reason"]
[action_decision]
columns = ["seq", "id", "action", "state", "decided_on", "until", "reason", "decided_by", "rid"]
[handoff_lint]
columns = ["file", "entity", "line", "code", "message", "fix"]
"#;

pub const PIECE: &str = "select 'boat' as entity, day(\"on\") as booked_on, money(price) as gross, state as status from raw.boat_trips";

/// A rule that is about every business with less than $1,000 of sales.
pub const SALES_LOW: &str = r#"
[[shortfall]]
id = "sales.low"
title = "Low sales"
role = "cmo"
severity = "critical"
effort_days = 2
probability = 0.5
confidence = 0.5
remedy = "Sell."
due_days = 14
needs = ["bookings"]
sql = "select entity, concat('Only ', fmt_money(sum(gross))) as headline, 'bookings' as evidence, 1000 - sum(gross) as at_stake from bookings group by entity having sum(gross) < 1000"
"#;

/// A portfolio's folder: the settings above, more of them, and files of its catalog.
pub fn bundle(more: &str, files: &[(&str, &str)]) -> Bundle {
    let mut bundle = Bundle::default();
    bundle
        .0
        .insert("portfolio.toml".into(), format!("{PORTFOLIO}{more}"));
    for (path, text) in files {
        bundle.0.insert(format!("catalog/{path}"), (*text).to_owned());
    }
    bundle
}

/// That folder's portfolio.
pub fn portfolio(bundle: &Bundle) -> Portfolio {
    Portfolio::parse(bundle).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The folder's catalog over the small schema above, instead of over the built-in one.
pub fn files(bundle: &Bundle) -> CatalogFiles {
    let base = [
        ("catalog/schema.toml", SCHEMA),
        ("catalog/collected.toml", COLLECTED),
    ];
    CatalogFiles::layered(
        base.map(|(path, text)| (path.to_owned(), text.to_owned())).into(),
        bundle,
    )
}

/// A table of texts; `-` is NULL.
pub fn table(name: &str, columns: &[&str], rows: &[&[&str]]) -> LocalTable {
    let schema = schema(columns.iter().map(|c| (*c, DataType::Utf8)));
    let column = |at: usize| -> ArrayRef {
        Arc::new(StringArray::from_iter(
            rows.iter().map(|r| Some(r[at]).filter(|v| *v != "-")),
        ))
    };
    let batch = RecordBatch::try_new(schema, (0..columns.len()).map(column).collect()).unwrap();
    let columns = columns.iter().map(|c| (*c).to_owned()).collect();
    LocalTable {
        name: name.into(),
        collected: !name.contains('-'),
        columns,
        batches: vec![batch],
    }
}

/// Three trips: one price cannot be read, one date neither.
pub fn trips() -> LocalTable {
    let rows: &[&[&str]] = &[
        &["2026-11-01", "$1,000.50", "completed"],
        &["11/19/2026", "TBD", "booked"],
        &["soon", "200", "booked"],
    ];
    table("boat-trips", &["on", "price", "state"], rows)
}

/// A night over tables in memory.
pub async fn night(
    bundle: &Bundle,
    date: &str,
    tables: Vec<LocalTable>,
    previous: Option<&Analysis>,
) -> Analysis {
    night_of(&files(bundle), bundle, date, tables, previous).await
}

/// The same with the built-in catalog, under the folder's.
pub async fn built_in_night(
    bundle: &Bundle,
    date: &str,
    tables: Vec<LocalTable>,
    previous: Option<&Analysis>,
) -> Analysis {
    night_of(&CatalogFiles::of(bundle), bundle, date, tables, previous).await
}

async fn night_of(
    files: &CatalogFiles,
    bundle: &Bundle,
    date: &str,
    tables: Vec<LocalTable>,
    previous: Option<&Analysis>,
) -> Analysis {
    in_night(files, bundle, date, tables, previous, async |_, analysis| {
        analysis
    })
    .await
}

/// Something that is done with a night while its tables are there.
pub async fn in_night<T>(
    files: &CatalogFiles,
    bundle: &Bundle,
    date: &str,
    tables: Vec<LocalTable>,
    previous: Option<&Analysis>,
    then: impl AsyncFnOnce(&Night<'_>, Analysis) -> T,
) -> T {
    let portfolio = portfolio(bundle);
    let (catalog, problems) = Catalog::load(files);
    assert_eq!(problems, [], "the catalog is sound");
    let as_of: BusinessDate = date.parse().unwrap();
    let history = previous.map(|p| History::of(p).unwrap().before(as_of.0).unwrap());
    let history = Arc::new(history.unwrap_or_default());
    let warehouse = Warehouse::over(tables, &catalog, &portfolio, as_of, history)
        .await
        .unwrap();
    let night = Night {
        warehouse: &warehouse,
        catalog: &catalog,
        portfolio: &portfolio,
        as_of,
        previous,
    };
    let results = evaluate::evaluate(&night).await.unwrap();
    let run = RunInfo {
        id: format!("small.{date}"),
        portfolio: "small".into(),
        title: "Small".into(),
        business_date: as_of.0,
        tz: portfolio.timezone.clone(),
        currency: "USD".into(),
        as_of: "2026-11-21T10:30:00Z".parse().unwrap(),
        generation: 0,
        snapshot_sha256: String::new(),
        catalog_sha256: files.digest().to_string(),
        previous_run: previous.map(|a| a.run.id.clone()),
    };
    let analysis = report::analysis(&night, run, Vec::new(), results).await.unwrap();
    then(&night, analysis).await
}

/// An entity for `bundle`'s settings.
pub fn entity(id: &str, kind: &str) -> String {
    format!(
        "[[entities]]\nid = \"{id}\"\ntitle = \"The {id}\"\nkind = \"{kind}\"\nstage = \"operating\"\nowner = \"ceo\"\n"
    )
}

/// A piece of a built-in table with its rows in it: `columns` and each row's cells apart by spaces, `-` is NULL.
pub fn rows(table: &str, columns: &str, cells: &[&str]) -> (String, String) {
    let (catalog, _) = Catalog::load(&CatalogFiles::of(&Bundle::default()));
    let known = &catalog.canonical[table].columns;
    let names: Vec<&str> = columns.split_whitespace().collect();
    let read = names.iter().map(|name| {
        let (_, kind) = known.iter().find(|(known, _)| known == name).expect(name);
        match kind.reader() {
            Some(reader) => format!("{reader}({name}) as {name}"),
            None => (*name).to_owned(),
        }
    });
    let value = |cell: &str| match cell {
        "-" => "cast(null as varchar)".to_owned(),
        text => format!("'{text}'"),
    };
    let row = |row: &&str| {
        let cells: Vec<String> = row.split_whitespace().map(value).collect();
        assert_eq!(cells.len(), names.len(), "{row}");
        format!("({})", cells.join(", "))
    };
    let sql = format!(
        "select {} from (values {}) as t ({})",
        read.collect::<Vec<_>>().join(", "),
        cells.iter().map(row).collect::<Vec<_>>().join(", "),
        names.join(", ")
    );
    (format!("views/{table}.rows.sql"), sql)
}

/// Its value as text: dollars, a number, or `-`.
pub fn value(analysis: &Analysis, fact: &str) -> String {
    let kpi = analysis.kpis.iter().find(|k| k.fact == format!("kpi:{fact}"));
    match kpi.map(|k| (&k.value, k)) {
        None => "no such fact".into(),
        Some((shared::facts::Value::Null, _)) => "-".into(),
        Some((value, k)) => crate::functions::format::value(value, k.unit),
    }
}

/// Why a KPI is missing.
pub fn lack(analysis: &Analysis, id: &str) -> String {
    let missing = analysis.missing_kpis.iter().find(|m| m.id == id);
    missing.map_or_else(|| "not missing".into(), |m| m.detail.clone())
}

/// A model's heading, and how it stands.
pub fn says(analysis: &Analysis, model: &str) -> String {
    let model = &analysis.models[model];
    let headline = model.headline.as_deref().or(model.reason.as_deref());
    format!("{:?}: {}", model.status, headline.unwrap_or("nothing"))
}
