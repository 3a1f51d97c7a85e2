//! An estimate of what AWS costs is shown as one, and is never taken for cost.

use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, Status, Value},
    portfolio::Bundle,
};

use super::{DATE, built_in_night, bundle, lack, says, table, value};
use crate::warehouse::LocalTable;

fn estimate() -> LocalTable {
    let columns = [
        "service",
        "kind",
        "region",
        "entity",
        "item",
        "basis",
        "quantity",
        "monthly_amount",
        "note",
    ];
    let rows: &[&[&str]] = &[
        &[
            "AWS Lambda",
            "lambda_function",
            "us-west-2",
            "boat",
            "requests",
            "list_price",
            "3650000.5",
            "0.73",
            "page",
        ],
        &[
            "AWS Lambda",
            "lambda_function",
            "global",
            "-",
            "free requests",
            "rebate",
            "-1000000",
            "-0.2",
            "page",
        ],
        &[
            "AWS Lambda",
            "lambda_function",
            "us-west-2",
            "-",
            "duration on arm64",
            "unknown",
            "2",
            "-",
            "not known: x",
        ],
        &[
            "AWS Lambda",
            "lambda_function",
            "eu-west-1",
            "-",
            "requests",
            "unknown",
            "1",
            "-",
            "not known: y",
        ],
        &[
            "AWS Lambda",
            "lambda_function",
            "global",
            "-",
            "starts",
            "left_out",
            "3",
            "-",
            "-",
        ],
        &[
            "AWS Secrets Manager",
            "secret",
            "us-west-2",
            "-",
            "secrets",
            "list_price",
            "2",
            "0.8",
            "page",
        ],
        &[
            "Amazon DynamoDB",
            "dynamodb_table",
            "us-west-2",
            "-",
            "all",
            "not_read",
            "-",
            "-",
            "ListTables AccessDenied",
        ],
        &[
            "Amazon DynamoDB",
            "dynamodb_table",
            "eu-west-1",
            "-",
            "all",
            "not_read",
            "-",
            "-",
            "ListTables AccessDenied",
        ],
    ];
    table("cost_estimate", &columns, rows)
}

fn bill() -> LocalTable {
    let columns = ["day", "service", "entity", "amount", "currency", "estimated"];
    let rows: &[&[&str]] = &[
        &["2026-10-31", "AWS Lambda", "boat", "3.00", "USD", "false"],
        &["2026-11-19", "AWS Lambda", "boat", "7.25", "USD", "true"],
    ];
    table("cost_daily", &columns, rows)
}

async fn night(tables: Vec<LocalTable>) -> Analysis {
    built_in_night(&bundle("", &[]), DATE, tables, None).await
}

/// The rows of a model, money in minor units.
fn cells(analysis: &Analysis, model: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Money { minor, .. } => minor.to_string(),
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let rows = analysis.models[model].rows.iter();
    rows.map(|row| row.iter().map(text).collect::<Vec<_>>().join(" | "))
        .collect()
}

