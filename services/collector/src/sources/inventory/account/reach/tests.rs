use super::*;
use crate::sources::inventory::{
    account::{
        client::CallError,
        rows::{Inventory, Row, text},
        tests::{Script, read_in},
    },
    columns_of,
};

fn concerns(service: &str, operation: &str) -> Vec<String> {
    let denied = CallError::Refused("AccessDenied".into());
    let found = reach(&Gap::new(service, "us-west-2", operation, &denied));
    found
        .into_iter()
        .flatten()
        .map(|unknown| unknown.to_string())
        .collect()
}

#[test]
fn a_list_leaves_rows_unknown_and_a_detail_cells() {
    assert_eq!(
        concerns("lambda", "ListFunctions"),
        ["lambda_env_secret", "lambda_function"]
    );
    assert_eq!(concerns("secretsmanager", "ListSecrets"), ["secret"]);
    assert_eq!(concerns("apigatewayv2", "GetApis"), ["api_gateway"]);
    assert_eq!(
        concerns("route53", "ListHostedZones"),
        ["route53_record", "route53_zone"]
    );
    assert_eq!(
        concerns("s3", "GetBucketPolicyStatus"),
        ["s3_bucket.public_policy"]
    );
    assert_eq!(concerns("s3control", "GetPublicAccessBlock"), ["s3_account"]);
    assert_eq!(concerns("iam", "GetCredentialReport"), ["iam_user"]);
    assert!(concerns("cloudwatch", "GetMetricData").contains(&"lambda_function.errors_14d".to_owned()));
    assert_eq!(concerns("lambda", "NoSuchCall"), Vec::<String>::new());
}

#[tokio::test]
async fn regions_that_cannot_be_listed_concern_every_regional_table_elsewhere() {
    let (inventory, _) = read_in(Script::default(), &[]).await;
    let gaps = inventory.rows("inventory_gap");
    let of_regions = |row: &&Row| text(row, "operation") == Some("DescribeRegions");
    let gap = gaps.iter().find(of_regions).unwrap();
    assert_eq!(text(gap, "region"), Some("other"));
    let concerns: Vec<String> = serde_json::from_str(text(gap, "concerns").unwrap()).unwrap();
    for (table, regional) in [
        ("lambda_function", true),
        ("lambda_env_secret", true),
        ("secret", true),
        ("api_gateway", true),
        ("waf_web_acl", true),
        ("s3_bucket", false),
        ("iam_user", false),
    ] {
        assert_eq!(concerns.iter().any(|c| c == table), regional, "{table}");
    }
}

#[test]
fn cells_concern_only_what_is_null() {
    let row = |cells: &[(&str, Option<&str>)]| -> Row {
        let cells = cells
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.map(str::to_owned)));
        cells.collect()
    };
    let mut inventory = Inventory::default();
    let known = [
        "invocations_14d",
        "errors_14d",
        "throttles_14d",
        "duration_ms_14d",
    ]
    .map(|name| (name, Some("1")));
    let one = row(&[known.as_slice(), &[("p95_ms_14d", None)]].concat());
    let tables = [
        ("lambda_function", one),
        ("dynamodb_table", row(&[("last_write_on", Some("2026-11-20"))])),
    ];
    inventory.tables = tables.map(|(table, row)| (table, vec![row])).into();
    inventory.gap(Gap::new(
        "cloudwatch",
        "us-west-2",
        "GetMetricData",
        &CallError::Unreadable,
    ));
    inventory.settle();
    let gap = &inventory.rows("inventory_gap")[0];
    assert_eq!(text(gap, "concerns"), Some(r#"["lambda_function.p95_ms_14d"]"#));
}

#[test]
fn every_call_concerns_tables_and_columns_that_there_are() {
    for service in SERVICES.iter() {
        for call in service.calls() {
            let found = concerns(&service.service, &call.operation);
            assert!(!found.is_empty(), "{} {}", service.service, call.operation);
            for unknown in found {
                let (table, column) = unknown.split_once('.').unwrap_or((&unknown, "region"));
                let columns = columns_of(table).unwrap_or_else(|| panic!("no table {table}"));
                assert!(
                    !unknown.contains('.') || columns.iter().any(|c| c == column) || column == "entity",
                    "{unknown}"
                );
            }
        }
    }
}
