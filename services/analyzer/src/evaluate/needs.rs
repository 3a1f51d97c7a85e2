//! Whether an entry can be computed at all: `needs`, and the kinds of business it is for.

use shared::{facts::MissingReason, portfolio::Portfolio};

use super::Night;
use crate::warehouse::canonical::why_empty;

/// What an entry lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// What kind of gap.
    pub reason: MissingReason,
    /// In words, with table and field.
    pub detail: String,
}

/// Whether the portfolio has a business of one of these kinds; none given means any.
pub fn applies(kinds: &[String], portfolio: &Portfolio) -> bool {
    kinds.is_empty() || portfolio.entities.iter().any(|e| kinds.contains(&e.kind))
}

/// The first of an entry's needs that is not met: a table without rows, a column without a value.
pub fn lacking<'a>(night: &Night<'_>, needs: impl IntoIterator<Item = &'a str>) -> Option<Lack> {
    needs.into_iter().find_map(|need| {
        let (table, column) = need.split_once('.').map_or((need, None), |(t, c)| (t, Some(c)));
        let Some(fill) = night.warehouse.fill(table) else {
            let why = why_empty(table, night.catalog, &night.warehouse.problems());
            return Some(Lack {
                reason: MissingReason::NoTable,
                detail: why,
            });
        };
        if fill.rows == 0 {
            let why = why_empty(table, night.catalog, &night.warehouse.problems());
            return Some(Lack {
                reason: MissingReason::NoTable,
                detail: why,
            });
        }
        let column = column?;
        match fill.values.get(column) {
            Some(0) => {
                let detail = format!("{table}.{column} is empty in all {} rows", fill.rows);
                Some(Lack {
                    reason: MissingReason::NoColumn,
                    detail,
                })
            }
            None => Some(Lack {
                reason: MissingReason::NoColumn,
                detail: format!("there is no column {need}"),
            }),
            Some(_) => None,
        }
    })
}

/// The first collected table of a check that did not come, or other table that is empty: then nothing can be said of any
/// resource. A collected table that came without rows is an answer: there are no such resources.
pub fn unseen<'a>(night: &Night<'_>, needs: impl IntoIterator<Item = &'a str>) -> Option<String> {
    needs.into_iter().find_map(|need| {
        let table = need.split('.').next().unwrap_or(need);
        match night.warehouse.was_collected(table) {
            Some(true) => None,
            Some(false) => Some(format!("table {table} was not collected")),
            None => lacking(night, [need]).map(|lack| lack.detail),
        }
    })
}
