use super::*;
use crate::engine::{Allow, Cell, Engine, Parameters, test_tables::numbers};

async fn is_halved(engine: &Engine, sql: &str) -> bool {
    let plan = engine.context().sql(sql).await.unwrap();
    of(plan.create_physical_plan().await.unwrap()).len() > 1
}

/// A table `t`, and `few` of ten rows.
fn with_few(rows: i64) -> Engine {
    let (engine, few) = (numbers(rows), numbers(10));
    let few = few
        .context()
        .catalog("datafusion")
        .unwrap()
        .schema("public")
        .unwrap();
    let few = futures::executor::block_on(few.table("t")).unwrap().unwrap();
    engine.put_provider("few".into(), few).unwrap();
    engine
}

#[tokio::test]
async fn a_large_table_is_read_in_halves_row_by_row_and_nothing_else_is() {
    let large = with_few(150_000);
    for (sql, halved) in [
        ("select n + 1 as m from t where text <> 'odd'", true),
        ("select m from (select n + 1 as m, text from t) where m > 5", true),
        ("select n from t union all select n from few", true),
        (
            "select n + 1 as m from (select n from few union all select n from t where n > 7)",
            true,
        ),
        ("select unnest(make_array(n, -n)) as u from t", true),
        (
            "select t.n, few.n as f from t join few on few.e = t.e and few.n < t.n",
            true,
        ),
        ("select t.n from t left join few on few.n = t.n", false),
        ("select n from t union select n from few", false),
        ("select n from few union all select n from few", false),
        ("select n from t limit 10", false),
        ("select n from t where n > 3 limit 10", false),
        ("select n from t order by text", false),
        ("select sum(n) from t", false),
        ("select distinct text from t", false),
        ("select row_number() over () as r from t", false),
        ("select a.n from t as a join t as b on a.n = b.n", false),
        ("select n from t where n > (select avg(n) from t)", false),
    ] {
        assert_eq!(is_halved(&large, sql).await, halved, "{sql}");
    }
    assert!(!is_halved(&numbers(99_999), "select n from t").await, "few rows");
}

#[tokio::test]
async fn both_halves_are_the_whole_in_its_order_and_what_cannot_be_read_is_counted_once() {
    let engine = numbers(150_000);
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

#[tokio::test]
async fn branches_lists_and_looked_up_rows_keep_their_order() {
    let engine = with_few(150_000);
    let numbers = |of: &dyn Fn(i64) -> Vec<i64>| (0..150_000).flat_map(of).collect::<Vec<_>>();
    for (sql, expected) in [
        (
            "select n from few union all select n from t",
            [(0..10).collect(), numbers(&|n| vec![n])].concat(),
        ),
        (
            "select unnest(make_array(n, -n)) as u from t",
            numbers(&|n| vec![n, -n]),
        ),
        (
            "select t.n from t join few on few.n = t.n % 10 and t.n > 3",
            numbers(&|n| if n > 3 { vec![n] } else { vec![] }),
        ),
    ] {
        assert!(is_halved(&engine, sql).await, "{sql}");
        let answer = engine
            .run("test", sql, &Parameters::default(), Allow::Select)
            .await
            .unwrap();
        let expected: Vec<_> = expected.into_iter().map(|n| vec![Cell::Int(n)]).collect();
        assert!(answer.rows().unwrap().rows == expected, "{sql}");
    }
}

/// Both halves look their rows up in one table, which is read once.
#[tokio::test]
async fn what_cannot_be_read_on_the_small_side_of_a_join_is_counted_once() {
    let engine = with_few(150_000);
    let sql = "select t.n, f.w from t join (select n, whole(text) as w from few) f on f.n = t.n % 10";
    assert!(is_halved(&engine, sql).await);
    let answer = engine
        .run("test", sql, &Parameters::default(), Allow::Select)
        .await
        .unwrap();
    let counts: Vec<_> = answer.unreadable.iter().map(|u| (u.count, u.of)).collect();
    assert_eq!(counts, [(1, 10)]);
}

/// The error of the first half, whichever fails first.
#[tokio::test]
async fn an_error_in_either_half_is_the_queries() {
    let engine = numbers(150_000);
    for row in [0, 149_999] {
        let sql = format!("select 1 / (n - {row}) as x from t");
        assert!(is_halved(&engine, &sql).await);
        let error = engine
            .run("test", &sql, &Parameters::default(), Allow::Select)
            .await;
        assert!(error.unwrap_err().in_one_line().to_lowercase().contains("zero"));
    }
}
