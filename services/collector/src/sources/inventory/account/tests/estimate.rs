//! What stands in for Cost Explorer where it has no answer.

use super::*;
use crate::sources::inventory::tables::ESTIMATE;

const SECRETS: &str = r#"{"SecretList":[{"Name":"a","ARN":"arn:a"},{"Name":"b","ARN":"arn:b"}]}"#;

fn secrets() -> Script {
    Script::default().on(&["secretsmanager.ListSecrets"], &[(200, SECRETS)])
}

/// Lines of a basis, as `kind region item quantity amount note`.
fn lines(inventory: &Inventory, basis: &str) -> Vec<String> {
    let of = |row: &&rows::Row| text(row, "basis") == Some(basis);
    let columns = ["kind", "region", "item", "quantity", "monthly_amount", "note"];
    let shown = |row: &rows::Row| columns.map(|column| text(row, column).unwrap_or("-")).join(" ");
    let rows = inventory.rows(ESTIMATE).iter().filter(of);
    rows.map(shown).collect()
}

#[tokio::test]
async fn an_account_without_cost_explorer_is_priced_by_what_was_seen_and_says_what_was_not() {
    let (inventory, _) = read(secrets()).await;
    assert!(gaps(&inventory, "ce").contains(&"GetCostAndUsage 403".to_owned()));
    assert!(
        !inventory.tables.contains_key("cost_daily"),
        "an estimate is no bill"
    );
    let priced = lines(&inventory, "list_price");
    assert_eq!(priced.len(), 1);
    assert!(
        priced[0].starts_with("secret us-west-2 secrets 2 0.8 price of us-east-1 on 2026-11-21, https://"),
        "{priced:?}"
    );
    // Everything else was denied: what it costs is unknown, and the lists are named.
    let unread = lines(&inventory, "not_read");
    for line in [
        "lambda_function us-west-2 all - - ListFunctions ",
        "s3_bucket global all - - ListBuckets ",
        "dynamodb_table us-west-2 all - - ListTables ",
    ] {
        assert!(
            unread.iter().any(|unread| unread.starts_with(line)),
            "{line}: {unread:#?}"
        );
    }
    assert!(
        !unread.iter().any(|line| line.starts_with("secret ")),
        "it was read"
    );
}

#[tokio::test]
async fn a_list_that_was_denied_in_one_region_leaves_the_others_priced() {
    let script = Script::default().on(&["us-west-2", "secretsmanager.ListSecrets"], &[(200, SECRETS)]);
    let (inventory, _) = read_in(script, &["us-west-2", "eu-west-1"]).await;
    assert_eq!(lines(&inventory, "list_price").len(), 1);
    let unread = lines(&inventory, "not_read");
    let secret: Vec<_> = unread.iter().filter(|line| line.starts_with("secret ")).collect();
    assert_eq!(secret, ["secret eu-west-1 all - - ListSecrets 403"]);
}

#[tokio::test]
async fn where_cost_explorer_answers_there_is_no_estimate() {
    let day = r#"{"ResultsByTime":[{"TimePeriod":{"Start":"2026-11-20"},"Estimated":true,"Groups":[]}]}"#;
    let (inventory, _) = read(secrets().on(&["GetCostAndUsage"], &[(200, day)])).await;
    assert_eq!(inventory.rows("secret").len(), 2);
    assert!(inventory.tables.contains_key("cost_daily"));
    assert!(!inventory.tables.contains_key(ESTIMATE));
}

#[tokio::test]
async fn an_account_of_which_nothing_is_read_has_no_estimate() {
    let (inventory, _) = read(Script::default()).await;
    assert!(!inventory.tables.contains_key(ESTIMATE));
}

#[tokio::test]
async fn a_bucket_tells_how_much_of_it_is_in_which_class() {
    let buckets = "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name><BucketRegion>us-west-2</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>";
    let point = |n: usize, day: &str, value: &str| {
        format!(
            "<member><Id>r0m{n}</Id><Timestamps><member>2026-11-{day}T00:00:00Z</member></Timestamps><Values><member>{value}</member></Values><StatusCode>Complete</StatusCode></member>"
        )
    };
    let silent = |n: usize| {
        format!("<member><Id>r0m{n}</Id><Timestamps/><Values/><StatusCode>Complete</StatusCode></member>")
    };
    // Standard-IA was emptied three days ago; the other classes never held anything.
    let results = [
        point(0, "20", "2147483648"),
        point(1, "17", "5000000000"),
        silent(2),
        point(3, "20", "1000000000"),
        silent(4),
        silent(5),
    ];
    let data = format!(
        "<R><GetMetricDataResult><MetricDataResults>{}</MetricDataResults></GetMetricDataResult></R>",
        results.concat()
    );
    let script = Script::default()
        .on(&["us-east-1 s3 GET", "max-buckets"], &[(200, buckets)])
        .on(&["Action=GetMetricData"], &[(200, &data)]);
    let (inventory, _) = read(script).await;
    let cells = [
        "size_gb",
        "standard_gb",
        "standard_ia_gb",
        "intelligent_tiering_gb",
        "glacier_gb",
        "deep_archive_gb",
    ]
    .map(|name| column(&inventory, "s3_bucket", name).remove(0));
    assert_eq!(
        cells,
        ["3.147", "2.147", "0.000", "0.000", "1.000", "0.000"].map(some)
    );
    // 2.147 / 1.073741824 x 0.023 = 0.0460, 1 / 1.073741824 x 0.0036 = 0.0034.
    let amounts: Vec<_> = lines(&inventory, "list_price")
        .iter()
        .filter(|line| !line.contains(" 0 0 "))
        .map(|line| line.split(" price of").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        amounts,
        [
            "s3_bucket us-west-2 storage in Glacier Flexible Retrieval 0.931323 0.0034",
            "s3_bucket us-west-2 storage in Standard 1.99955 0.046"
        ]
    );

    let (unmeasured, _) =
        read(Script::default().on(&["us-east-1 s3 GET", "max-buckets"], &[(200, buckets)])).await;
    assert_eq!(column(&unmeasured, "s3_bucket", "standard_gb"), [None]);
    let unknown = lines(&unmeasured, "unknown");
    assert_eq!(unknown.len(), 5);
    assert!(
        unknown.iter().all(|line| line.contains(" 1 - not known: ")),
        "{unknown:?}"
    );
}
