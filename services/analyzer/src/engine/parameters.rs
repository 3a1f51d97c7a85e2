//! `$name` in SQL: replaced by typed literals in the syntax tree, before planning, so `$as_of - interval '30 days'` is
//! date arithmetic, and no value is ever pasted into text.

use std::{collections::BTreeMap, ops::ControlFlow};

use datafusion::sql::sqlparser::{
    ast::{
        CastKind, DataType, ExactNumberInfo, Expr, Ident, ObjectName, Statement, Value, ValueWithSpan,
        VisitMut, VisitorMut,
    },
    tokenizer::Span,
};
use jiff::civil::Date;
use shared::portfolio::Parameter;

use super::{
    SqlError,
    error::{Kind, suggest},
};

/// The parameters that are a period's first and last day.
pub(super) const PERIOD: [&str; 2] = ["from", "to"];

/// Named, typed values, and names for tables that have another one.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    values: BTreeMap<String, Expr>,
    unknown: BTreeMap<String, String>,
    tables: BTreeMap<String, String>,
}

impl Parameters {
    /// Sets a value, in place of an earlier one of that name.
    pub fn set(&mut self, name: &str, value: &Parameter) {
        self.values.insert(name.to_owned(), literal(value));
    }

    /// A value that nobody knows: a query that reads it fails, and says why. A NULL would be taken for an answer.
    pub fn set_unknown(&mut self, name: &str, why: &str) {
        self.unknown.insert(name.to_owned(), why.to_owned());
    }

    /// With `$from` and `$to`.
    #[must_use]
    pub fn during(&self, from: Date, to: Date) -> Self {
        let mut with = self.clone();
        with.set("from", &Parameter::Date(from));
        with.set("to", &Parameter::Date(to));
        with
    }

    /// With `$from` and `$to` left as they are, but dates: for a plan that is made before the period is known.
    #[must_use]
    pub(super) fn open(&self) -> Self {
        let mut with = self.clone();
        for name in PERIOD {
            let open = constant(Value::Placeholder(format!("${name}")));
            with.values
                .insert(name.to_owned(), cast(Expr::Value(open), DataType::Date));
        }
        with
    }

    /// With a table under another name.
    #[must_use]
    pub fn calling(&self, table: &str, name: &str) -> Self {
        let mut with = self.clone();
        with.tables.insert(name.to_owned(), table.to_owned());
        with
    }

    /// Those that a query names, each as the SQL that stands for it, or why nobody knows it.
    pub fn named_in(&self, sql: &str) -> BTreeMap<String, String> {
        let names = sql.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        });
        names
            .filter_map(|name| {
                let value = self.values.get(name).map(ToString::to_string);
                let why = || self.unknown.get(name).map(|why| format!("unknown: {why}"));
                Some((format!("${name}"), value.or_else(why)?))
            })
            .collect()
    }

    pub(super) fn replace_in(&self, statement: &mut Statement) -> Result<(), SqlError> {
        match VisitMut::visit(statement, &mut Replace(self)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }
}

struct Replace<'a>(&'a Parameters);

impl VisitorMut for Replace<'_> {
    type Break = SqlError;

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<SqlError> {
        if let Some(table) = self.0.tables.get(&relation.to_string()) {
            *relation = ObjectName::from(vec![Ident::with_quote('"', table)]);
        }
        ControlFlow::Continue(())
    }

    // After the children: a replacement's own parts hold no placeholders.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        let Expr::Value(ValueWithSpan {
            value: Value::Placeholder(name),
            span,
        }) = expr
        else {
            return ControlFlow::Continue(());
        };
        let key = name.trim_start_matches('$');
        if let Some(why) = self.0.unknown.get(key) {
            return ControlFlow::Break(SqlError::new(format!("{name} is unknown: {why}")));
        }
        if let Some(value) = self.0.values.get(key) {
            *expr = value.clone();
            return ControlFlow::Continue(());
        }
        let names: Vec<String> = self.0.values.keys().map(|n| format!("${n}")).collect();
        ControlFlow::Break(SqlError {
            at: Some((span.start.line, span.start.column)),
            suggestion: suggest(name, &names),
            kind: Kind::UnknownParameter,
            ..SqlError::new(format!("there is no parameter {name}"))
        })
    }
}

fn literal(value: &Parameter) -> Expr {
    let (text, data_type) = match value {
        Parameter::Text(text) => return Expr::Value(constant(Value::SingleQuotedString(text.clone()))),
        Parameter::Date(date) => (date.to_string(), DataType::Date),
        // A whole number is an integer: `$as_of - $lead_value_days` is a date, and DECIMAL days cannot be subtracted.
        Parameter::Number(number) if number.scale() == 0 => (number.to_string(), DataType::BigInt(None)),
        Parameter::Number(number) => (
            number.to_string(),
            DataType::Decimal(ExactNumberInfo::PrecisionAndScale(20, 4)),
        ),
    };
    typed(text, data_type)
}

fn typed(text: String, data_type: DataType) -> Expr {
    cast(Expr::Value(constant(Value::SingleQuotedString(text))), data_type)
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type,
        array: false,
        format: None,
    }
}

fn constant(value: Value) -> ValueWithSpan {
    ValueWithSpan {
        value,
        span: Span::empty(),
    }
}
