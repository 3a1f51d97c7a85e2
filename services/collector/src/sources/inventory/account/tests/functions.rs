//! What becomes of a Lambda function: its environment, its aliases, its metrics.

use super::*;

const FUNCTIONS: &str = r#"{"Functions":[{
    "FunctionName":"hook","FunctionArn":"arn:aws:lambda:us-west-2:1:function:hook","Runtime":"nodejs20.x","Architectures":["arm64"],
    "MemorySize":256,"Timeout":30,"CodeSize":1024,"LastModified":"2026-08-24T21:00:00.000+0000","Role":"arn:r",
    "Environment":{"Variables":{"TABLE":"jobs","API_KEY":"q7Zt2LxP0vN4sKd9RmWb"}}},
   {"FunctionName":"sealed","FunctionArn":"arn:aws:lambda:us-west-2:1:function:sealed","Runtime":"python3.13","MemorySize":128,"Timeout":3,
    "Environment":{"Error":{"ErrorCode":"KMSAccessDeniedException","Message":"no"}},
    "DeadLetterConfig":{"TargetArn":"arn:aws:sqs:us-west-2:1:dead"}}]}"#;

#[tokio::test]
async fn a_functions_environment_leaves_names_rules_and_fingerprints_only() {
    let not_found = (404, r#"{"__type":"ResourceNotFoundException"}"#);
    let url = r#"{"FunctionUrlConfigs":[{"FunctionUrl":"https://x/","AuthType":"NONE","Cors":{"AllowOrigins":["*"]}}]}"#;
    let script = Script::default()
        .on(&["/2015-03-31/functions?"], &[(200, FUNCTIONS)])
        .on(&["/hook/urls"], &[(200, url)])
        .on(&["/sealed/urls"], &[(200, r#"{"FunctionUrlConfigs":[]}"#)])
        .on(&["/hook/event-invoke-config"], &[not_found])
        .on(&["/concurrency"], &[(200, "{}")])
        .on(&["/aliases"], &[(200, r#"{"Aliases":[]}"#)])
        .on(&["/hook/policy"], &[(200, r#"{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"lambda:InvokeFunction\"}]}"}"#)])
        .on(&["/sealed/policy"], &[not_found]);
    let (inventory, script) = read(script).await;
    let cells = |name: &str| column(&inventory, "lambda_function", name);
    assert_eq!(cells("env_names"), [some(r#"["API_KEY","TABLE"]"#), None]);
    assert_eq!(cells("code_modified_at"), [some("2026-08-24T21:00:00Z"), None]);
    assert_eq!(cells("dead_letter_target"), [some(""), some("dead")]);
    assert_eq!(
        script.count("/sealed/event-invoke-config"),
        0,
        "it has a dead-letter queue"
    );
    assert_eq!(cells("url_auth"), [some("NONE"), some("")]);
    assert_eq!(cells("public_policy"), [some("true"), some("false")]);
    assert_eq!(cells("reserved_concurrency"), [some(""), some("")]);
    assert_eq!(cells("invocations_14d"), [None, None], "the metrics were denied");

    let secret = &inventory.rows("lambda_env_secret")[0];
    let of = ["function", "variable", "rule"].map(|column| text(secret, column));
    assert_eq!(of, [Some("hook"), Some("API_KEY"), Some("generic-api-key")]);
    assert!(gaps(&inventory, "lambda").contains(&"Decrypt KMSAccessDeniedException".to_owned()));
    assert!(!format!("{inventory:?}").contains("q7Zt2L"), "a value was kept");
}

/// A function with the aliases `live` and `next` and no policy of its own, and what is asked of these.
fn aliased(aliases: (u16, &str), next: (u16, &str)) -> Script {
    let function = r#"{"Functions":[{"FunctionName":"hook","FunctionArn":"arn:aws:lambda:us-west-2:1:function:hook",
        "DeadLetterConfig":{"TargetArn":"arn:aws:lambda:us-west-2:1:function:late:live"}}]}"#;
    let urls =
        r#"{"FunctionUrlConfigs":[{"FunctionUrl":"https://shut/","AuthType":"AWS_IAM"}],"NextMarker":"m"}"#;
    let more = r#"{"FunctionUrlConfigs":[{"FunctionUrl":"https://open/","AuthType":"NONE"}]}"#;
    let mapping = r#"{"EventSourceMappings":[{"UUID":"u","FunctionArn":"arn:aws:lambda:us-west-2:1:function:hook:live"}]}"#;
    Script::default()
        .on(&["/2015-03-31/functions?"], &[(200, function)])
        .on(&["/hook/urls?Marker=m"], &[(200, more)])
        .on(&["/hook/urls"], &[(200, urls)])
        .on(&["/hook/aliases"], &[aliases])
        .on(&["/hook/policy?Qualifier=next"], &[next])
        .on(
            &["/hook/policy"],
            &[(404, r#"{"__type":"ResourceNotFoundException"}"#)],
        )
        .on(&["/event-source-mappings"], &[(200, mapping)])
}

#[tokio::test]
async fn an_alias_may_be_open_where_the_function_is_not() {
    let aliases = (200, r#"{"Aliases":[{"Name":"live"},{"Name":"next"}]}"#);
    let statement = |who: &str| {
        let condition = r#"\"Condition\":{\"StringEquals\":{\"lambda:FunctionUrlAuthType\":\"NONE\"}}"#;
        format!(
            r#"{{"Policy":"{{\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":[{who}]}},{condition}}}]}}"}}"#
        )
    };
    let (open, shut) = (statement(r#"\"*\""#), statement(r#"\"arn:aws:iam::2:root\""#));
    let (inventory, _) = read(aliased(aliases, (200, &open))).await;
    let cell = |inventory: &Inventory, name: &str| column(inventory, "lambda_function", name).remove(0);
    assert_eq!(cell(&inventory, "public_policy"), some("true"));
    assert_eq!(cell(&inventory, "url"), some("https://open/"));
    assert_eq!(cell(&inventory, "url_auth"), some("NONE"));
    assert_eq!(cell(&inventory, "url_cors"), some("[]"));
    assert_eq!(cell(&inventory, "dead_letter_target"), some("late"));
    assert_eq!(
        column(&inventory, "lambda_event_source", "function"),
        [some("hook")]
    );

    let (inventory, _) = read(aliased(aliases, (200, &shut))).await;
    assert_eq!(cell(&inventory, "public_policy"), some("false"));
    let denied = (403, r#"{"__type":"AccessDeniedException"}"#);
    for script in [aliased(aliases, denied), aliased(denied, (200, &shut))] {
        let (inventory, _) = read(script).await;
        assert_eq!(
            cell(&inventory, "public_policy"),
            None,
            "one of its aliases is unknown"
        );
    }
}

/// What CloudWatch says of one function's metrics: invocations, errors, throttles, 95th percentile and sum of durations.
fn measured(of: [(&str, &str); 5]) -> Script {
    let point = |value: &str| match value {
        "" => "<Timestamps/><Values/>".to_owned(),
        value => format!(
            "<Timestamps><member>2026-11-20T00:00:00Z</member></Timestamps><Values><member>{value}</member></Values>"
        ),
    };
    let result = |(m, (status, value)): (usize, &(&str, &str))| match *status {
        "" => String::new(),
        status => format!(
            "<member><Id>r0m{m}</Id>{}<StatusCode>{status}</StatusCode></member>",
            point(value)
        ),
    };
    let results: String = of.iter().enumerate().map(result).collect();
    let data = format!(
        "<R><GetMetricDataResult><MetricDataResults>{results}</MetricDataResults></GetMetricDataResult></R>"
    );
    let function = r#"{"Functions":[{"FunctionName":"hook","FunctionArn":"arn:f"}]}"#;
    Script::default()
        .on(&["/2015-03-31/functions?"], &[(200, function)])
        .on(
            &["Action=GetMetricData", "Period=86400", "FunctionName"],
            &[(200, &data)],
        )
}

fn figures(inventory: &Inventory) -> [Option<String>; 5] {
    [
        "invocations_14d",
        "errors_14d",
        "throttles_14d",
        "p95_ms_14d",
        "duration_ms_14d",
    ]
    .map(|name| column(inventory, "lambda_function", name).remove(0))
}

#[tokio::test]
async fn metrics_come_in_one_call_for_all_rows_of_a_table() {
    let done = "Complete";
    let (inventory, script) = read(measured([
        (done, "42.0"),
        (done, ""),
        (done, ""),
        (done, "812.4"),
        (done, "30000.7"),
    ]))
    .await;
    assert_eq!(figures(&inventory), ["42", "0", "0", "812", "30001"].map(some));
    assert_eq!(script.count("Action=GetMetricData"), 1);
    assert_eq!(gaps(&inventory, "cloudwatch"), ["DescribeAlarms AccessDenied"]);
}

#[tokio::test]
async fn a_metric_that_failed_is_null_and_a_gap_never_zero() {
    let script = measured([
        ("PartialData", "3.0"),
        ("InternalError", ""),
        ("", ""),
        ("Complete", ""),
        ("Forbidden", ""),
    ]);
    let (inventory, _) = read(script).await;
    assert_eq!(figures(&inventory), [None, None, None, None, None]);
    let of_metrics: Vec<_> = gaps(&inventory, "cloudwatch")
        .into_iter()
        .filter(|gap| gap.starts_with("GetMetricData"))
        .collect();
    assert_eq!(
        of_metrics,
        ["Forbidden", "InternalError", "PartialData", "UnreadableAnswer"]
            .map(|error| format!("GetMetricData {error}"))
    );
}
