//! The rows behind a restated figure in words: the end of a change's sentence.

use std::collections::BTreeSet;

use jiff::civil::Date;
use shared::facts::{Restated, RestatedColumn, RestatedRow, RowChange, Unit, Value};

use crate::functions::format;

/// Columns of a row that are told; analysis.json has all.
const COLUMNS: usize = 2;

/// What was looked through for a figure.
pub struct Search<'a> {
    /// The tables that it is made of.
    pub tables: &'a BTreeSet<String>,
    /// Those of them that rows differ in.
    pub differ_in: &'a BTreeSet<String>,
    /// The last of its days.
    pub until: Date,
    /// Whether it is one business's: rows of others were not looked at.
    pub of_one: bool,
    /// Whether catalog and settings are those of the night before.
    pub same_catalog: bool,
}

/// `bookings B-17 gross was $100.00 and is $150.00; 2 rows more`. `title`: an entity's, where it is to be said.
pub fn of(restated: &Restated, search: &Search<'_>, title: impl Fn(&str) -> Option<String>) -> String {
    let mut parts: Vec<String> = restated.rows.iter().map(|row| sentence(row, &title)).collect();
    let rows = |n: u64| match n {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    };
    match (restated.more, parts.is_empty()) {
        (0, _) => {}
        (more, false) => parts.push(format!("{} more", rows(more))),
        (more, true) => {
            let verb = if more == 1 { "is" } else { "are" };
            let tables = list(search.differ_in);
            parts.push(format!("{} of {tables} {verb} not as before", rows(more)));
        }
    }
    parts.extend(restated.unknown.clone());
    if parts.is_empty() {
        return nothing(search);
    }
    if !search.same_catalog {
        parts.push("the catalog or the settings have changed too".to_owned());
    }
    parts.join("; ")
}

/// Later rows may be behind it all the same: a payment of this month for an invoice of the last.
fn nothing(search: &Search<'_>) -> String {
    let other = if search.same_catalog {
        ""
    } else {
        ", the catalog or the settings have"
    };
    if search.tables.is_empty() {
        return format!("it is made of no collected row that could have changed{other}");
    }
    let (tables, until) = (list(search.tables), format::day(search.until));
    let whose = if search.of_one {
        " of this business or of none"
    } else {
        ""
    };
    format!("no row of {tables}{whose} up to {until} has changed{other}")
}

fn list(tables: &BTreeSet<String>) -> String {
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    tables.join(", ")
}

fn sentence(row: &RestatedRow, title: &impl Fn(&str) -> Option<String>) -> String {
    let mut what = match &row.key {
        Some(key) => format!("{} {key}", row.table),
        None => format!("a row of {}", row.table),
    };
    if let Some(title) = row.entity.as_deref().and_then(title) {
        what += &format!(" ({title})");
    }
    // A key says which row it is, and of one that is still there the day is to be looked up.
    if let Some(day) = row
        .day
        .filter(|_| row.key.is_none() || row.what != RowChange::Changed)
    {
        what += &format!(" of {}", format::day(day));
    }
    match row.what {
        RowChange::Added => format!("{what} is new{}", amount(row, |c| &c.after)),
        RowChange::Removed => format!("{what} is gone{}", amount(row, |c| &c.before)),
        RowChange::Changed => format!("{what} {}", changes(row)),
    }
}

/// The first amount of a row that came or went, or else its first number.
fn amount(row: &RestatedRow, value: impl Fn(&RestatedColumn) -> &Value) -> String {
    let first = |is_it: fn(&RestatedColumn) -> bool| row.columns.iter().find(|c| is_it(c));
    let money = first(|c| c.unit == Unit::Money);
    let number = || first(|c| matches!(c.unit, Unit::Number | Unit::Ratio));
    money.or_else(number).map_or_else(String::new, |column| {
        let shown = format::value(value(column), column.unit);
        format!(", {} {shown}", words(&column.column))
    })
}

fn changes(row: &RestatedRow) -> String {
    let known = row.columns.iter().map(change);
    let unknown = row.unshown.iter().map(|name| format!("{} changed", words(name)));
    let all: Vec<String> = known.chain(unknown).collect();
    let told = all.iter().take(COLUMNS).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(COLUMNS) {
        0 => told,
        1 => format!("{told} and 1 column more"),
        more => format!("{told} and {more} columns more"),
    }
}

