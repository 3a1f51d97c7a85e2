//! The engine: what it lets through, how it counts, what its errors say.

use std::sync::Arc;

use shared::id::BusinessDate;

use super::{DATE, PIECE, bundle, files, portfolio, trips};
use crate::{catalog::Catalog, engine::Cell, warehouse::Warehouse};

async fn warehouse(more: &str, catalog_files: &[(&str, &str)]) -> Warehouse {
    let bundle = bundle(more, catalog_files);
    let (catalog, _) = Catalog::load(&files(&bundle));
    let as_of: BusinessDate = DATE.parse().unwrap();
    Warehouse::over(
        vec![trips()],
        &catalog,
        &portfolio(&bundle),
        as_of,
        Arc::default(),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_question_can_read_and_nothing_else() {
    let warehouse = warehouse("", &[]).await;
    for sql in [
        "select 1",
        "with a as (select 1) select * from a",
        "explain select 1",
        "show tables",
        "values (1)",
    ] {
        assert!(warehouse.query(sql).await.is_ok(), "{sql}");
    }
    let writes = [
        "create table x as select 1",
        "drop table bookings",
        "insert into bookings values (null)",
        "copy bookings to '/tmp/x.csv'",
        "create external table t stored as csv location '/etc/passwd'",
        "set datafusion.execution.batch_size = 1",
        "select 1; select 2",
        "select * from '/etc/passwd'",
        "",
    ];
    for sql in writes {
        assert!(warehouse.query(sql).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_once_however_often_it_is_evaluated() {
    let piece = "select 'boat' as entity, day(\"on\") as booked_on, money(price) as gross, money(price) * 2 as gross2 \
                 from raw.boat_trips where day(\"on\") is not null or money(price) is not null";
    let piece = piece.replace(", money(price) * 2 as gross2", "");
    let warehouse = warehouse("", &[("views/bookings.trips.sql", &piece)]).await;
    let found = warehouse.unreadable();
    let counts: Vec<_> = found
        .iter()
        .map(|u| {
            (
                u.function.as_str(),
                u.column.as_str(),
                u.count,
                u.of,
                u.examples.clone(),
            )
        })
        .collect();
    let expected = [
        ("day", "on", 1, 3, vec!["soon".to_owned()]),
        ("money", "price", 1, 3, vec!["TBD".to_owned()]),
    ];
    assert_eq!(counts, expected);
    assert_eq!(found[0].source, "views/bookings.trips.sql");
}

#[tokio::test]
async fn a_text_that_stands_on_many_rows_is_counted_on_each() {
    let warehouse = warehouse("", &[]).await;
    let days = "select cast(count(day(t)) as bigint) as n, min(day(t)) as lowest, max(day(t)) as highest from (
        select case value % 3 when 0 then '1 July 2015' when 1 then 'soon' else concat('2026-11-', 10 + value % 20) end as t
        from generate_series(1, 9000) as s(value))";
    let rows = warehouse.query(days).await.unwrap();
    let cells: Vec<_> = rows.rows[0]
        .iter()
        .map(|cell| serde_json::to_value(cell).unwrap())
        .collect();
    assert_eq!(
        cells,
        [serde_json::json!(6000), "2015-07-01".into(), "2026-11-29".into()]
    );
    let piece = "select day(t) as booked_on from (select case value % 3 when 1 then 'soon' else '1 July 2015' end as t \
                 from generate_series(1, 9000) as s(value))";
    let warehouse = self::warehouse("", &[("views/bookings.many.sql", piece)]).await;
    let found = warehouse.unreadable();
    assert_eq!((found[0].count, found[0].of), (3000, 9000));
}

#[tokio::test]
async fn parameters_are_typed_values_not_text() {
    let more = "[parameters]\nfloor = 12.50\ndays = 30\nwho = \"O'Neil; drop table bookings\"\n";
    let warehouse = warehouse(more, &[]).await;
    let sql = "select $as_of - interval '30 days' as a, $as_of - $days as b, $floor * 2 as c, $who as d, $from = $to as e";
    let rows = warehouse.query(sql).await.unwrap();
    let text = |n: usize| serde_json::to_value(&rows.rows[0][n]).unwrap();
    assert_eq!((text(0), text(1)), ("2026-10-21".into(), "2026-10-21".into()));
    assert_eq!(rows.rows[0][2].decimal(), Some("25".parse().unwrap()));
    assert_eq!(rows.rows[0][3], Cell::Text("O'Neil; drop table bookings".into()));
    assert_eq!(rows.rows[0][4], Cell::Bool(true));
    let error = warehouse.query("select\n  $flor").await.unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.at),
        ("there is no parameter $flor", Some((2, 3)))
    );
    assert_eq!(error.suggestion.as_deref(), Some("did you mean $floor?"));
}

#[tokio::test]
async fn errors_say_where_and_what_was_probably_meant() {
    let warehouse = warehouse("", &[("views/bookings.trips.sql", PIECE)]).await;
    let error = warehouse.query("select\n  gros from bookings").await.unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.at),
        ("there is no column gros", Some((2, 3)))
    );
    assert_eq!(error.suggestion.as_deref(), Some("did you mean gross?"));
    let error = warehouse.query("select * from booking").await.unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.suggestion.as_deref()),
        ("there is no table booking", Some("did you mean bookings?"))
    );
    let error = warehouse.query("select mony('1')").await.unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.suggestion.as_deref()),
        ("there is no function mony", Some("did you mean money?"))
    );
    let error = warehouse.query("select 1 form x y").await.unwrap_err();
    assert!(error.at.is_some(), "{error:?}");
}

#[tokio::test]
async fn decimals_stay_exact_and_literals_are_decimals() {
    let warehouse = warehouse("", &[]).await;
    let rows = warehouse
        .query("select 0.1 + 0.2 as a, money('0.1') * 3 as b, fmt_money(1840.75) as c")
        .await
        .unwrap();
    assert_eq!(rows.rows[0][0], Cell::Decimal("0.3".parse().unwrap()));
    assert_eq!(rows.rows[0][1], Cell::Decimal("0.3".parse().unwrap()));
    assert_eq!(rows.rows[0][2], Cell::Text("$1,840.75".into()));
}

#[tokio::test]
async fn a_day_that_no_calendar_has_is_null_and_stops_nothing() {
    let warehouse = warehouse("", &[]).await;
    let sql = "select d, fmt_day(d) as words, 1 as one from (select cast('+200000-01-01' as date) as d)";
    let rows = warehouse.query(sql).await.unwrap();
    assert_eq!(rows.rows, [[Cell::Null, Cell::Null, Cell::Int(1)]]);
}
