//! `[[sources.dynamodb]]`: which table, and how it is read.

use toml::Spanned;

use super::{
    kinds::{path, region, role, table},
    sections::{Linked, keep},
};
use crate::{
    id::EntityId,
    portfolio::{ReadFrom, TableQuery, TableSource},
    problem::{
        kinds::{boolean, line, parsed, whole},
        reader::Table,
    },
};

/// The most read units that an account's tables have in a region unless AWS was asked for more.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
const MOST_UNITS: i64 = 80_000;

pub(super) fn dynamodb(t: &mut Table<'_>) -> Option<Linked<TableSource>> {
    let name = t.required("table", "\"jada-calendar\"", table);
    let entity = t.optional("entity", parsed::<EntityId>("bad-id"));
    let core = t.optional("core", boolean).is_some_and(Spanned::into_inner);
    let mut attributes = texts(t, "attributes");
    let project = texts(t, "project");
    for name in &project {
        if !attributes.contains(name) {
            attributes.push(name.clone());
        }
    }
    let region = t.optional("region", region);
    let role = t.optional("role", role);
    let units = t.optional("read_units_per_second", whole(1, MOST_UNITS));
    let queries = t.has("query");
    let query = t.table("query", query);
    let export = t.optional("export", path);
    if let Some(export) = &export {
        let live = [("query", queries), ("read_units_per_second", units.is_some())];
        for (key, _) in live.iter().filter(|(_, is_there)| *is_there) {
            let message = format!("`export` is read from the bucket, so `{key}` would mean nothing");
            let problem = t.error("contradiction", export.span(), message);
            t.report(problem.suggest(format!("take `{key}` or `export` away")));
        }
    }
    let name = name?;
    let from = match (export, query) {
        (Some(export), _) => ReadFrom::Export(export.into_inner()),
        (None, Some(query)) => ReadFrom::Query(query),
        (None, None) => ReadFrom::Scan,
    };
    Some(Linked {
        id: keep(&name),
        entity: entity.as_ref().map(keep),
        template: None,
        value: Some(TableSource {
            table: name.into_inner(),
            entity: entity.map(Spanned::into_inner),
            core,
            attributes,
            project,
            from,
            region: region.map(Spanned::into_inner),
            role: role.map(Spanned::into_inner),
            read_units_per_second: units.and_then(|units| u32::try_from(units.into_inner()).ok()),
        }),
    })
}

fn query(t: &mut Table<'_>) -> Option<TableQuery> {
    let index = t.required("index", "\"by-date\"", line);
    let date = t.required("date", "\"charter_date\"", line);
    let days = t.required("days", "90", whole(1, 3660));
    let ahead = t.optional("days_ahead", whole(0, 3660));
    let partition = t.optional("partition", line);
    let values = texts(t, "values");
    if partition.is_some() == values.is_empty() {
        let message = "`partition` names the index's partition key and `values` what to ask it for: one without the other means nothing";
        let span = partition.as_ref().map_or_else(|| t.span(), Spanned::span);
        let problem = t.error("contradiction", span, message);
        t.report(problem.suggest("write both, or neither where the partition key is the day itself"));
    }
    Some(TableQuery {
        index: index?.into_inner(),
        date: date?.into_inner(),
        partition: partition.map(|name| (name.into_inner(), values)),
        days: days?.into_inner(),
        days_ahead: ahead.map_or(0, Spanned::into_inner),
    })
}

fn texts(t: &mut Table<'_>, key: &'static str) -> Vec<String> {
    let list = t.list(key, line).map(Spanned::into_inner).unwrap_or_default();
    list.into_iter().map(Spanned::into_inner).collect()
}
