//! What the built-in checks conclude from an inventory: of what was not read, of what is unknown, of one name in two regions.

use shared::facts::{Analysis, ChangeKind, CheckStatus, Status};

use super::{DATE, built_in_night, bundle, table};
use crate::warehouse::LocalTable;

pub(super) async fn night(tables: Vec<LocalTable>) -> Analysis {
    built_in_night(&bundle("", &[]), DATE, tables, None).await
}

/// What a check says, of what is not ok: resource, status, reason.
pub(super) fn findings<'a>(analysis: &'a Analysis, check: &str) -> Vec<(&'a str, CheckStatus, &'a str)> {
    let of = analysis.findings.iter().filter(|f| f.check == check);
    let mut found: Vec<_> = of
        .map(|f| (f.resource.as_str(), f.status, f.reason.as_str()))
        .collect();
    found.sort_by_key(|(resource, ..)| *resource);
    found
}

pub(super) fn gaps(rows: &[[&str; 5]]) -> LocalTable {
    let rows: Vec<&[&str]> = rows.iter().map(<[_; 5]>::as_slice).collect();
    let columns = ["service", "region", "operation", "error", "concerns"];
    table("inventory_gap", &columns, &rows)
}

fn secrets() -> LocalTable {
    let rows: &[&[&str]] = &[&["rotates", "true", "us-west-2"], &["unread", "-", "us-west-2"]];
    table("secret", &["name", "rotation", "region"], rows)
}

fn api() -> LocalTable {
    let columns = ["id", "name", "authorizer", "throttle_rate"];
    table("api_gateway", &columns, &[&["a", "a", "JWT", "20"]])
}

