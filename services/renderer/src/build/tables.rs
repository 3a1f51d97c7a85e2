//! Models as tables: one unit per column in its header, figures aligned on the decimal, the gap with its word.

use shared::facts::{Column, Model, Unit, Value};

use super::{Scope, lists::table_of};
use crate::{
    document::{Align, Cell, Head, Mark, Row, Table, count},
    format::{self, MIN_N_FOR_RATES, Negative, Style},
    spec::SectionSpec,
};

/// What a phone of 360 px has between the gutters, in characters of the table's face.
const PHONE_CHARS: usize = 42;
/// The widest that a column of words is counted: it wraps.
const WORDS: usize = 14;
/// Stands where a figure is unknown or does not apply, in a column where that is the rule.
const BLANK: &str = "–";
/// Rows that a document shows of a model that sets no limit.
const MAX_ROWS: usize = 40;

impl Table {
    /// Decides whether a phone has room for it.
    #[must_use]
    pub fn fit(mut self) -> Self {
        let word = |text: &str| text.split(' ').map(|w| w.chars().count()).max().unwrap_or(0);
        let width = |i: usize, head: &Head| {
            let cells = || self.rows.iter().filter_map(|r| r.cells.get(i));
            let longest = cells().map(|c| c.text.chars().count()).max().unwrap_or(0);
            let needs = match head.align {
                Align::Right => longest,
                // Words wrap, but none of them is broken.
                Align::Left => longest
                    .min(WORDS)
                    .max(cells().map(|c| word(&c.text)).max().unwrap_or(0)),
            };
            needs.max(word(&head.label)) + 2
        };
        let total: usize = self
            .heads
            .iter()
            .enumerate()
            .filter(|(_, h)| h.mail)
            .map(|(i, h)| width(i, h))
            .sum();
        self.stack = total > PHONE_CHARS;
        let shown = || self.heads.iter().filter(|h| h.mail);
        self.figures = shown().filter(|h| h.align == Align::Right).count() * 2 > shown().count();
        self
    }
}

/// A model's table; `columns` is what mail has room for, the PDF shows all, unless it has half a page only.
pub fn model(scope: &Scope, model: &Model, spec: &SectionSpec) -> Table {
    let columns = spec.columns.as_deref();
    let shown = model.rows.len().min(spec.limit.unwrap_or(MAX_ROWS));
    let rows = model.rows.get(..shown).unwrap_or(&model.rows);
    let all_rows: Vec<&Vec<Value>> = rows.iter().chain(model.total.as_ref()).collect();
    let n_at = model.columns.iter().position(|c| c.name == "n");
    let mut notes = Vec::new();
    // One way per table: cents in one column and none in the next would read as different figures.
    let cents = !all_rows
        .iter()
        .flat_map(|r| r.iter())
        .filter_map(Value::as_money)
        .any(is_large);
    let formats: Vec<ColumnFormat> = (0..model.columns.len())
        .map(|i| ColumnFormat::of(&model.columns, i, &all_rows, cents))
        .collect();
    let mail = |i: usize, c: &Column| columns.map_or(i < 7, |names| names.contains(&c.name));
    let heads: Vec<Head> = model
        .columns
        .iter()
        .zip(&formats)
        .enumerate()
        .map(|(i, (c, f))| Head {
            label: c.label.clone(),
            unit: f.unit.clone(),
            align: f.align,
            mail: mail(i, c),
        })
        .collect();
    let row = |values: &Vec<Value>, total: bool| {
        let n = n_at.and_then(|i| values.get(i)).and_then(Value::magnitude);
        let cells = values.iter().zip(&formats).enumerate().map(|(i, (v, f))| {
            if total && *v == Value::Null {
                return Cell::text(if i == 0 { "Total" } else { "" });
            }
            f.cell(scope.style, v, n)
        });
        Row {
            cells: cells.collect(),
            total,
            fact: None,
        }
    };
    let mut out: Vec<Row> = rows.iter().map(|r| row(r, false)).collect();
    out.extend(model.total.as_ref().map(|total| row(total, true)));
    let hidden: Vec<&str> = heads
        .iter()
        .filter(|h| !h.mail)
        .map(|h| h.label.as_str())
        .collect();
    let more = match (hidden.is_empty(), spec.half) {
        (true, _) => Vec::new(),
        (false, true) => vec![format!("Also in analysis.json: {}.", hidden.join(", "))],
        (false, false) => vec![format!("Also in the PDF: {}.", hidden.join(", "))],
    };
    let (heads, mut out) = if spec.half && heads.iter().any(|h| h.mail) {
        narrowed(heads, out)
    } else {
        (heads, out)
    };
    // Whichever column comes first, the total says what it is.
    let first = out
        .iter_mut()
        .filter(|r| r.total)
        .find_map(|r| r.cells.first_mut());
    if let Some(first) = first.filter(|c| c.text.is_empty()) {
        first.text = "Total".to_owned();
    }
    let blank = out.iter().any(|r| {
        r.cells
            .iter()
            .zip(&heads)
            .any(|(c, h)| c.gap && c.text == BLANK && h.align == Align::Right)
    });
    if blank {
        notes.push(format!("{BLANK} is unknown, or does not apply."));
    }
    notes.extend(model.note.clone());
    Table {
        notes,
        more,
        fact: Some(model.fact.clone()),
        count: count(shown, model.rows.len(), "rows", None),
        all: model.rows.len(),
        ..table_of(heads, out, model.rows.len(), "rows")
    }
}

