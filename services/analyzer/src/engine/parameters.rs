//! `$name` in SQL: replaced by typed literals in the syntax tree, before planning, so `$as_of - interval '30 days'` is
//! date arithmetic, and no value is ever pasted into text.

use std::{collections::BTreeMap, ops::ControlFlow};

use datafusion::sql::sqlparser::{
    ast::{
        CastKind, DataType, ExactNumberInfo, Expr, Statement, Value, ValueWithSpan, VisitMut, VisitorMut,
    },
    tokenizer::Span,
};
use jiff::civil::Date;
use shared::portfolio::Parameter;

use super::{SqlError, error::suggest};

/// Named, typed values.
#[derive(Debug, Clone, Default)]
pub struct Parameters(BTreeMap<String, Expr>);

impl Parameters {
    /// Sets a value, in place of an earlier one of that name.
    pub fn set(&mut self, name: &str, value: &Parameter) {
        self.0.insert(name.to_owned(), literal(value));
    }

    /// With `$from` and `$to`.
    #[must_use]
    pub fn during(&self, from: Date, to: Date) -> Self {
        let mut with = self.clone();
        with.set("from", &Parameter::Date(from));
        with.set("to", &Parameter::Date(to));
        with
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

    // After the children: a replacement's own parts hold no placeholders.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        let Expr::Value(ValueWithSpan { value: Value::Placeholder(name), span }) = expr else {
            return ControlFlow::Continue(());
        };
        let key = name.trim_start_matches('$');
        if let Some(value) = self.0.0.get(key) {
            *expr = value.clone();
            return ControlFlow::Continue(());
        }
        let names: Vec<String> = self.0.0.keys().map(|n| format!("${n}")).collect();
        ControlFlow::Break(SqlError {
            message: format!("there is no parameter {name}"),
            at: Some((span.start.line, span.start.column)),
            suggestion: suggest(name, &names),
        })
    }
}

fn literal(value: &Parameter) -> Expr {
    let (text, data_type) = match value {
        Parameter::Text(text) => return Expr::Value(constant(Value::SingleQuotedString(text.clone()))),
        Parameter::Date(date) => (date.to_string(), DataType::Date),
        Parameter::Number(number) => {
            (number.to_string(), DataType::Decimal(ExactNumberInfo::PrecisionAndScale(20, 4)))
        }
    };
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(constant(Value::SingleQuotedString(text)))),
        data_type,
        array: false,
        format: None,
    }
}

fn constant(value: Value) -> ValueWithSpan {
    ValueWithSpan { value, span: Span::empty() }
}