#[tokio::test]
async fn a_list_that_was_denied_in_one_region_leaves_every_check_of_its_table_unknown() {
    let denied = [
        [
            "secretsmanager",
            "eu-west-1",
            "ListSecrets",
            "Denied",
            r#"["secret"]"#,
        ],
        [
            "apigatewayv2",
            "eu-west-1",
            "GetApis",
            "Denied",
            r#"["api_gateway"]"#,
        ],
        [
            "apigatewayv2",
            "eu-west-2",
            "GetApis",
            "Denied",
            r#"["api_gateway"]"#,
        ],
        ["sns", "eu-west-1", "ListTopics", "Denied", r#"["sns_topic"]"#],
    ];
    let blind = night(vec![secrets(), api(), gaps(&denied)]).await;
    assert_eq!(
        findings(&blind, "secret.no_rotation"),
        [
            (
                "*",
                CheckStatus::Unknown,
                "ListSecrets failed in eu-west-1: Denied"
            ),
            ("unread", CheckStatus::Unknown, "rotation could not be read"),
        ]
    );
    let apis = "GetApis failed in eu-west-1, eu-west-2: Denied";
    for check in ["api.no_authorizer", "api.no_throttle"] {
        assert_eq!(
            findings(&blind, check),
            [("*", CheckStatus::Unknown, apis)],
            "{check}"
        );
    }
    let seeing = night(vec![secrets(), api(), gaps(&denied[3..])]).await;
    assert_eq!(findings(&seeing, "api.no_throttle"), [], "no topic is an API");
    assert_eq!(findings(&seeing, "secret.no_rotation").len(), 1);
}

#[tokio::test]
async fn regions_that_could_not_be_listed_leave_every_regional_check_unknown() {
    let concerns = r#"["api_gateway","secret","lambda_function"]"#;
    let denied = gaps(&[["ec2", "other", "DescribeRegions", "Denied", concerns]]);
    let buckets = table("s3_bucket", &["name", "public_policy"], &[&["b", "false"]]);
    let analysis = night(vec![api(), buckets, denied]).await;
    let why = "DescribeRegions failed: Denied";
    assert_eq!(
        findings(&analysis, "api.no_authorizer"),
        [("*", CheckStatus::Unknown, why)]
    );
    assert_eq!(
        findings(&analysis, "s3.public_policy"),
        [],
        "buckets are listed without a region"
    );
    // Many calls are cut to the first three.
    let regions: Vec<String> = (1..7).map(|n| format!("r-{n}")).collect();
    let many: Vec<_> = regions
        .iter()
        .map(|r| ["apigateway", r, "GetRestApis", "Denied", r#"["api_gateway"]"#])
        .collect();
    let analysis = night(vec![api(), gaps(&many)]).await;
    let why = "GetRestApis failed in r-1, r-2, r-3 and 3 more regions: Denied";
    assert_eq!(
        findings(&analysis, "api.no_authorizer"),
        [("*", CheckStatus::Unknown, why)]
    );
}

#[tokio::test]
async fn a_detail_that_failed_blinds_the_checks_that_look_at_it_and_no_other() {
    let columns = ["name", "url", "url_auth", "runtime"];
    let functions = table("lambda_function", &columns, &[&["f", "-", "-", "python3.13"]]);
    let concerns = r#"["lambda_function.url","lambda_function.url_auth"]"#;
    let denied = gaps(&[["lambda", "us-west-2", "GetFunctionUrlConfig", "Denied", concerns]]);
    let analysis = night(vec![functions, denied]).await;
    let url = findings(&analysis, "lambda.url_public");
    assert_eq!(
        url,
        [(
            "f",
            CheckStatus::Unknown,
            "the URL configuration could not be read"
        )]
    );
    assert_eq!(findings(&analysis, "lambda.unsupported_runtime"), []);
}

#[tokio::test]
async fn an_environment_that_could_not_be_read_hides_keys_and_a_key_is_of_one_region() {
    let rows: &[&[&str]] = &[
        &["closed", "us-west-2", "-"],
        &["twice", "us-west-2", r#"["KEY"]"#],
        &["twice", "eu-west-1", r#"["TABLE"]"#],
        &["recorded", "us-west-2", r#"["KEY"]"#],
    ];
    let functions = table("lambda_function", &["name", "region", "env_names"], rows);
    let keys: &[&[&str]] = &[&["twice", "us-west-2", "KEY"], &["recorded", "-", "KEY"]];
    let secrets = table("lambda_env_secret", &["function", "region", "variable"], keys);
    let analysis = night(vec![functions, secrets]).await;
    let key = "1 variable looks like a key: KEY";
    assert_eq!(
        findings(&analysis, "lambda.env_secrets"),
        [
            (
                "closed",
                CheckStatus::Unknown,
                "its environment could not be read"
            ),
            ("recorded", CheckStatus::Alarm, key),
            ("twice (us-west-2)", CheckStatus::Alarm, key),
        ]
    );
}

#[tokio::test]
async fn what_has_no_figure_is_neither_small_nor_well() {
    let rows: &[&[&str]] = &[
        &["small", "false", "9.9"],
        &["big", "false", "10"],
        &["unread", "false", "-"],
    ];
    let buckets = table("s3_bucket", &["name", "lifecycle", "size_gb"], rows);
    let columns = ["name", "invocations_14d", "errors_14d", "throttles_14d"];
    let functions = table(
        "lambda_function",
        &columns,
        &[&["f", "100", "0", "-"], &["g", "100", "0", "0"]],
    );
    let alarms: &[&[&str]] = &[
        &["unread", "true", "-"],
        &["off", "-", "false"],
        &["on", "true", "true"],
    ];
    let alarms = table(
        "cloudwatch_alarm",
        &["name", "has_action", "actions_enabled"],
        alarms,
    );
    let analysis = night(vec![buckets, functions, alarms]).await;
    let status = |check| -> Vec<(&str, CheckStatus)> {
        let all = findings(&analysis, check);
        all.into_iter()
            .map(|(resource, status, _)| (resource, status))
            .collect()
    };
    let (alarm, unknown) = (CheckStatus::Alarm, CheckStatus::Unknown);
    assert_eq!(status("s3.no_lifecycle"), [("big", alarm), ("unread", unknown)]);
    assert_eq!(status("lambda.failing"), [("f", unknown)]);
    assert_eq!(status("alarm.no_action"), [("off", alarm), ("unread", unknown)]);
}

#[tokio::test]
async fn a_rate_limit_that_holds_nothing_back_is_none() {
    let columns = ["id", "name", "throttle_rate"];
    let rows: &[&[&str]] = &[
        &["blank", "n", ""],
        &["least", "n", "0.5"],
        &["most", "n", "9999"],
        &["none", "n", "-1.0"],
        &["default", "n", "10000.0"],
        &["odd", "n", "plenty"],
        &["unread", "n", "-"],
    ];
    let analysis = night(vec![table("api_gateway", &columns, rows)]).await;
    let found: Vec<_> = findings(&analysis, "api.no_throttle")
        .into_iter()
        .map(|(resource, status, _)| (resource, status))
        .collect();
    let (alarm, unknown) = (CheckStatus::Alarm, CheckStatus::Unknown);
    let expected = [
        ("blank", alarm),
        ("default", alarm),
        ("none", alarm),
        ("odd", unknown),
        ("unread", unknown),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_root_user_is_never_excused_for_want_of_a_password() {
    for password in ["-", "false", "true"] {
        let rows: &[&[&str]] = &[
            &["<root_account>", password, "false"],
            &["robot", "false", "false"],
            &["new", "-", "-"],
        ];
        let analysis = night(vec![table("iam_user", &["name", "password", "mfa"], rows)]).await;
        assert_eq!(
            findings(&analysis, "iam.user_without_mfa"),
            [
                ("<root_account>", CheckStatus::Alarm, "no second factor"),
                ("new", CheckStatus::Unknown, "it could not be read"),
            ],
            "{password}"
        );
    }
}

fn alarms(regions: &[&str]) -> LocalTable {
    let rows: Vec<[&str; 3]> = regions
        .iter()
        .map(|region| ["errors", *region, "false"])
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(<[_; 3]>::as_slice).collect();
    table("cloudwatch_alarm", &["name", "region", "has_action"], &rows)
}

#[tokio::test]
async fn one_name_in_two_regions_is_two_resources_and_a_mute_is_of_one() {
    let mute = "[[mutes]]\nfact = \"check:alarm.no_action:errors (eu-west-1)\"\nuntil = 2026-12-31\nreason = \"a demo\"\n";
    let tables = vec![alarms(&["us-west-2", "eu-west-1"])];
    let both = built_in_night(&bundle(mute, &[]), DATE, tables, None).await;
    let found: Vec<_> = both
        .findings
        .iter()
        .filter(|f| f.check == "alarm.no_action")
        .map(|f| (f.fact.as_str(), f.status))
        .collect();
    let expected = [
        ("check:alarm.no_action:errors (us-west-2)", CheckStatus::Alarm),
        ("check:alarm.no_action:errors (eu-west-1)", CheckStatus::Accepted),
    ];
    assert_eq!(found, expected);
    let fix = &both
        .findings
        .iter()
        .find(|f| f.fact == expected[0].0)
        .unwrap()
        .fix;
    assert!(
        fix.starts_with("export AWS_REGION=us-west-2; aws cloudwatch put-metric-alarm --alarm-name errors "),
        "{fix}"
    );
}

#[tokio::test]
async fn a_name_that_a_second_region_takes_up_or_gives_up_is_not_mended() {
    let one = || vec![alarms(&["us-west-2"])];
    let two = || vec![alarms(&["us-west-2", "eu-west-1"])];
    for (before, after) in [(one(), two()), (two(), one())] {
        let settings = bundle("", &[]);
        let first = built_in_night(&settings, "2026-11-19", before, None).await;
        let second = built_in_night(&settings, DATE, after, Some(&first)).await;
        let mended = second
            .changes
            .iter()
            .any(|c| c.kind == ChangeKind::Resolved && c.fact.contains("alarm.no_action"));
        assert!(!mended, "{:?}", second.changes);
    }
    // While one that is gone altogether still is.
    let settings = bundle("", &[]);
    let first = built_in_night(&settings, "2026-11-19", one(), None).await;
    let second = built_in_night(&settings, DATE, vec![alarms(&[])], Some(&first)).await;
    let mended = second.changes.iter().filter(|c| c.kind == ChangeKind::Resolved);
    assert_eq!(
        mended.map(|c| c.fact.as_str()).collect::<Vec<_>>(),
        ["check:alarm.no_action:errors"]
    );
}

#[tokio::test]
async fn certificates_of_one_domain_are_told_apart() {
    let rows: &[&[&str]] = &[
        &[
            "site.example.com",
            "arn:aws:acm:us-east-1:1:certificate/0000-aaaaaaaa",
            "2026-11-25",
        ],
        &[
            "site.example.com",
            "arn:aws:acm:us-east-1:1:certificate/0000-bbbbbbbb",
            "2026-11-26",
        ],
        &[
            "shop.example.com",
            "arn:aws:acm:us-east-1:1:certificate/0000-cccccccc",
            "2026-11-26",
        ],
    ];
    let certificates = table("acm_certificate", &["domain", "arn", "expires_on"], rows);
    let analysis = night(vec![certificates]).await;
    let found = findings(&analysis, "acm.expiry");
    let names: Vec<_> = found.iter().map(|(resource, ..)| *resource).collect();
    assert_eq!(
        names,
        [
            "shop.example.com",
            "site.example.com aaaaaaaa",
            "site.example.com bbbbbbbb"
        ]
    );
}

fn queues(dead: &str) -> LocalTable {
    let columns = ["name", "region", "depth", "dead_letter_depth"];
    table("sqs_queue", &columns, &[&["orders", "us-west-2", "0", dead]])
}

/// What the KPI of dead letters says: value, status and what it lacks.
fn dead_letters(analysis: &Analysis) -> (String, Status, Option<&str>) {
    let kpi = analysis.kpis.iter().find(|k| k.id == "reliability.dead_letters");
    let kpi = kpi.expect("it has a value");
    (
        serde_json::to_string(&kpi.value).unwrap(),
        kpi.status,
        kpi.gap.as_deref(),
    )
}

#[tokio::test]
async fn figures_and_tables_say_what_a_denied_list_hides_from_them() {
    let concerns = r#"["sqs_queue"]"#;
    let denied = || gaps(&[["sqs", "eu-west-1", "ListQueues", "Denied", concerns]]);
    let why = "ListQueues failed in eu-west-1: Denied";
    let blind = night(vec![queues("0"), denied()]).await;
    let seeing = night(vec![queues("0"), gaps(&[])]).await;
    let (value, _, gap) = dead_letters(&blind);
    assert_eq!(
        (value, gap),
        (dead_letters(&seeing).0, Some(&*format!("without a part: {why}")))
    );
    assert_eq!(dead_letters(&seeing).2, None);
    assert_eq!(seeing.models["queues"].status, Status::Good);
    assert_eq!(
        blind.models["queues"].status,
        Status::Unknown,
        "no dead letters, of those that were seen"
    );
    assert_eq!(
        blind.models["queues"].note.as_deref(),
        Some(&*format!("Without a part: {why}."))
    );
    // What is bad already is not better for the rest.
    assert_eq!(
        night(vec![queues("3"), denied()]).await.models["queues"].status,
        Status::Bad
    );
    assert_eq!(
        seeing.models["asset_inventory"].note, blind.models["asset_inventory"].note,
        "it counts no queues"
    );
}

#[tokio::test]
async fn cells_that_could_not_be_read_are_missed_only_by_what_names_their_column() {
    let concerns = r#"["sqs_queue.dead_letter_depth"]"#;
    let denied = gaps(&[["sqs", "eu-west-1", "GetQueueAttributes", "Denied", concerns]]);
    let oldest = r#"["sqs_queue.oldest_age_s","sqs_queue.created_on"]"#;
    let other = gaps(&[["sqs", "eu-west-1", "GetMetricData", "Denied", oldest]]);
    let blind = night(vec![queues("0"), denied]).await;
    assert_eq!(
        dead_letters(&blind).2,
        Some("without a part: GetQueueAttributes failed in eu-west-1: Denied")
    );
    let seeing = night(vec![queues("0"), other]).await;
    assert_eq!(dead_letters(&seeing).2, None);
    assert_eq!(
        seeing.models["queues"].status,
        Status::Unknown,
        "it shows the oldest message"
    );
}

#[tokio::test]
async fn a_recording_that_names_only_a_service_hides_all_tables_called_after_it() {
    let denied = gaps(&[["sqs", "eu-west-1", "ListQueues", "Denied", "-"]]);
    let blind = night(vec![queues("0"), denied]).await;
    assert_eq!(
        dead_letters(&blind).2,
        Some("without a part: ListQueues failed in eu-west-1: Denied")
    );
}

#[tokio::test]
async fn tags_that_could_not_be_read_hide_whose_a_resource_is() {
    let columns = ["name", "region", "entity", "invocations_14d", "errors_14d"];
    let rows: &[&[&str]] = &[
        &["seen", "us-west-2", "boat", "100", "1"],
        &["whose", "eu-west-1", "-", "100", "90"],
    ];
    let functions = || table("lambda_function", &columns, rows);
    let concerns = r#"["resource_entity"]"#;
    let denied = gaps(&[["tagging", "eu-west-1", "GetResources", "Denied", concerns]]);
    let blind = night(vec![functions(), queues("0"), denied]).await;
    let why = "without a part: GetResources failed in eu-west-1: Denied";
    let rates = blind.kpis.iter().filter(|k| k.id == "reliability.error_rate");
    let gaps: Vec<_> = rates.map(|k| k.gap.as_deref()).collect();
    assert!(gaps.contains(&Some(why)), "{gaps:?}");
    assert!(!gaps.contains(&None), "{gaps:?}");
    assert_eq!(
        dead_letters(&blind).2,
        None,
        "a sum over all queues does not ask whose they are"
    );
    let seeing = night(vec![functions(), self::gaps(&[])]).await;
    assert!(seeing.kpis.iter().all(|k| k.gap.is_none()));
}
