//! What of a table's rows may be shown, and how rows that differ become rows that are named.
//!
//! Numbers, amounts, days, yes and no, words of a list and ids are shown. Words that somebody wrote are not: they may name a
//! person, and they come from outside. Of such a column only that it changed is said.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::{
    facts::{RestatedColumn, RestatedRow, RowChange, Unit, Value},
    money::Currency,
    portfolio::{Entity, Portfolio},
};

use super::compare::Differing;
use crate::{
    catalog::{CanonicalTable, Catalog, ColumnType},
    engine::Cell,
    evaluate::values::{difference, value, weight},
    functions::format,
    warehouse::COST,
};

/// Letters of an id, and of a word of a collected table's key.
const MOST_LETTERS: usize = 60;

/// How a column's values are shown.
#[derive(Debug, Clone, Copy)]
enum Show<'a> {
    /// Not at all.
    No,
    /// In a unit.
    As(Unit),
    /// As they stand, if they are of this list.
    OneOf(&'a [String]),
    /// As they stand, if they look like an id.
    Id,
    /// As they stand: words of a key that no person wrote.
    Words,
    /// An instant.
    Instant,
    /// `true` and `false`, in a table of texts.
    Flag,
}

/// A table's columns, by what they are good for here.
pub struct Shape<'a> {
    table: &'a str,
    columns: Vec<(&'a str, Show<'a>)>,
    /// Of the key, without the entity.
    key: Vec<usize>,
    entity: Option<usize>,
    /// The columns of days, first those that say of which day a row is.
    days: Vec<usize>,
    except: BTreeMap<usize, &'a [String]>,
    /// Amounts of a collected table are the account's, in the portfolio's currency.
    is_collected: bool,
    portfolio: &'a Portfolio,
}

/// A row that differs, and what it takes to tell whom it concerns.
pub struct Differ {
    /// As it is told.
    pub row: RestatedRow,
    /// All its days, of both nights; of an instant that of UTC.
    pub days: Vec<Date>,
    /// Whether it is somebody's whom the portfolio has not.
    pub is_strangers: bool,
    /// The largest amount that came, went or changed, in minor units.
    pub weight: i64,
}

impl Differ {
    /// Whether there is anything to tell of it, beside that it is there.
    pub fn can_be_named(&self) -> bool {
        let row = &self.row;
        row.key.is_some() || !row.columns.is_empty() || !row.unshown.is_empty()
    }
}

impl<'a> Shape<'a> {
    /// Of a canonical table, or a collected one with a key; none if the catalog has no such table.
    pub fn of(table: &'a str, catalog: &'a Catalog, portfolio: &'a Portfolio) -> Option<Self> {
        let canonical = catalog.canonical.get(table);
        let (columns, key) = match canonical {
            Some(canonical) => (of_canonical(canonical), &canonical.key),
            None => {
                let key = catalog.collected_keys.get(table)?;
                (of_collected(catalog.collected.get(table)?, key), key)
            }
        };
        let at = |name: &String| columns.iter().position(|(known, _)| known == name);
        let money = canonical.and_then(|t| t.money.as_ref());
        let dated = money.into_iter().flat_map(|money| &money.dated).filter_map(at);
        let mut days: Vec<usize> = dated.collect();
        for (place, (name, show)) in columns.iter().enumerate() {
            let is_day = matches!(show, Show::As(Unit::Date) | Show::Instant) || *name == "day";
            if is_day && !days.contains(&place) {
                days.push(place);
            }
        }
        let except = money.into_iter().flat_map(|money| &money.except);
        Some(Self {
            table,
            key: key
                .iter()
                .filter(|name| *name != "entity")
                .filter_map(at)
                .collect(),
            entity: columns.iter().position(|(name, _)| *name == "entity"),
            except: except
                .filter_map(|(name, values)| Some((at(name)?, values.as_slice())))
                .collect(),
            days,
            columns,
            is_collected: canonical.is_none(),
            portfolio,
        })
    }

    /// Pairs rows by their key: what is left over came or went.
    pub fn differ(&self, found: Differing) -> Vec<Differ> {
        let mut differ = Vec::new();
        let mut by_key: BTreeMap<String, [Vec<Vec<Cell>>; 2]> = BTreeMap::new();
        let nights = [
            (found.before, RowChange::Removed),
            (found.after, RowChange::Added),
        ];
        for (night, (rows, what)) in nights.into_iter().enumerate() {
            for row in rows {
                match self.identity(&row) {
                    Some(key) => by_key.entry(key).or_default()[night].push(row),
                    None => differ.push(self.alone(&row, what)),
                }
            }
        }
        for [before, after] in by_key.into_values() {
            let both = before.iter().zip(&after);
            differ.extend(both.map(|(was, is)| self.changed(was, is)));
            let (gone, new) = (before.iter().skip(after.len()), after.iter().skip(before.len()));
            differ.extend(gone.map(|row| self.alone(row, RowChange::Removed)));
            differ.extend(new.map(|row| self.alone(row, RowChange::Added)));
        }
        differ
    }

