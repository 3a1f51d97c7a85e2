//! `fmt_money`, `fmt_int`, `fmt_pct`, `fmt_day` as SQL functions over [`super::format`].

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{ArrayRef, StringBuilder},
        datatypes::DataType,
    },
    common::{
        Result, ScalarValue,
        cast::{as_date32_array, as_decimal128_array},
        plan_err,
    },
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
};
use jiff::{Span, civil::date};
use rust_decimal::Decimal;
use shared::money::Currency;

use super::{Reading, format};

/// All formatters.
pub fn all(reading: &Arc<Reading>) -> Vec<ScalarUDF> {
    let currency = reading.currency();
    [Kind::Money, Kind::Int, Kind::Percent, Kind::Day]
        .map(|kind| {
            let signature = Signature::user_defined(Volatility::Immutable);
            ScalarUDF::new_from_impl(Formatter {
                kind,
                currency,
                signature,
            })
        })
        .into()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Money,
    Int,
    Percent,
    Day,
}

#[derive(Debug)]
struct Formatter {
    kind: Kind,
    currency: Option<Currency>,
    signature: Signature,
}

impl PartialEq for Formatter {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.currency) == (other.kind, other.currency)
    }
}
impl Eq for Formatter {}
impl Hash for Formatter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
    }
}

/// Digits behind the point that a formatter looks at.
const SCALE: i8 = 8;

impl ScalarUDFImpl for Formatter {
    fn name(&self) -> &str {
        match self.kind {
            Kind::Money => "fmt_money",
            Kind::Int => "fmt_int",
            Kind::Percent => "fmt_pct",
            Kind::Day => "fmt_day",
        }
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        let wanted = if self.kind == Kind::Day {
            DataType::Date32
        } else {
            DataType::Decimal128(38, SCALE)
        };
        let text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        if text || given.is_nested() {
            let reader = if self.kind == Kind::Day { "day" } else { "money" };
            return plan_err!("{} takes no text: read it with {reader}(...) first", self.name());
        }
        Ok(vec![wanted])
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let array = ColumnarValue::values_to_arrays(&args.args)?.swap_remove(0);
        let formatted = self.format(&array)?;
        if scalar {
            return ScalarValue::try_from_array(&formatted, 0).map(ColumnarValue::Scalar);
        }
        Ok(ColumnarValue::Array(formatted))
    }
}

impl Formatter {
    fn format(&self, array: &ArrayRef) -> Result<ArrayRef> {
        let mut out = StringBuilder::new();
        if self.kind == Kind::Day {
            for days in as_date32_array(array)? {
                let span = days.and_then(|d| Span::new().try_days(d).ok());
                let day = span.and_then(|d| date(1970, 1, 1).checked_add(d).ok());
                out.append_option(day.map(format::day));
            }
            return Ok(Arc::new(out.finish()));
        }
        let decimals = as_decimal128_array(array)?;
        let scale = u32::from(SCALE.unsigned_abs());
        for value in decimals {
            let value = value.and_then(|v| Decimal::try_from_i128_with_scale(v, scale).ok());
            out.append_option(value.map(|v| match (self.kind, self.currency) {
                (Kind::Money, Some(currency)) => format::money(v, currency),
                (Kind::Percent, _) => format::percent(v),
                _ => format::int(v),
            }));
        }
        Ok(Arc::new(out.finish()))
    }
}
