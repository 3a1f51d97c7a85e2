//! What may go wrong on the way to AWS, and what is told of it.

use super::*;

const QUEUES: &[&str] = &["AmazonSQS.ListQueues"];
const ATTRIBUTES: &[&str] = &["AmazonSQS.GetQueueAttributes"];
const NONE: (u16, &str) = (200, "{}");
const ONE: (u16, &str) = (200, r#"{"QueueUrls":["https://sqs/1/jobs"]}"#);
const JOBS: (u16, &str) = (
    200,
    r#"{"Attributes":{"QueueArn":"arn:aws:sqs:us-west-2:1:jobs","ApproximateNumberOfMessages":"3","VisibilityTimeout":"30"}}"#,
);

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let second = (200, r#"{"QueueUrls":["https://sqs/1/mails"],"NextToken":""}"#);
    let script = Script::default()
        .on(&["AmazonSQS.ListQueues", r#""NextToken":"a/b""#], &[second])
        .on(
            QUEUES,
            &[(200, r#"{"QueueUrls":["https://sqs/1/jobs"],"NextToken":"a/b"}"#)],
        )
        .on(ATTRIBUTES, &[JOBS]);
    let (inventory, script) = read(script).await;
    assert_eq!(
        column(&inventory, "sqs_queue", "name"),
        [some("jobs"), some("mails")]
    );
    assert_eq!(column(&inventory, "sqs_queue", "depth"), [some("3"), some("3")]);
    assert_eq!(script.count("AmazonSQS.ListQueues"), 2);
}

#[tokio::test]
async fn an_empty_list_is_a_table_and_a_denied_one_is_none() {
    let (inventory, _) = read(Script::default().on(QUEUES, &[NONE])).await;
    assert_eq!(inventory.tables["sqs_queue"], Vec::<rows::Row>::new());
    assert!(gaps(&inventory, "sqs").is_empty());
    assert!(!inventory.tables.contains_key("lambda_function"), "it was denied");
    assert_eq!(gaps(&inventory, "sns"), ["ListTopics AccessDenied"]);
    let gap = &inventory
        .rows("inventory_gap")
        .iter()
        .find(|row| text(row, "service") == Some("sns"))
        .unwrap();
    assert_eq!(
        [text(gap, "region"), text(gap, "resources")],
        [Some("us-west-2"), Some("1")]
    );
}

#[tokio::test]
async fn throttling_and_failures_are_waited_out_three_times_and_no_more() {
    let slow = (400, r#"{"__type":"com.amazonaws#ThrottlingException"}"#);
    let (inventory, script) =
        read(Script::default().on(QUEUES, &[slow, (500, "{}"), (0, "reset"), NONE])).await;
    assert!(inventory.tables.contains_key("sqs_queue"));
    assert_eq!(script.count("AmazonSQS.ListQueues"), 4);

    let (inventory, script) = read(Script::default().on(QUEUES, &[(503, "")])).await;
    assert_eq!(gaps(&inventory, "sqs"), ["ListQueues 503"]);
    assert!(!inventory.tables.contains_key("sqs_queue"));
    assert_eq!(script.count("AmazonSQS.ListQueues"), 4);

    let (inventory, script) = read(Script::default().on(QUEUES, &[(0, "connection refused")])).await;
    assert_eq!(
        (gaps(&inventory, "sqs"), script.count("AmazonSQS.ListQueues")),
        (vec!["ListQueues Unreachable".to_owned()], 4)
    );
}

#[tokio::test]
async fn a_refusal_is_not_asked_for_again() {
    let (inventory, script) =
        read(Script::default().on(QUEUES, &[(400, r#"{"__type":"AccessDeniedException"}"#), NONE])).await;
    assert_eq!(gaps(&inventory, "sqs"), ["ListQueues AccessDeniedException"]);
    assert_eq!(script.count("AmazonSQS.ListQueues"), 1);
}

#[tokio::test]
async fn a_page_token_that_repeats_is_a_gap_and_the_list_is_unknown() {
    let again = (200, r#"{"QueueUrls":["https://sqs/1/jobs"],"NextToken":"t"}"#);
    let (inventory, script) = read(Script::default().on(QUEUES, &[again]).on(ATTRIBUTES, &[JOBS])).await;
    assert_eq!(gaps(&inventory, "sqs"), ["ListQueues RepeatedPageToken"]);
    assert!(
        !inventory.tables.contains_key("sqs_queue"),
        "part of a list is no list"
    );
    assert_eq!(script.count("AmazonSQS.ListQueues"), 2);
}

#[tokio::test]
async fn a_detail_that_fails_is_null_never_false_or_zero() {
    let two = (
        200,
        r#"{"QueueUrls":["https://sqs/1/jobs","https://sqs/1/mails"]}"#,
    );
    let denied = (403, r#"{"__type":"AccessDenied"}"#);
    let script = Script::default()
        .on(QUEUES, &[two])
        .on(&["AmazonSQS.GetQueueAttributes", "jobs"], &[JOBS])
        .on(ATTRIBUTES, &[denied]);
    let (inventory, _) = read(script).await;
    assert_eq!(
        column(&inventory, "sqs_queue", "encrypted"),
        [some("false"), None]
    );
    assert_eq!(
        column(&inventory, "sqs_queue", "dead_letter_queue"),
        [some(""), None]
    );
    assert_eq!(
        column(&inventory, "sqs_queue", "dead_letter_depth"),
        [some(""), None]
    );
    assert_eq!(gaps(&inventory, "sqs"), ["GetQueueAttributes AccessDenied"]);
}

#[tokio::test]
async fn one_region_that_is_denied_leaves_the_others() {
    let script = Script::default()
        .on(&["us-west-2 sqs", "ListQueues"], &[ONE])
        .on(ATTRIBUTES, &[JOBS]);
    let (inventory, _) = read_in(script, &["us-west-2", "eu-west-1"]).await;
    assert_eq!(column(&inventory, "sqs_queue", "region"), [some("us-west-2")]);
    let gap = inventory.gaps.keys().find(|gap| gap.service == "sqs").unwrap();
    assert_eq!(gap.region, "eu-west-1");
}

#[tokio::test]
async fn an_answer_that_is_none_is_unknown_not_empty() {
    for body in ["", "<html>", r#"{"QueueUrls":"#] {
        let (inventory, _) = read(Script::default().on(QUEUES, &[(200, body)])).await;
        assert!(!inventory.tables.contains_key("sqs_queue"), "{body}");
    }
}

#[tokio::test]
async fn an_answer_to_something_else_is_unknown_not_empty() {
    let error = "<Error><Code>InternalError</Code></Error>";
    let script = Script::default()
        .on(&["DynamoDB_20120810.ListTables"], &[(200, "{}")])
        .on(&["logs", "DescribeLogGroups"], &[(200, r#"{"logGroups":null}"#)])
        .on(
            &["Action=ListTopics"],
            &[(200, "<ListTopicsResponse><Other/></ListTopicsResponse>")],
        )
        .on(&["us-east-1 s3 GET", "max-buckets"], &[(200, error)])
        .on(
            &["GetCostAndUsage"],
            &[(
                200,
                r#"{"ResultsByTime":[{"TimePeriod":{"Start":"2026-11-20"}}]}"#,
            )],
        );
    let (inventory, _) = read(script).await;
    for (service, operation, table) in [
        ("dynamodb", "ListTables", "dynamodb_table"),
        ("logs", "DescribeLogGroups", "log_group"),
        ("sns", "ListTopics", "sns_topic"),
        ("s3", "ListBuckets", "s3_bucket"),
        ("ce", "GetCostAndUsage", "cost_daily"),
    ] {
        assert!(!inventory.tables.contains_key(table), "{table}");
        let gap = format!("{operation} UnreadableAnswer");
        assert!(gaps(&inventory, service).contains(&gap), "{:?}", inventory.gaps);
    }
}

#[tokio::test]
async fn what_waits_its_turn_past_the_end_is_not_called() {
    // Two calls a second: when the time is over, eight details stand in line for their turn.
    let acls: Vec<_> = (0..20)
        .map(|n| format!(r#"{{"Id":"{n}","Name":"{n}","ARN":"arn:{n}"}}"#))
        .collect();
    let list = format!(r#"{{"WebACLs":[{}]}}"#, acls.join(","));
    let script =
        Arc::new(Script::default().on(&["us-west-2", "AWSWAF_20190729.ListWebACLs"], &[(200, &list)]));
    let (account, _) = account(Arc::clone(&script));
    let options = Options {
        regions: vec!["us-west-2".into()],
        within: Some(Duration::from_millis(800)),
        watcher: None,
    };
    let inventory = account.read("2026-11-20".parse().unwrap(), options).await;
    let asked = script.count("AWSWAF_20190729.Get");
    assert!(asked <= 4, "{asked} calls in less than a second");
    assert_eq!(
        inventory.rows("waf_web_acl").len(),
        20,
        "their details are unknown, and they are there"
    );
    assert!(gaps(&inventory, "wafv2").contains(&"GetWebACL NotCalled".to_owned()));
}

#[tokio::test]
async fn both_versions_of_a_service_share_its_pace() {
    let client = Client::new(
        Arc::new(Script::default()),
        sign::Signer::new(SharedCredentialsProvider::new(Counted::default())),
        Arc::new(ManualClock::at("2026-11-21T10:30:00Z".parse().unwrap())),
        None,
    );
    let pace = |name: &str, region: &str| client.pace(Service::named(name), region);
    assert!(Arc::ptr_eq(
        &pace("apigateway", "us-west-2"),
        &pace("apigatewayv2", "us-west-2")
    ));
    assert!(!Arc::ptr_eq(
        &pace("apigateway", "us-west-2"),
        &pace("apigateway", "eu-west-1")
    ));
}

#[tokio::test]
async fn every_way_to_say_too_fast_or_too_late_is_waited_out() {
    for code in [
        "LimitExceededException",
        "EC2ThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
    ] {
        let busy = format!(r#"{{"__type":"{code}"}}"#);
        let (inventory, script) = read(Script::default().on(QUEUES, &[(400, &busy), NONE])).await;
        assert!(inventory.tables.contains_key("sqs_queue"), "{code}");
        assert_eq!(script.count("AmazonSQS.ListQueues"), 2);
    }
}

#[tokio::test]
async fn credentials_that_expired_are_fetched_anew() {
    let expired = (403, r#"{"__type":"ExpiredTokenException"}"#);
    let script = Arc::new(Script::default().on(QUEUES, &[expired, NONE]));
    let (account, fetched) = account(Arc::clone(&script));
    let options = Options {
        regions: vec!["us-west-2".into()],
        ..Options::default()
    };
    let inventory = account.read("2026-11-20".parse().unwrap(), options).await;
    assert!(inventory.tables.contains_key("sqs_queue"));
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_there_is_no_time_for_is_a_gap() {
    let script = Arc::new(
        Script {
            delay: Some(|_| 200),
            ..Script::default()
        }
        .on(QUEUES, &[ONE])
        .on(ATTRIBUTES, &[JOBS]),
    );
    let (account, _) = account(Arc::clone(&script));
    let options = Options {
        regions: vec!["us-west-2".into()],
        within: Some(Duration::from_millis(300)),
        watcher: None,
    };
    let inventory = account.read("2026-11-20".parse().unwrap(), options).await;
    assert!(
        inventory.gaps.keys().any(|gap| gap.error == "NotCalled"),
        "{:?}",
        inventory.gaps
    );
}

#[tokio::test]
async fn whatever_order_answers_come_in_the_inventory_is_the_same() {
    let script = |delay: fn(usize) -> u64| {
        let two = (
            200,
            r#"{"QueueUrls":["https://sqs/1/jobs","https://sqs/1/mails"]}"#,
        );
        Script {
            delay: Some(delay),
            ..Script::default()
        }
        .on(QUEUES, &[two])
        .on(ATTRIBUTES, &[JOBS])
    };
    let (one, _) = read(script(|n| (n as u64 * 37) % 101)).await;
    let (other, _) = read(script(|n| (n as u64 * 53 + 11) % 97)).await;
    assert_eq!(one, other);
    assert_eq!(one.rows("sqs_queue").len(), 2);
}

#[tokio::test]
async fn regions_are_the_accounts_or_ours_if_they_cannot_be_listed() {
    let regions = "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item><item><regionName>us-east-2</regionName></item><item><optInStatus>not-opted-in</optInStatus><regionName>af-south-1</regionName></item></regionInfo></DescribeRegionsResponse>";
    let (listed, _) = read_in(
        Script::default().on(&["Action=DescribeRegions"], &[(200, regions)]),
        &[],
    )
    .await;
    assert_eq!(listed.regions, ["eu-west-1", "us-east-2"]);
    let (denied, _) = read_in(Script::default(), &[]).await;
    assert_eq!(denied.regions, ["us-west-2"]);
    assert_eq!(gaps(&denied, "ec2"), ["DescribeRegions AccessDenied"]);
}
