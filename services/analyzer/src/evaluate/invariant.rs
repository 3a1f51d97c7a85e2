//! Invariants: figures that reach readers by several ways, and must be the same by each. A broken one is a mistake of a query
//! or of the data beneath, and nobody can tell which of the two figures is right: the documents that show them are held.

use rust_decimal::Decimal;
use shared::facts::{InvariantResult, Status};

use super::{
    Night,
    needs::{applies, lacking},
    scopes::ask,
};
use crate::{catalog, engine::SqlError, in_order::in_order, warehouse::problem};

/// Differences of less than half a cent are rounding.
const ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// Broken comparisons that a reason names.
const NAMED: usize = 3;

/// Evaluates all invariants that apply, by id.
pub async fn evaluate(night: &Night<'_>) -> Vec<InvariantResult> {
    let entries = night.catalog.invariants.iter();
    let entries = entries.filter(|entry| applies(&entry.kinds, night.portfolio));
    in_order(entries.map(|entry| async move {
        let (status, reason) = match lacking(night, entry.needs.iter().map(|need| need.get_ref().as_str())) {
            Some(lack) => (Status::Unknown, format!("nothing to compare: {}", lack.detail)),
            None => one(night, entry).await.unwrap_or_else(|error| {
                let failed = problem(&entry.file, Some(entry.id.get_ref()), &error);
                night.warehouse.report(failed);
                (
                    Status::Unknown,
                    format!("cannot be decided: {}", error.in_one_line()),
                )
            }),
        };
        InvariantResult {
            fact: format!("invariant:{}", entry.id.get_ref()),
            title: entry.title.clone(),
            roles: entry.roles.clone(),
            status,
            reason,
        }
    }))
    .await
}

async fn one(night: &Night<'_>, entry: &catalog::Invariant) -> Result<(Status, String), SqlError> {
    let source = format!("invariant {}", entry.id.get_ref());
    let (mut equal, mut broken, mut unknown) = (0_usize, Vec::new(), 0_usize);
    let mut compared = Vec::new();
    for scope in ask(night, &source, entry.sql.get_ref()).await? {
        let rows = scope.answer.rows()?;
        let own = rows.rows.iter().filter(|row| scope.has_row(night, &rows, row));
        compared.extend(own.map(|row| {
            (
                rows.cell(row, "difference").clone(),
                rows.cell(row, "detail").clone(),
            )
        }));
    }
    for (difference, detail) in compared {
        let detail = detail.text().unwrap_or("no detail").to_owned();
        match difference.decimal() {
            None => unknown += 1,
            Some(difference) if difference.abs() < ROUNDING => equal += 1,
            Some(difference) => broken.push((difference.abs(), detail)),
        }
    }
    // The largest first; of equal ones in the order of the query.
    broken.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let named: Vec<&str> = broken
        .iter()
        .take(NAMED)
        .map(|(_, detail)| detail.as_str())
        .collect();
    Ok(match (broken.len(), equal, unknown) {
        (0, 0, _) => (Status::Unknown, "nothing to compare".to_owned()),
        (0, equal, 0) => (Status::Good, format!("{equal} compared, all equal")),
        (0, equal, unknown) => (
            Status::Unknown,
            format!("{equal} compared and equal, {unknown} not known"),
        ),
        (all, ..) if all > NAMED => (
            Status::Bad,
            format!("{}; and {} more", named.join("; "), all - NAMED),
        ),
        _ => (Status::Bad, named.join("; ")),
    })
}
