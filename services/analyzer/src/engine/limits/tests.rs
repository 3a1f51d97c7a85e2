use jiff::tz::TimeZone;
use shared::money::Currency;

use super::*;
use crate::{
    engine::{Allow, Answer, Engine, Parameters},
    functions::Reading,
};

/// Half a million groups of a few bytes each.
const MANY_GROUPS: &str = "select count(*) as n, sum(v) as s from (
    select value % 500000 as k, max(value) as v from generate_series(1, 1000000) as t(value) group by value % 500000)";

async fn ask(limits: Limits, sql: &str) -> Result<Answer, SqlError> {
    let reading = Reading {
        zone: TimeZone::UTC,
        currencies: vec!["USD".parse::<Currency>().unwrap()],
    };
    let engine = Engine::within(reading, limits).unwrap();
    engine.run("test", sql, &Parameters::default(), Allow::Ask).await
}

fn of(memory: usize, spill: u64) -> Limits {
    Limits {
        memory,
        spill,
        ..Limits::default()
    }
}

#[tokio::test]
async fn what_has_no_room_in_memory_goes_to_disk_and_comes_back_the_same() {
    let (small, large) = (12 * MB, 400 * MB as u64);
    let error = ask(of(small, 0), MANY_GROUPS).await.unwrap_err();
    assert_eq!(error.kind, Kind::Limit, "{error}");
    let spilled = ask(of(small, large), MANY_GROUPS).await.unwrap().rows().unwrap();
    let in_memory = ask(Limits::default(), MANY_GROUPS).await.unwrap().rows().unwrap();
    assert_eq!(spilled.rows, in_memory.rows);
    assert_eq!(spilled.rows[0][0].int(), Some(500_000));
}

#[tokio::test]
async fn what_has_no_room_anywhere_says_so() {
    let error = ask(of(MB, MB as u64), MANY_GROUPS).await.unwrap_err();
    assert_eq!(
        error.in_one_line(),
        "it needs more than the 1 MB of memory and 1 MB of disk that a query may take; read fewer columns, and group \
         before joining"
    );
}

#[tokio::test]
async fn what_would_take_hours_ends_and_says_so() {
    let endless = "select count(*) from generate_series(1, 1000000000000) as a(x) where x % 7 = 3";
    let limits = Limits {
        time: Duration::from_millis(200),
        ..Limits::default()
    };
    let error = ask(limits, endless).await.unwrap_err();
    assert_eq!(
        error.in_one_line(),
        "it takes longer than 0.2 seconds; look for a join without a condition"
    );
}

#[tokio::test]
async fn no_function_reads_a_file_or_the_network() {
    for sql in [
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('https://example.com/x.parquet')",
        "select pg_read_file('/etc/passwd')",
    ] {
        let error = ask(Limits::default(), sql).await.unwrap_err();
        assert!(
            error.message.contains("no function") || error.message.contains("not found"),
            "{sql}: {error}"
        );
    }
}
