//! Tables of any length for the engine's tests.

use std::sync::Arc;

use datafusion::arrow::{
    array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray},
    datatypes::DataType,
};
use jiff::tz::TimeZone;
use shared::money::Currency;

use super::Engine;
use crate::{catalog::tables::schema, functions::Reading};

/// An engine with a table `t` of so many rows, in batches of a thousand: `n` from 0; `text`, its digits, which every tenth time is no
/// number; `e`, one of a, b, c and NULL; `s`, one of x, y and NULL; `known`, which is `n`, NULL every seventh time; `m`, an amount.
pub fn numbers(rows: i64) -> Engine {
    let reading = Reading {
        zone: TimeZone::UTC,
        currencies: vec!["USD".parse::<Currency>().unwrap()],
    };
    let engine = Engine::new(reading).unwrap();
    let amount = DataType::Decimal128(18, 2);
    let schema = schema([
        ("n", DataType::Int64),
        ("text", DataType::Utf8),
        ("e", DataType::Utf8),
        ("s", DataType::Utf8),
        ("known", DataType::Int64),
        ("m", amount.clone()),
    ]);
    let numbers: Vec<i64> = (0..rows).collect();
    let batches = numbers.chunks(1000).map(|chunk| {
        let text = |of: fn(i64) -> Option<String>| chunk.iter().map(|n| of(*n)).collect::<StringArray>();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(chunk.to_vec())),
            Arc::new(text(|n| {
                Some(if n % 10 == 0 {
                    "odd".to_owned()
                } else {
                    n.to_string()
                })
            })),
            Arc::new(text(|n| {
                ["a", "b", "c"].get(n as usize % 4).map(ToString::to_string)
            })),
            Arc::new(text(|n| {
                ["x", "y"].get(n as usize / 4 % 3).map(ToString::to_string)
            })),
            Arc::new(
                chunk
                    .iter()
                    .map(|n| (n % 7 != 0).then_some(*n))
                    .collect::<Int64Array>(),
            ),
            Arc::new(
                Decimal128Array::from_iter_values(chunk.iter().map(|n| i128::from(n * 37 % 1009)))
                    .with_data_type(amount.clone()),
            ),
        ];
        RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()
    });
    let batches = batches.collect();
    engine.put("t".into(), Arc::clone(&schema), batches).unwrap();
    engine
}