#[tokio::test]
async fn without_a_bill_the_estimate_is_headed_as_one_and_says_what_is_not_in_it() {
    // As the collector leaves it: the call that failed is why there is an estimate.
    let columns = ["service", "region", "operation", "error", "concerns"];
    let denied = ["ce", "global", "GetCostAndUsage", "Denied", r#"["cost_daily"]"#];
    let gaps = table("inventory_gap", &columns, &[&denied]);
    let analysis = night(vec![estimate(), gaps]).await;
    assert_eq!(
        says(&analysis, "cost_estimate"),
        "Unknown: An estimate and no bill: $1.33 a month at list price for what was seen; a lower bound: a list of \
         resources could not be read"
    );
    assert_eq!(
        cells(&analysis, "cost_estimate"),
        [
            "AWS Secrets Manager | 80 | Null",
            "AWS Lambda | 53 | figures of at least 2 in lambda_function; starts",
            "Amazon DynamoDB | Null | not read: ListTables AccessDenied (eu-west-1, us-west-2)",
        ]
    );
    assert_eq!(
        cells(&analysis, "cost_estimate_by_entity"),
        ["shared | 80", "boat | 73", "allowances | -20"]
    );
    for model in ["cost_estimate", "cost_estimate_by_entity"] {
        let model = &analysis.models[model];
        assert!(model.title.contains("estimate"), "{}", model.title);
        assert_eq!(model.status, Status::Unknown);
        let note = model.note.as_deref().unwrap_or_default();
        assert!(
            !note.starts_with("Without"),
            "no bill is why it is there, not what it lacks: {note}"
        );
    }
}

#[tokio::test]
async fn an_estimate_by_entity_is_a_lower_bound_where_the_whole_is_one() {
    let columns = [
        "service",
        "kind",
        "region",
        "entity",
        "item",
        "basis",
        "quantity",
        "monthly_amount",
        "note",
    ];
    let secret: &[&str] = &[
        "Secrets",
        "secret",
        "r",
        "boat",
        "secrets",
        "list_price",
        "2",
        "0.8",
        "-",
    ];
    let lists: [&[&str]; 3] = [
        &[
            "Tables",
            "dynamodb_table",
            "r-1",
            "-",
            "all",
            "not_read",
            "-",
            "-",
            "ListTables Denied",
        ],
        &[
            "Tables",
            "dynamodb_table",
            "r-2",
            "-",
            "all",
            "not_read",
            "-",
            "-",
            "ListTables Denied",
        ],
        &[
            "Zones",
            "route53_zone",
            "global",
            "-",
            "all",
            "not_read",
            "-",
            "-",
            "ListHostedZones Denied",
        ],
    ];
    for (unread, bound) in [
        (0, ""),
        (1, "; a lower bound: a list of resources could not be read"),
        (2, "; a lower bound: a list of resources could not be read"),
        (3, "; a lower bound: 2 lists of resources could not be read"),
    ] {
        let rows = [&[secret], &lists[..unread]].concat();
        let analysis = night(vec![table("cost_estimate", &columns, &rows)]).await;
        let whole = says(&analysis, "cost_estimate");
        assert!(whole.ends_with(&format!("for what was seen{bound}")), "{whole}");
        let expected = format!("Unknown: By estimate, Boat costs most: $0.80 a month at list price{bound}");
        assert_eq!(says(&analysis, "cost_estimate_by_entity"), expected);
    }
}

#[tokio::test]
async fn figures_that_are_unknown_are_counted_as_far_as_that_is_certain() {
    let columns = ["service", "kind", "region", "item", "basis", "quantity"];
    let of = |item, region, n| ["Lambda", "lambda_function", region, item, "unknown", n];
    let (x86, arm) = ("duration on x86", "duration on arm64");
    for (lines, says) in [
        // One price: whatever the region, each resource is counted once.
        (
            vec![of(x86, "r", "2"), of(x86, "s", "1")],
            "figures of 3 in lambda_function",
        ),
        // Of two prices these are five functions; of requests and a duration they would be three.
        (
            vec![of(x86, "r", "2"), of(arm, "r", "3")],
            "figures of at least 3 in lambda_function",
        ),
    ] {
        let rows: Vec<&[&str]> = lines.iter().map(<[_; 6]>::as_slice).collect();
        let analysis = night(vec![table("cost_estimate", &columns, &rows)]).await;
        assert_eq!(
            cells(&analysis, "cost_estimate"),
            [format!("Lambda | Null | {says}")]
        );
    }
}

#[tokio::test]
async fn an_estimate_is_never_billed_cost() {
    let analysis = night(vec![estimate()]).await;
    for kpi in ["aws.cost_mtd", "aws.cost_last_month", "aws.cost_per_booking"] {
        assert_eq!(value(&analysis, kpi), "no such fact");
        assert_eq!(
            lack(&analysis, kpi),
            "table cost_daily was not collected",
            "{kpi}"
        );
        let missing = analysis.missing_kpis.iter().find(|m| m.id == kpi).unwrap();
        assert!(
            missing.fix.starts_with("Switch on Cost Explorer"),
            "{}",
            missing.fix
        );
    }
    for model in [
        "cost_by_month",
        "cost_by_service",
        "cost_by_entity",
        "cost_movers",
    ] {
        assert!(analysis.models[model].rows.is_empty(), "{model}");
        assert_eq!(
            says(&analysis, model),
            "Unknown: table cost_daily was not collected"
        );
    }
    assert!(
        !analysis
            .shortfalls
            .iter()
            .any(|s| s.fact.starts_with("shortfall:cost."))
    );
}

#[tokio::test]
async fn where_there_is_a_bill_an_estimate_changes_nothing_and_is_not_shown() {
    let (both, billed) = (night(vec![estimate(), bill()]).await, night(vec![bill()]).await);
    assert_eq!(value(&both, "aws.cost_mtd"), "$7.25");
    assert_eq!(both.kpis, billed.kpis);
    for model in [
        "cost_by_month",
        "cost_by_service",
        "cost_by_entity",
        "cost_movers",
    ] {
        assert_eq!(both.models[model], billed.models[model], "{model}");
    }
    for model in ["cost_estimate", "cost_estimate_by_entity"] {
        assert_eq!(cells(&both, model), Vec::<String>::new());
        assert_eq!(cells(&billed, model), Vec::<String>::new());
    }
}

#[test]
fn nothing_of_the_catalog_reads_the_estimate_but_its_models() {
    let files = CatalogFiles::of(&Bundle::default());
    // A document shows models; it has no SQL.
    let all = files.merged("catalog/", "").into_iter();
    let reads = |text: &str| text.contains("cost_estimate") || text.contains("estimate_line");
    let readers: Vec<&str> = all
        .filter(|file| reads(file.text) && !file.path.starts_with("catalog/documents/"))
        .map(|file| file.path)
        .collect();
    assert_eq!(
        readers,
        [
            "catalog/collected.toml",
            "catalog/derived/62_estimate_line.sql",
            "catalog/models/cost_estimate.toml"
        ]
    );
}

#[tokio::test]
async fn a_month_that_cost_more_is_named_once_both_months_are_whole() {
    let columns = ["day", "service", "entity", "amount", "currency", "estimated"];
    let jumped = |days: i64| {
        let last: jiff::civil::Date = DATE.parse().unwrap();
        let day = |back: i64| jiff::ToSpan::days(back);
        let rows: Vec<[String; 2]> = (0..days)
            .map(|back| {
                let amount = if back < 30 { "2.00" } else { "1.00" };
                [last.saturating_sub(day(back)).to_string(), amount.to_owned()]
            })
            .collect();
        let rows: Vec<[&str; 6]> = rows
            .iter()
            .map(|[day, amount]| {
                [
                    day.as_str(),
                    "AWS Lambda",
                    "boat",
                    amount.as_str(),
                    "USD",
                    "false",
                ]
            })
            .collect();
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 6]>::as_slice).collect();
        table("cost_daily", &columns, &rows)
    };
    let found = |analysis: &Analysis| -> Vec<String> {
        let all = analysis.shortfalls.iter().filter(|s| s.id == "cost.jump");
        all.map(|s| s.headline.clone()).collect()
    };
    assert_eq!(
        found(&night(vec![jumped(60)]).await),
        ["AWS cost $60.00 in 30 days, $30.00 more than in the 30 days before"]
    );
    // An account that began to be billed within the month before has not jumped.
    assert_eq!(found(&night(vec![jumped(59)]).await), [""; 0]);
}