/// Only the columns that mail shows.
fn narrowed(heads: Vec<Head>, rows: Vec<Row>) -> (Vec<Head>, Vec<Row>) {
    let keep: Vec<bool> = heads.iter().map(|h| h.mail).collect();
    let kept = |i: usize| keep.get(i).copied().unwrap_or(false);
    let cells = |cells: Vec<Cell>| {
        cells
            .into_iter()
            .enumerate()
            .filter(|(i, _)| kept(*i))
            .map(|(_, c)| c)
    };
    let rows = rows.into_iter().map(|r| Row {
        cells: cells(r.cells).collect(),
        ..r
    });
    (heads.iter().filter(|h| h.mail).cloned().collect(), rows.collect())
}

/// From 10,000 up cents are noise.
fn is_large(money: shared::money::Money) -> bool {
    money.to_decimal().abs() >= rust_decimal::Decimal::from(10_000)
}

/// How the cells of one column are written.
struct ColumnFormat {
    column: Unit,
    unit: Option<String>,
    align: Align,
    decimals: u32,
    months: bool,
    mixed: bool,
    negatives: bool,
    /// Half of it or more is empty: a forecast of past months, say. The word in every cell would drown the figures.
    sparse: bool,
}

impl ColumnFormat {
    fn of(columns: &[Column], index: usize, rows: &[&Vec<Value>], cents: bool) -> Self {
        let column = columns.get(index).map_or(Unit::Text, |c| c.unit);
        let values: Vec<&Value> = rows.iter().filter_map(|r| r.get(index)).collect();
        let money: Vec<_> = values.iter().filter_map(|v| v.as_money()).collect();
        let currency = money.first().map(|m| m.currency);
        let mixed = money.iter().any(|m| Some(m.currency) != currency);
        let numbers = values.iter().filter_map(|v| v.magnitude());
        let decimals = match (column, currency) {
            (Unit::Money, Some(currency)) => {
                let unit = 10_i64.pow(currency.exponent());
                let whole = money.iter().all(|m| m.minor % unit == 0);
                if !cents || whole { 0 } else { currency.exponent() }
            }
            (Unit::Ratio, _) => 1,
            (Unit::Number | Unit::Days | Unit::Months | Unit::Hours, _) => {
                let scale = |n: f64| {
                    (0..=2)
                        .find(|d| (n * 10f64.powi(*d)).fract().abs() < 1e-6)
                        .unwrap_or(2)
                };
                u32::try_from(numbers.clone().map(scale).max().unwrap_or(0)).unwrap_or(0)
            }
            _ => 0,
        };
        let unit = match (column, currency) {
            (Unit::Money, Some(currency)) if !mixed => {
                Some(format::symbol(currency.code()).trim().to_owned())
            }
            (Unit::Ratio, _) => Some("%".to_owned()),
            (Unit::Days, _) => Some("days".to_owned()),
            (Unit::Months, _) => Some("months".to_owned()),
            (Unit::Hours, _) => Some("hours".to_owned()),
            _ => None,
        };
        let label = columns.get(index).map_or("", |c| c.label.as_str()).to_lowercase();
        // "Days, days" and "Effort (h), h" say it twice.
        let unit = unit.filter(|u| !label.contains(u.as_str()));
        let align = match column {
            Unit::Text | Unit::Status | Unit::Date => Align::Left,
            _ => Align::Right,
        };
        let months = column == Unit::Date
            && values
                .iter()
                .all(|v| matches!(v, Value::Null) || matches!(v, Value::Text(t) if t.ends_with("-01")));
        let negatives = money.iter().any(|m| m.minor < 0);
        let gaps = values.iter().filter(|v| ***v == Value::Null).count();
        Self {
            sparse: gaps * 2 >= values.len(),
            column,
            unit,
            align,
            decimals,
            months,
            mixed,
            negatives,
        }
    }

