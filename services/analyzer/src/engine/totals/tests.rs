use crate::engine::{Allow, Cell, Engine, Parameters, test_tables::numbers};

async fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    let parameters = Parameters::default();
    let answer = engine.run("test", sql, &parameters, Allow::Select).await.unwrap();
    sorted(answer.rows().unwrap().rows)
}

fn sorted(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

async fn groups_twice(engine: &Engine, sql: &str) -> bool {
    let plan = engine.context().sql(sql).await.unwrap();
    let plan = plan.into_optimized_plan().unwrap().display_indent().to_string();
    plan.matches("Aggregate:").count() == 2
}

/// All that can be put together of parts, with names that are asked for above.
const FIGURES: &str = "count(*) as all_rows, count(known) as known, count(*) filter (where s = 'x') as of_x, \
                       sum(known) as total, sum(m) as money, sum(m) filter (where s = 'none') as none, \
                       min(known) as least, max(s) as last, sum(m) / count(*) as mean";

#[tokio::test]
async fn totals_are_those_of_each_set_by_itself() {
    let engine = numbers(150_000);
    let total = ("null", "null", "");
    for (sets, keys, each) in [
        ("(e), ()", "e, null", vec![("e", "null", "group by e"), total]),
        (
            "(e), (), (e), ()",
            "e, null",
            vec![
                ("e", "null", "group by e"),
                total,
                ("e", "null", "group by e"),
                total,
            ],
        ),
        (
            "(e, s), (e)",
            "e, s",
            vec![("e", "s", "group by e, s"), ("e", "null", "group by e")],
        ),
        (
            "(upper(e)), ()",
            "upper(e), null",
            vec![("upper(e)", "null", "group by upper(e)"), total],
        ),
    ] {
        for filter in ["", "where n % 3 = 0", "where s = 'none'"] {
            let at_once = format!("select {keys}, {FIGURES} from t {filter} group by grouping sets ({sets})");
            assert!(groups_twice(&engine, &at_once).await, "{at_once}");
            let mut expected = Vec::new();
            for (first, second, group) in &each {
                let alone =
                    format!("select {first} as k1, {second} as k2, {FIGURES} from t {filter} {group}");
                expected.extend(rows(&engine, &alone).await);
            }
            assert_eq!(rows(&engine, &at_once).await, sorted(expected), "{at_once}");
        }
    }
}

/// `having` and `grouping` speak of the rows of the answer; a period is put in when all is planned.
#[tokio::test]
async fn what_stands_around_finds_its_columns() {
    let engine = numbers(150_000);
    let sql = "select x.e, grouping(x.e) as g, count(*) as n \
               from t x join (select 'a' as k union all select 'b') on k = x.e \
               group by grouping sets ((x.e), ()) having sum(x.n) > 0 and (grouping(x.e) = 1 or x.e <> 'b')";
    assert!(groups_twice(&engine, sql).await);
    let expected = [
        vec![Cell::Null, Cell::Int(1), Cell::Int(75_000)],
        vec![Cell::Text("a".to_owned()), Cell::Int(0), Cell::Int(37_500)],
    ];
    assert_eq!(rows(&engine, sql).await, expected);

    let sql = "select e, count(*) filter (where $from <= $to) as n from t group by grouping sets ((e), ()) having count(*) > 99999";
    let prepared = engine.prepare(sql, &Parameters::default()).await.unwrap();
    let (first, last) = ("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap());
    for (period, n) in [((first, last), 150_000), ((last, first), 0)] {
        let answer = engine.run_during("test", &prepared, period).await.unwrap();
        assert_eq!(answer.rows().unwrap().rows, [vec![Cell::Null, Cell::Int(n)]]);
    }
}

/// A count is never NULL, and what stands above was planned knowing that.
#[tokio::test]
async fn a_count_stays_what_cannot_be_null() {
    let engine = numbers(150_000);
    let groups = "select e, count(*) as n from t group by grouping sets ((e), ())";
    let union = format!("select count(*) as c from ({groups} union select 'z', 1)");
    assert_eq!(rows(&engine, &union).await, [vec![Cell::Int(6)]]);
    let above =
        format!("select n, count(*) as c from ({groups}) where n > (select min(known) from t) group by n");
    let expected = [
        vec![Cell::Int(150_000), Cell::Int(1)],
        vec![Cell::Int(37_500), Cell::Int(4)],
    ];
    assert_eq!(rows(&engine, &above).await, expected);
}

#[tokio::test]
async fn what_is_no_sum_of_parts_is_asked_of_all_rows_and_so_is_a_small_table() {
    let large = numbers(150_000);
    for figure in [
        "count(distinct s)",
        "median(n)",
        "avg(n)",
        "sum(cast(n as double))",
        "count(*), median(n)",
        "string_agg(s, ',')",
    ] {
        let sql = format!("select e, {figure} as f from t group by grouping sets ((e), ())");
        assert!(!groups_twice(&large, &sql).await, "{sql}");
    }
    // No set has all columns: together they may make a group of every row.
    let apart = "select e, s, count(*) as n from t group by grouping sets ((e), (s))";
    assert!(!groups_twice(&large, apart).await);
    assert_eq!(rows(&large, apart).await.len(), 4 + 3);
    assert_eq!(
        rows(&large, "select 1 from t group by grouping sets (())").await,
        [vec![Cell::Int(1)]]
    );

    let sql = "select e, count(*) from t group by grouping sets ((e), ())";
    assert!(groups_twice(&large, sql).await);
    assert!(!groups_twice(&numbers(99_999), sql).await, "few rows");
}