fn change(column: &RestatedColumn) -> String {
    let shown = |value: &Value| match value {
        Value::Null => "empty".to_owned(),
        value => format::value(value, column.unit),
    };
    let exact = |value: &Value| {
        let money = value.as_money();
        money.map_or_else(|| shown(value), |m| format!("{} {}", m.currency, m.to_decimal()))
    };
    let name = words(&column.column);
    let (mut before, mut after) = (shown(&column.before), shown(&column.after));
    if before == after {
        // Large amounts are shown without their cents, which are all that changed.
        (before, after) = (exact(&column.before), exact(&column.after));
    }
    if before == after {
        return format!("{name} changed by less than is shown");
    }
    format!("{name} was {before} and is {after}")
}

/// A column's name as a word: `booked_on` is `booked on`.
fn words(column: &str) -> String {
    column.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64) -> Value {
        Value::Money {
            minor,
            currency: "USD".into(),
        }
    }

    fn column(name: &str, before: Value, after: Value) -> RestatedColumn {
        RestatedColumn {
            column: name.into(),
            unit: Unit::Money,
            before,
            after,
        }
    }

    fn row(key: Option<&str>, what: RowChange, columns: Vec<RestatedColumn>) -> RestatedRow {
        RestatedRow {
            table: "bookings".into(),
            key: key.map(str::to_owned),
            entity: Some("boat".into()),
            day: Some("2026-10-05".parse().unwrap()),
            what,
            columns,
            unshown: Vec::new(),
        }
    }

    fn told(rows: Vec<RestatedRow>, more: u64) -> String {
        let restated = Restated {
            rows,
            more,
            unknown: None,
        };
        said(&restated, &["bookings"], true)
    }

    fn said(restated: &Restated, tables: &[&str], same_catalog: bool) -> String {
        let tables = tables.iter().map(|table| (*table).to_owned()).collect();
        let search = Search {
            tables: &tables,
            differ_in: &tables,
            until: "2026-10-31".parse().unwrap(),
            of_one: false,
            same_catalog,
        };
        of(restated, &search, |id| (id == "boat").then(|| "Boat".into()))
    }

    #[test]
    fn cents_of_a_large_amount_are_told_and_what_is_less_is_said_to_be() {
        let cents = column("gross", money(2_000_010), money(2_000_020));
        let same = column("deposit", money(100), money(100));
        assert_eq!(
            told(vec![row(Some("B-1"), RowChange::Changed, vec![cents, same])], 0),
            "bookings B-1 (Boat) gross was USD 20000.10 and is USD 20000.20, deposit changed by less than is shown"
        );
    }

    #[test]
    fn a_row_has_a_day_where_it_came_went_or_has_no_key_and_two_columns_at_most() {
        let new = column("direct_cost", Value::Null, money(100));
        let three = ["gross", "net", "deposit"].map(|name| column(name, Value::Null, money(100)));
        let rows = vec![
            row(Some("B-1"), RowChange::Added, vec![new]),
            row(None, RowChange::Changed, three.to_vec()),
            row(Some("B-2"), RowChange::Removed, Vec::new()),
        ];
        assert_eq!(
            told(rows, 1),
            "bookings B-1 (Boat) of 5 Oct 2026 is new, direct cost $1.00; \
             a row of bookings (Boat) of 5 Oct 2026 gross was empty and is $1.00, net was empty and is $1.00 and 1 column more; \
             bookings B-2 (Boat) of 5 Oct 2026 is gone; 1 row more"
        );
    }

    #[test]
    fn without_a_row_to_name_it_is_said_how_many_there_are_or_that_there_is_none() {
        assert_eq!(told(Vec::new(), 3), "3 rows of bookings are not as before");
        let none = Restated::default();
        assert_eq!(
            said(&none, &["bookings", "payments"], true),
            "no row of bookings, payments up to 31 Oct 2026 has changed"
        );
        let row = vec![row(Some("B-2"), RowChange::Removed, Vec::new())];
        let some = Restated {
            rows: row,
            ..Restated::default()
        };
        assert_eq!(
            said(&some, &["bookings"], false),
            "bookings B-2 (Boat) of 5 Oct 2026 is gone; the catalog or the settings have changed too"
        );
        assert_eq!(
            said(&none, &[], false),
            "it is made of no collected row that could have changed, the catalog or the settings have"
        );
    }
}