    fn cell(&self, style: Style, value: &Value, n: Option<f64>) -> Cell {
        match (value, self.column) {
            (Value::Null, Unit::Text) => Cell::gap(BLANK),
            (Value::Null, _) if self.sparse => Cell::gap(BLANK),
            (Value::Null, _) => Cell::gap(format::UNKNOWN),
            (Value::Text(word), Unit::Status) => Cell::mark(status_mark(word)),
            (Value::Text(text), Unit::Date) => Cell::text(self.date(text)),
            (Value::Money { .. }, _) if !self.mixed => match value.as_money() {
                Some(money) => {
                    let mut text = style.amount(money, self.decimals);
                    // Keeps the decimals of `1,234` and `(1,234)` under each other.
                    if style.negative == Negative::Parentheses && self.negatives && !text.ends_with(')') {
                        text.push(format::NBSP);
                    }
                    Cell::text(text)
                }
                None => Cell::gap(format::UNKNOWN),
            },
            (_, Unit::Ratio) if n.is_some_and(|n| n < MIN_N_FOR_RATES as f64) => Cell::gap("n < 10"),
            (Value::Int(_) | Value::Number(_), unit) => {
                let scale = if unit == Unit::Ratio { 100.0 } else { 1.0 };
                let number = value.magnitude().unwrap_or(f64::NAN) * scale;
                match rust_decimal::prelude::FromPrimitive::from_f64(number) {
                    Some(decimal) => Cell::text(plain(decimal, self.decimals)),
                    None => Cell::gap(format::UNKNOWN),
                }
            }
            _ => Cell::text(style.value(value, self.column)),
        }
    }

    fn date(&self, text: &str) -> String {
        let day = format::day_in_prose(text).unwrap_or_else(|| text.to_owned());
        match (self.months, day.split_once(format::NBSP)) {
            (true, Some((_, month))) => month.to_owned(),
            _ => day,
        }
    }
}

fn plain(n: rust_decimal::Decimal, decimals: u32) -> String {
    let digits = format::grouped(n.abs(), decimals);
    let negative = n.is_sign_negative() && digits.bytes().any(|b| matches!(b, b'1'..=b'9'));
    if negative { format!("-{digits}") } else { digits }
}

/// A status word of a query as a mark.
pub fn status_mark(word: &str) -> Mark {
    use crate::document::Tone;
    let tone = match word {
        "good" | "ok" | "pass" => Tone::Good,
        "watch" => Tone::Watch,
        "bad" | "fail" => Tone::Bad,
        "unknown" => Tone::Unknown,
        _ => Tone::Plain,
    };
    let mut letters = word.chars();
    let capital: Option<String> = letters.next().map(|c| c.to_uppercase().chain(letters).collect());
    Mark::new(tone, capital.unwrap_or_default())
}