    /// What a row is known again by; none without a key, or where a part of it is empty.
    fn identity(&self, row: &[Cell]) -> Option<String> {
        let key: Vec<&Cell> = self.key.iter().filter_map(|at| row.get(*at)).collect();
        let whole = !key.is_empty() && !key.iter().any(|cell| cell.is_null());
        let entity = self.entity.and_then(|at| row.get(at));
        whole.then(|| format!("{entity:?} {key:?}"))
    }

    fn changed(&self, was: &[Cell], is: &[Cell]) -> Differ {
        let mut row = self.named(is, RowChange::Changed);
        for (at, (name, _)) in self.columns.iter().enumerate() {
            if was.get(at) == is.get(at) || Some(at) == self.entity {
                continue;
            }
            match (self.shown(was, at), self.shown(is, at)) {
                (Some((_, before)), Some((unit, after))) => row.columns.push(RestatedColumn {
                    column: (*name).to_owned(),
                    unit,
                    before,
                    after,
                }),
                _ => row.unshown.push((*name).to_owned()),
            }
        }
        let moved = row.columns.iter().map(|c| difference(&c.after, &c.before));
        Differ {
            weight: moved.map(|amount| weight(amount.as_ref())).max().unwrap_or(0),
            days: self.days_of(was).chain(self.days_of(is)).collect(),
            is_strangers: self.is_strangers(is),
            row,
        }
    }

    fn alone(&self, cells: &[Cell], what: RowChange) -> Differ {
        let mut row = self.named(cells, what);
        for (at, (name, _)) in self.columns.iter().enumerate() {
            if self.key.contains(&at) || Some(at) == self.entity {
                continue;
            }
            let Some((unit, value)) = self.shown(cells, at).filter(|(_, v)| *v != Value::Null) else {
                continue;
            };
            let (before, after) = match what {
                RowChange::Removed => (value, Value::Null),
                _ => (Value::Null, value),
            };
            row.columns.push(RestatedColumn {
                column: (*name).to_owned(),
                unit,
                before,
                after,
            });
        }
        let amounts = row.columns.iter().flat_map(|c| [&c.before, &c.after]);
        Differ {
            weight: amounts.map(|amount| weight(Some(amount))).max().unwrap_or(0),
            days: self.days_of(cells).collect(),
            is_strangers: self.is_strangers(cells),
            row,
        }
    }

    fn named(&self, row: &[Cell], what: RowChange) -> RestatedRow {
        RestatedRow {
            table: self.table.to_owned(),
            key: self.key_of(row),
            entity: self.owner(row).map(|owner| owner.id.to_string()),
            day: self.days_of(row).next(),
            what,
            columns: Vec::new(),
            unshown: Vec::new(),
        }
    }

    /// The key as text; none if one part of it may not be shown, or is empty.
    fn key_of(&self, row: &[Cell]) -> Option<String> {
        let part = |at: &usize| match self.shown(row, *at)? {
            (_, Value::Null) => None,
            (_, Value::Text(text)) => Some(text),
            (unit, value) => Some(format::value(&value, unit)),
        };
        let parts: Option<Vec<String>> = self.key.iter().map(part).collect();
        parts
            .filter(|parts| !parts.is_empty())
            .map(|parts| parts.join(" / "))
    }

