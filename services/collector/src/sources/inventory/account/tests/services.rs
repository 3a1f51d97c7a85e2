//! What becomes of the answers of services whose shapes are their own.

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
    let script = Script::default()
        .on(&["/2015-03-31/functions?"], &[(200, FUNCTIONS)])
        .on(&["/hook/url"], &[(200, r#"{"FunctionUrl":"https://x/","AuthType":"NONE","Cors":{"AllowOrigins":["*"]}}"#)])
        .on(&["/sealed/url"], &[not_found])
        .on(&["/hook/event-invoke-config"], &[not_found])
        .on(&["/concurrency"], &[(200, "{}")])
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
    assert!(gaps(&inventory, "lambda").contains(&"ListFunctions KMSAccessDeniedException".to_owned()));
    assert!(!format!("{inventory:?}").contains("q7Zt2L"), "a value was kept");
}

#[tokio::test]
async fn a_buckets_settings_are_asked_for_where_it_is() {
    let list = "<R><Buckets><Bucket><Name>site</Name><CreationDate>2020-01-02T00:00:00.000Z</CreationDate></Bucket></Buckets></R>";
    let four = "<P><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></P>";
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let none = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    let (no_policy, no_lifecycle) = (none("NoSuchBucketPolicy"), none("NoSuchLifecycleConfiguration"));
    let encryption = "<S><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></S>";
    let script = Script::default()
        .on(&["us-east-1 s3 GET", "max-buckets"], &[(200, list)])
        .on(&["site?location"], &[(200, "<L>EU</L>")])
        .on(&["eu-west-1 s3", "?publicAccessBlock"], &[(200, four)])
        .on(&["eu-west-1 s3", "?policyStatus"], &[(404, &no_policy)])
        .on(&["eu-west-1 s3", "?policy "], &[(200, policy)])
        .on(&["eu-west-1 s3", "?versioning"], &[(200, "<V/>")])
        .on(&["eu-west-1 s3", "?encryption"], &[(200, encryption)])
        .on(&["eu-west-1 s3", "?logging"], &[(200, "<L/>")])
        .on(&["eu-west-1 s3", "?lifecycle"], &[(404, &no_lifecycle)]);
    let (inventory, _) = read(script).await;
    let row = &inventory.rows("s3_bucket")[0];
    let of = |columns: [&str; 9]| columns.map(|column| text(row, column).unwrap_or("NULL").to_owned());
    let columns = [
        "name",
        "region",
        "public_access_block",
        "public_policy",
        "tls_only",
        "versioning",
        "encryption",
        "access_logs",
        "lifecycle",
    ];
    assert_eq!(
        of(columns),
        [
            "site",
            "eu-west-1",
            "true",
            "false",
            "true",
            "false",
            "AES256",
            "false",
            "false"
        ]
    );
    assert_eq!(gaps(&inventory, "s3"), Vec::<String>::new());
}

#[tokio::test]
async fn an_api_is_open_as_soon_as_one_route_is() {
    let apis = r#"{"items":[{"apiId":"a1","name":"open","protocolType":"HTTP"},{"apiId":"a2","name":"closed","protocolType":"HTTP"}]}"#;
    let script = Script::default()
        .on(&["/v2/apis?"], &[(200, apis)])
        .on(&["/v2/apis/a1/stages"], &[(200, r#"{"items":[{"stageName":"prod","defaultRouteSettings":{"throttlingRateLimit":20.0}},{"stageName":"dev"}]}"#)])
        .on(&["/v2/apis/a2/stages"], &[(200, r#"{"items":[{"stageName":"prod","defaultRouteSettings":{"throttlingRateLimit":20.0},"accessLogSettings":{"destinationArn":"arn:l"}}]}"#)])
        .on(&["/v2/apis/a1/routes"], &[(200, r#"{"items":[{"routeKey":"GET /a","authorizationType":"JWT"},{"routeKey":"GET /b"}]}"#)])
        .on(&["/v2/apis/a2/routes"], &[(200, r#"{"items":[{"routeKey":"GET /a","authorizationType":"JWT"},{"routeKey":"GET /b","authorizationType":"AWS_IAM"}]}"#)])
        .on(&["/restapis?"], &[(200, r#"{"item":[{"id":"r1","name":"rest"}]}"#)])
        .on(&["/restapis/r1/stages"], &[(200, r#"{"item":[]}"#)])
        .on(&["/restapis/r1/resources"], &[(200, r#"{"item":[{"id":"x","resourceMethods":{"GET":{"authorizationType":"AWS_IAM"},"OPTIONS":{"authorizationType":"NONE"}}},{"id":"y"}]}"#)]);
    let (inventory, _) = read(script).await;
    let cells = |name: &str| column(&inventory, "api_gateway", name);
    assert_eq!(cells("id"), [some("a1"), some("a2"), some("r1")]);
    assert_eq!(
        cells("authorizer"),
        [some(""), some("AWS_IAM, JWT"), some("AWS_IAM")]
    );
    assert_eq!(cells("jwt_expiry_checked"), [some("true"), some("true"), None]);
    assert_eq!(cells("throttle_rate"), [some(""), some("20"), some("")]);
    assert_eq!(cells("access_logs"), [some("false"), some("true"), some("false")]);
    assert_eq!(cells("stage"), [some("prod, dev"), some("prod"), some("")]);
    assert_eq!(gaps(&inventory, "apigatewayv2"), Vec::<String>::new());
}

#[tokio::test]
async fn costs_and_their_forecast_are_read_by_day_service_and_tag() {
    let usage = r#"{"ResultsByTime":[{"TimePeriod":{"Start":"2026-11-20","End":"2026-11-21"},"Estimated":true,"Groups":[
        {"Keys":["AWS Lambda","entity$jada"],"Metrics":{"UnblendedCost":{"Amount":"0.1218","Unit":"USD"}}},
        {"Keys":["Amazon S3","entity$"],"Metrics":{"UnblendedCost":{"Amount":"2","Unit":"USD"}}}]}]}"#;
    let forecast = r#"{"Total":{"Amount":"9","Unit":"USD"},"ForecastResultsByTime":[
        {"TimePeriod":{"Start":"2026-11-21","End":"2026-12-01"},"MeanValue":"1.5","PredictionIntervalLowerBound":"1","PredictionIntervalUpperBound":"2"},
        {"TimePeriod":{"Start":"2026-12-01","End":"2027-01-01"},"MeanValue":"5","PredictionIntervalLowerBound":"4","PredictionIntervalUpperBound":"6"}]}"#;
    let script = Script::default()
        .on(
            &[
                "AWSInsightsIndexService.GetCostAndUsage",
                r#""TimePeriod":{"End":"2026-11-21","Start":"2025-11-01"}"#,
            ],
            &[(200, usage)],
        )
        .on(
            &[
                "AWSInsightsIndexService.GetCostForecast",
                r#""TimePeriod":{"End":"2027-02-01","Start":"2026-11-21"}"#,
            ],
            &[(200, forecast)],
        );
    let (inventory, _) = read(script).await;
    assert_eq!(column(&inventory, "cost_daily", "entity"), [some("jada"), None]);
    assert_eq!(
        column(&inventory, "cost_daily", "amount"),
        [some("0.1218"), some("2")]
    );
    assert_eq!(
        column(&inventory, "cost_forecast", "month"),
        [some("2026-11-01"), some("2026-12-01")]
    );
    assert_eq!(
        column(&inventory, "cost_forecast", "amount"),
        [some("3.6218"), some("5")]
    );
}

#[tokio::test]
async fn metrics_come_in_one_call_for_all_rows_of_a_table() {
    let data = "<R><GetMetricDataResult><MetricDataResults>\
        <member><Id>r0m0</Id><Timestamps><member>2026-11-19T00:00:00Z</member><member>2026-11-20T00:00:00Z</member></Timestamps><Values><member>40.0</member><member>2.0</member></Values></member>\
        <member><Id>r0m3</Id><Timestamps><member>2026-11-20T00:00:00Z</member></Timestamps><Values><member>812.4</member></Values></member>\
        </MetricDataResults></GetMetricDataResult></R>";
    let script = Script::default()
        .on(
            &["/2015-03-31/functions?"],
            &[(
                200,
                r#"{"Functions":[{"FunctionName":"hook","FunctionArn":"arn:f"}]}"#,
            )],
        )
        .on(
            &["Action=GetMetricData", "Period=86400", "FunctionName"],
            &[(200, data)],
        );
    let (inventory, _) = read(script).await;
    let of = ["invocations_14d", "errors_14d", "p95_ms_14d"]
        .map(|name| column(&inventory, "lambda_function", name).remove(0));
    assert_eq!(of, [some("42"), some("0"), some("812")]);
}

#[tokio::test]
async fn a_resource_is_whose_tag_says() {
    let tags = r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:sns:us-west-2:1:jobs","Tags":[{"Key":"entity","Value":"jada"}]}],"PaginationToken":""}"#;
    let topics = "<R><ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:us-west-2:1:jobs</TopicArn></member><member><TopicArn>arn:aws:sns:us-west-2:1:other</TopicArn></member></Topics></ListTopicsResult></R>";
    let script = Script::default()
        .on(&["ResourceGroupsTaggingAPI"], &[(200, tags)])
        .on(&["Action=ListTopics"], &[(200, topics)]);
    let (inventory, _) = read(script).await;
    assert_eq!(column(&inventory, "sns_topic", "entity"), [some("jada"), None]);
}

#[tokio::test]
async fn a_suppression_list_is_a_count_and_no_addresses() {
    let account = r#"{"ProductionAccessEnabled":true,"SendingEnabled":true,"EnforcementStatus":"HEALTHY",
        "SendQuota":{"Max24HourSend":50000.0,"MaxSendRate":14.0,"SentLast24Hours":38.0}}"#;
    let first = r#"{"SuppressedDestinationSummaries":[{"EmailAddress":"a@example.com"},{"EmailAddress":"b@example.com"}],"NextToken":"t"}"#;
    let second = r#"{"SuppressedDestinationSummaries":[{"EmailAddress":"c@example.com"}]}"#;
    let script = Script::default()
        .on(&["/v2/email/account"], &[(200, account)])
        .on(
            &["/v2/email/suppression/addresses", "NextToken=t"],
            &[(200, second)],
        )
        .on(&["/v2/email/suppression/addresses"], &[(200, first)]);
    let (inventory, _) = read(script).await;
    let row = &inventory.rows("ses_account")[0];
    let of = ["region", "sandbox", "daily_quota", "max_send_rate", "suppressed"]
        .map(|column| text(row, column).unwrap_or("NULL"));
    assert_eq!(of, ["us-west-2", "false", "50000", "14", "3"]);
    assert!(
        !format!("{inventory:?}").contains("@example.com"),
        "an address was kept"
    );
}
