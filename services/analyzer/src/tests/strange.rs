//! Rows that no figure may count, and checks whose evidence is missing or cannot be read.

use shared::facts::{Analysis, CheckStatus};

use super::{DATE, built_in_night, bundle, rows, table, value};

#[tokio::test]
async fn rows_of_an_entity_that_the_portfolio_has_not_are_left_out_and_counted() {
    let columns = "entity booking_id booked_on service_from status gross";
    let (path, sql) = rows(
        "bookings",
        columns,
        &[
            "boat b1 2026-11-01 2026-11-02 completed 100",
            "ghost g1 2026-11-01 2026-11-02 completed 900",
            "ghost g2 2026-11-01 2026-11-02 completed 900",
        ],
    );
    let analysis = built_in_night(&bundle("", &[(&path, &sql)]), DATE, Vec::new(), None).await;
    assert_eq!(
        value(&analysis, "bookings.revenue_30d"),
        "$100.00",
        "what nobody owns is nobody's revenue"
    );
    assert_eq!(
        analysis
            .problems
            .iter()
            .map(|p| p.message.as_str())
            .collect::<Vec<_>>(),
        ["2 rows with entity \"ghost\", which the portfolio does not have, are left out"]
    );
}

/// What a check says of a resource; `ok` ones are not listed.
fn status(analysis: &Analysis, check: &str) -> Option<CheckStatus> {
    analysis
        .findings
        .iter()
        .find(|f| f.check == check)
        .map(|f| f.status)
}

#[tokio::test]
async fn without_its_evidence_a_check_is_unknown_never_ok() {
    let functions = || table("lambda_function", &["name", "env_names"], &[&["f", "[]"]]);
    let blind = built_in_night(&bundle("", &[]), DATE, vec![functions()], None).await;
    assert_eq!(status(&blind, "lambda.env_secrets"), Some(CheckStatus::Unknown));
    let none: &[&[&str]] = &[];
    let secrets = table("lambda_env_secret", &["function", "variable"], none);
    let seeing = built_in_night(&bundle("", &[]), DATE, vec![functions(), secrets], None).await;
    assert_eq!(
        status(&seeing, "lambda.env_secrets"),
        None,
        "no secret was found, and that is ok"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_never_ok() {
    let readable = |policy: &str| {
        let columns = [
            "name",
            "public_policy",
            "public_access_block",
            "account_restrict_public_buckets",
            "versioning",
        ];
        table("s3_bucket", &columns, &[&["b", policy, "no", "no", "Enabled"]])
    };
    for (policy, says) in [
        ("maybe", Some(CheckStatus::Unknown)),
        ("yes", Some(CheckStatus::Alarm)),
        ("no", None),
    ] {
        let analysis = built_in_night(&bundle("", &[]), DATE, vec![readable(policy)], None).await;
        assert_eq!(status(&analysis, "s3.public_policy"), says, "{policy}");
    }
    let key = table(
        "iam_user",
        &["name", "mfa", "key_age_days"],
        &[&["u", "yes", "about a year"]],
    );
    let analysis = built_in_night(&bundle("", &[]), DATE, vec![key], None).await;
    assert_eq!(status(&analysis, "iam.old_key"), Some(CheckStatus::Unknown));
    let memory = table(
        "lambda_function",
        &["name", "memory_mb", "max_used_mb_14d"],
        &[&["f", "1024", "?"]],
    );
    let analysis = built_in_night(&bundle("", &[]), DATE, vec![memory], None).await;
    assert_eq!(
        status(&analysis, "lambda.memory_oversized"),
        Some(CheckStatus::Unknown)
    );
}