    /// Whose it is: a tag of the account may name somebody whom the portfolio has not.
    fn owner(&self, row: &[Cell]) -> Option<&'a Entity> {
        let id = row.get(self.entity?)?.text()?;
        self.portfolio.entities.iter().find(|e| e.id.as_str() == id)
    }

    fn is_strangers(&self, row: &[Cell]) -> bool {
        let tag = self.entity.and_then(|at| row.get(at)?.text());
        tag.is_some() && self.owner(row).is_none()
    }

    fn days_of(&self, row: &[Cell]) -> impl Iterator<Item = Date> {
        self.days.iter().filter_map(move |at| row.get(*at)?.date())
    }

    /// A value and its unit; none for what may not be shown.
    fn shown(&self, row: &[Cell], at: usize) -> Option<(Unit, Value)> {
        let (cell, (_, show)) = (row.get(at)?, self.columns.get(at)?);
        let unit = match show {
            Show::No => return None,
            Show::As(Unit::Money) if !self.is_money(row) => Unit::Number,
            Show::As(unit) => *unit,
            Show::OneOf(_) | Show::Id | Show::Words | Show::Flag | Show::Instant => Unit::Text,
        };
        let cell = match (show, cell) {
            (Show::As(Unit::Money), Cell::Text(text)) => Cell::Decimal(text.trim().parse().ok()?),
            (Show::OneOf(known), Cell::Text(text)) if !known.contains(text) => return None,
            (Show::Id, Cell::Text(text)) if !is_id(text) => return None,
            (Show::Flag, Cell::Text(text)) if text != "true" && text != "false" => return None,
            (Show::Words, Cell::Text(text)) => {
                let letters = text.chars().filter(|c| !c.is_control());
                Cell::Text(letters.take(MOST_LETTERS).collect())
            }
            (_, Cell::Instant(instant)) => Cell::Text(instant.to_string()),
            (_, cell) => cell.clone(),
        };
        let value = value(&cell, unit, self.currency(row)).ok()?;
        Some((unit, value))
    }

    /// Whether a row's amounts are money: a budget of units is none.
    fn is_money(&self, row: &[Cell]) -> bool {
        let text = |at: &usize| row.get(*at).and_then(Cell::text);
        let is_excepted = |(at, values): (&usize, &&[String])| {
            text(at).is_some_and(|text| values.iter().any(|value| value == text))
        };
        !self.except.iter().any(is_excepted)
    }

    fn currency(&self, row: &[Cell]) -> Currency {
        let owner = self.owner(row).filter(|_| !self.is_collected);
        owner.map_or(self.portfolio.currency, |owner| owner.currency)
    }
}

fn of_canonical(table: &CanonicalTable) -> Vec<(&str, Show<'_>)> {
    // Where the amounts' unit is another column's, or nobody said, they are numbers.
    let money = table.money.as_ref().filter(|money| money.unit_of.is_none());
    let is_money = |name: &String| money.is_some_and(|money| money.columns.contains(name));
    let show = |name: &String, kind: ColumnType| match kind {
        ColumnType::Text => match table.values.get(name) {
            Some(known) => Show::OneOf(known),
            None if name.ends_with("_id") => Show::Id,
            None => Show::No,
        },
        ColumnType::Date => Show::As(Unit::Date),
        ColumnType::Timestamp => Show::Instant,
        ColumnType::Bool => Show::As(Unit::Text),
        ColumnType::Ratio => Show::As(Unit::Ratio),
        ColumnType::Decimal if is_money(name) => Show::As(Unit::Money),
        ColumnType::Int | ColumnType::Decimal | ColumnType::Rate => Show::As(Unit::Number),
    };
    let columns = table.columns.iter();
    columns
        .map(|(name, kind)| (name.as_str(), show(name, *kind)))
        .collect()
}

/// Of other columns than these nobody said whose words they hold.
fn of_collected<'a>(columns: &'a [String], key: &[String]) -> Vec<(&'a str, Show<'a>)> {
    let show = |name: &String| match name.as_str() {
        "day" => Show::As(Unit::Date),
        amount if COST.contains(&amount) => Show::As(Unit::Money),
        _ if key.contains(name) => Show::Words,
        _ => Show::Flag,
    };
    columns.iter().map(|name| (name.as_str(), show(name))).collect()
}

/// Whether a text may be shown as an id: a digit in it, which names have not, and nothing of an address, a link, markup or a
/// telephone number, which are digits in groups.
fn is_id(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_#/".contains(c);
    let is_digit = |c: char| c.is_ascii_digit();
    let grouped = !text.contains(|c: char| c.is_ascii_alphabetic()) && !text.chars().all(is_digit);
    text.contains(is_digit) && !grouped && text.len() <= MOST_LETTERS && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn an_id_has_a_digit_and_is_no_name_and_no_telephone_number() {
        for id in ["B-17", "7", "20261120", "EXT_1#a/2", "f3c1"] {
            assert!(is_id(id), "{id}");
        }
        for other in [
            "",
            "Jane",
            "jane-roe",
            "Jane_Roe",
            "555-123-4567",
            "123-45-6789",
            "a 1",
            "a1@example.com",
            "<b>1",
        ] {
            assert!(!is_id(other), "{other}");
        }
        assert!(!is_id(&"1".repeat(61)));
    }
}
