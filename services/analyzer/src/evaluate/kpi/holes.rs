//! What a KPI cannot know tonight: rows of an entity whose tables have a hole, and rows of one that never filled what the
//! KPI needs. The first are unknown, with the reason; the second are no rows.

use std::collections::BTreeMap;

use shared::{facts::Value, portfolio::Entity};

use super::{Night, Row};
use crate::{
    catalog::{self, entries::Grain},
    warehouse::holes::{Hole, relations, why, without},
};

/// The holes that concern a KPI: in tables it reads, of entities it is for.
pub fn of(night: &Night<'_>, entry: &catalog::Kpi) -> Vec<Hole> {
    let mut holes = night.warehouse.holes(entry.sql.get_ref());
    holes.retain(|hole| {
        hole.entity.as_deref().is_none_or(|id| {
            let mut entities = night.portfolio.entities.iter();
            entities.any(|e| e.id.as_str() == id && is_for(entry, e))
        })
    });
    holes
}

/// Whether a KPI is for a kind of business.
pub fn is_for(entry: &catalog::Kpi, entity: &Entity) -> bool {
    entry.kinds.is_empty() || entry.kinds.contains(&entity.kind)
}

/// Takes out what is not known, and says of the portfolio's row what it is without.
pub fn cut(
    night: &Night<'_>,
    entry: &catalog::Kpi,
    holes: &[Hole],
    rows: &mut BTreeMap<Option<String>, Row>,
) {
    // Only of what it reads itself: a view like `sales` takes from one table where an entity does not fill another.
    let direct = relations(entry.sql.get_ref());
    let unmet = |id: &str| {
        entry.needs.iter().any(|need| {
            let need = need.get_ref().as_str();
            let (table, column) = need.split_once('.').map_or((need, None), |(t, c)| (t, Some(c)));
            let fill = Some(table)
                .filter(|t| direct.contains(*t))
                .and_then(|t| night.warehouse.fill(t));
            fill.and_then(|f| f.of(id, column)) == Some(0)
        })
    };
    if entry.grain == Grain::Entity {
        rows.retain(|entity, _| entity.as_deref().is_none_or(|id| !unmet(id)));
        for entity in night.portfolio.entities.iter().filter(|e| is_for(entry, e)) {
            let id = entity.id.as_str();
            let key = Some(id.to_owned());
            let own: Vec<&Hole> = holes.iter().filter(|h| h.is_of(id)).collect();
            // Of a hole that may be anybody's, only those that have a row are unknown: the others may have nothing to do with it.
            let named = own.iter().any(|h| h.entity.is_some());
            if own.is_empty() || !(named || rows.contains_key(&key)) {
                continue;
            }
            let gap = why(own);
            let row = Row {
                value: Value::Null,
                n: None,
                note: Some(format!("unknown: {gap}")),
                gap: Some(gap),
            };
            rows.insert(key, row);
        }
    }
    let (Some(row), Some(without)) = (rows.get_mut(&None), without(holes, night.portfolio)) else {
        return;
    };
    row.note = Some(match (&row.value, row.note.take()) {
        (Value::Null, _) => format!("unknown: {without}"),
        (_, Some(note)) => format!("{note}; {without}"),
        (_, None) => without.clone(),
    });
    row.gap = Some(without);
}
