use crate::engine::{Allow, Cell, Engine, Parameters, test_tables::numbers};

const ALL: &str = "select n from t union all select n + 20000 from t union all select n + 40000 from t";

async fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    let parameters = Parameters::default();
    let answer = engine.run("test", sql, &parameters, Allow::Select).await.unwrap();
    answer.rows().unwrap().rows
}

#[tokio::test]
async fn partitions_become_one_in_order_and_no_other_way() {
    let engine = numbers(10);
    for sql in [
        format!("{ALL} limit 7"),
        format!("select n, 1 as one from ({ALL}) order by one limit 7"),
        format!("select row_number() over () as r from ({ALL})"),
        format!("select sum(n) as s from ({ALL})"),
    ] {
        let plan = engine.context().sql(&sql).await.unwrap();
        let plan = plan.create_physical_plan().await.unwrap();
        let plan = datafusion::physical_plan::displayable(&*plan)
            .indent(false)
            .to_string();
        assert!(plan.contains("InOrderExec"), "{sql}: {plan}");
        for other in [
            "CoalescePartitionsExec",
            "SortPreservingMergeExec",
            "RepartitionExec",
        ] {
            assert!(!plan.contains(other), "{sql}: {plan}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_stand_in_the_order_in_which_the_query_is_written() {
    let engine = numbers(20_000);
    for (sql, count) in [
        (ALL.to_owned(), 60_000),
        (format!("{ALL} limit 40001"), 40_001),
        (
            format!("select n from (select n, 1 as one from ({ALL})) order by one limit 30000"),
            30_000,
        ),
        (
            format!(
                "select cast(r as bigint) - 1 as n from (select row_number() over () as r, n from ({ALL}) order by n)"
            ),
            60_000,
        ),
    ] {
        for _ in 0..5 {
            let found = rows(&engine, &sql).await;
            let expected: Vec<_> = (0..count).map(|n| vec![Cell::Int(n)]).collect();
            assert!(found == expected, "{sql}: {} rows", found.len());
        }
    }
}

#[tokio::test]
async fn no_rows_and_an_error_in_a_later_part_are_what_they_are() {
    let engine = numbers(10);
    let none = "select n from t where n > 10 union all select n from t where n > 20 limit 3";
    assert_eq!(rows(&engine, none).await.len(), 0);
    let (sql, parameters) = (
        "select n from t union all select 1 / (n - 3) from t",
        Parameters::default(),
    );
    let error = engine
        .run("test", sql, &parameters, Allow::Select)
        .await
        .unwrap_err();
    assert!(error.in_one_line().to_lowercase().contains("zero"), "{error:?}");
}
