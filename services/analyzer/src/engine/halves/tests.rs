use std::sync::Arc;

use datafusion::arrow::{
    array::{Array, Int64Array, StringArray},
    datatypes::DataType,
};
use jiff::tz::TimeZone;
use shared::money::Currency;

use super::*;
use crate::{
    catalog::tables::schema,
    engine::{Allow, Cell, Engine, Parameters},
    functions::Reading,
};

/// A table `raw.t` of so many rows, in batches of a thousand: `n` from 0, and `text`, which every tenth time is no number.
fn engine(rows: i64) -> Engine {
    let reading = Reading {
        zone: TimeZone::UTC,
        currencies: vec!["USD".parse::<Currency>().unwrap()],
    };
    let engine = Engine::new(reading).unwrap();
    let schema = schema([("n", DataType::Int64), ("text", DataType::Utf8)]);
    let numbers: Vec<i64> = (0..rows).collect();
    let batches = numbers.chunks(1000).map(|chunk| {
        let texts = chunk.iter().map(|n| {
            if n % 10 == 0 {
                "odd".to_owned()
            } else {
                n.to_string()
            }
        });
        let columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(Int64Array::from(chunk.to_vec())),
            Arc::new(StringArray::from_iter_values(texts)),
        ];
        RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()
    });
    let batches = batches.collect();
    engine.put("t".into(), Arc::clone(&schema), batches).unwrap();
    engine
}

async fn is_halved(engine: &Engine, sql: &str) -> bool {
    let plan = engine.context().sql(sql).await.unwrap();
    of(&plan.create_physical_plan().await.unwrap()).is_some()
}

#[tokio::test]
async fn a_large_table_is_read_in_halves_row_by_row_and_nothing_else_is() {
    let large = engine(150_000);
    for (sql, halved) in [
        ("select n + 1 as m from t where text <> 'odd'", true),
        ("select m from (select n + 1 as m, text from t) where m > 5", true),
        ("select n from t limit 10", false),
        ("select n from t where n > 3 limit 10", false),
        ("select n from t order by text", false),
        ("select sum(n) from t", false),
        ("select distinct text from t", false),
        ("select row_number() over () as r from t", false),
        ("select a.n from t as a join t as b on a.n = b.n", false),
        ("select n from t union all select n from t", false),
        ("select n from t where n > (select avg(n) from t)", false),
    ] {
        assert_eq!(is_halved(&large, sql).await, halved, "{sql}");
    }
    assert!(!is_halved(&engine(99_999), "select n from t").await, "few rows");
}

#[tokio::test]
async fn both_halves_are_the_whole_in_its_order_and_what_cannot_be_read_is_counted_once() {
    let engine = engine(150_000);
    let sql = "select n, whole(text) as w from t where n % 3 = 0";
    assert!(is_halved(&engine, sql).await);
    let answer = engine
        .run("test", sql, &Parameters::default(), Allow::Select)
        .await
        .unwrap();
    let unreadable = answer.unreadable.iter().map(|u| u.count).sum::<u64>();
    assert_eq!(unreadable, 5_000, "every thirtieth row");
    let rows = answer.rows().unwrap().rows;
    let expected = (0..150_000).step_by(3).map(|n| {
        let whole = if n % 10 == 0 { Cell::Null } else { Cell::Int(n) };
        vec![Cell::Int(n), whole]
    });
    assert!(rows == expected.collect::<Vec<_>>(), "{:?} ...", &rows[..3]);
}

/// The error of the first half, whichever fails first.
#[tokio::test]
async fn an_error_in_either_half_is_the_queries() {
    let engine = engine(150_000);
    for row in [0, 149_999] {
        let sql = format!("select 1 / (n - {row}) as x from t");
        assert!(is_halved(&engine, &sql).await);
        let error = engine
            .run("test", &sql, &Parameters::default(), Allow::Select)
            .await;
        assert!(error.unwrap_err().in_one_line().to_lowercase().contains("zero"));
    }
}
