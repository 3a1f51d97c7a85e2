//! What becomes of the answers of services whose shapes are their own.

use super::*;

#[tokio::test]
async fn policies_that_are_attached_make_administrators() {
    let details = |inside: &str| {
        format!(
            "<R><GetAccountAuthorizationDetailsResult>{inside}<IsTruncated>false</IsTruncated></GetAccountAuthorizationDetailsResult></R>"
        )
    };
    let everything = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    let nothing = "%7B%22Statement%22%3A%5B%5D%7D";
    let version = |default: bool, document: &str| {
        format!(
            "<member><Document>{document}</Document><IsDefaultVersion>{default}</IsDefaultVersion></member>"
        )
    };
    let policies = details(&format!(
        "<Policies><member><PolicyName>all</PolicyName><Arn>arn:aws:iam::1:policy/all</Arn><PolicyVersionList>{}{}</PolicyVersionList></member>\
         <member><PolicyName>was</PolicyName><Arn>arn:aws:iam::1:policy/was</Arn><PolicyVersionList>{}{}</PolicyVersionList></member></Policies>",
        version(false, nothing),
        version(true, everything),
        version(true, nothing),
        version(false, everything)
    ));
    let attached = |name: &str, arn: &str| {
        format!(
            "<member><UserName>{name}</UserName><AttachedManagedPolicies><member><PolicyArn>{arn}</PolicyArn></member></AttachedManagedPolicies></member>"
        )
    };
    let users = details(&format!(
        "<UserDetailList>{}{}{}<member><UserName>d</UserName><UserPolicyList><member><PolicyDocument>{everything}</PolicyDocument></member></UserPolicyList></member></UserDetailList>",
        attached("a", "arn:aws:iam::1:policy/all"),
        attached("b", "arn:aws:iam::1:policy/was"),
        attached("c", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ));
    let script = Script::default()
        .on(&["Filter.member.1=LocalManagedPolicy"], &[(200, &policies)])
        .on(&["Filter.member.1=User"], &[(200, &users)]);
    let (inventory, _) = read(script).await;
    assert_eq!(
        column(&inventory, "iam_policy", "admin"),
        [some("true"), some("false")]
    );
    assert_eq!(
        column(&inventory, "iam_user", "admin"),
        [some("true"), some("false"), some("true"), some("true")]
    );
}

#[tokio::test]
async fn a_distribution_is_as_closed_as_its_most_open_bucket() {
    let origin =
        |host: &str, inside: &str| format!("<Origin><DomainName>{host}</DomainName>{inside}</Origin>");
    let (api, oac) = (
        origin(
            "api.example.com",
            "<CustomOriginConfig><HTTPPort>80</HTTPPort></CustomOriginConfig>",
        ),
        "<OriginAccessControlId>E1</OriginAccessControlId><S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig>",
    );
    let shut = origin("site.s3.us-west-2.amazonaws.com", oac);
    let open = origin(
        "old.s3.us-west-2.amazonaws.com",
        "<S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig>",
    );
    let of = |id: &str, origins: &str| {
        format!(
            "<DistributionSummary><Id>{id}</Id><Origins><Items>{origins}</Items></Origins></DistributionSummary>"
        )
    };
    let list = format!(
        "<DistributionList><Quantity>3</Quantity><Items>{}{}{}</Items></DistributionList>",
        of("a", &format!("{api}{shut}")),
        of("b", &format!("{shut}{open}")),
        of("c", &api)
    );
    let (inventory, _) = read(Script::default().on(&["/2020-05-31/distribution"], &[(200, &list)])).await;
    let cells = |name: &str| column(&inventory, "cloudfront_distribution", name);
    assert_eq!(cells("oac"), [some("true"), some("false"), some("")]);
    assert_eq!(
        cells("origins")[0],
        some(r#"["api.example.com","site.s3.us-west-2.amazonaws.com"]"#)
    );
}

#[tokio::test]
async fn a_buckets_settings_are_asked_for_where_it_is() {
    let list = "<ListAllMyBucketsResult><Buckets><Bucket><Name>site</Name><CreationDate>2020-01-02T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>";
    let four = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let none = |code: &str| format!("<Error><Code>{code}</Code></Error>");
    let (no_policy, no_lifecycle) = (none("NoSuchBucketPolicy"), none("NoSuchLifecycleConfiguration"));
    let encryption = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    let script = Script::default()
        .on(&["us-east-1 s3 GET", "max-buckets"], &[(200, list)])
        .on(
            &["site?location"],
            &[(200, "<LocationConstraint>EU</LocationConstraint>")],
        )
        .on(&["eu-west-1 s3", "?publicAccessBlock"], &[(200, four)])
        .on(&["eu-west-1 s3", "?policyStatus"], &[(404, &no_policy)])
        .on(&["eu-west-1 s3", "?policy "], &[(200, policy)])
        .on(
            &["eu-west-1 s3", "?versioning"],
            &[(200, "<VersioningConfiguration/>")],
        )
        .on(&["eu-west-1 s3", "?encryption"], &[(200, encryption)])
        .on(&["eu-west-1 s3", "?logging"], &[(200, "<BucketLoggingStatus/>")])
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
    let apis = r#"{"items":[{"apiId":"a1","name":"open","protocolType":"HTTP"},{"apiId":"a2","name":"closed","protocolType":"HTTP"},{"apiId":"w1","name":"live","protocolType":"WEBSOCKET"},{"apiId":"w2","name":"loose","protocolType":"WEBSOCKET"}]}"#;
    let connect = |kind: &str| {
        format!(
            r#"{{"items":[{{"routeKey":"$connect","authorizationType":"{kind}"}},{{"routeKey":"$default"}}]}}"#
        )
    };
    let script = Script::default()
        .on(&["/v2/apis?"], &[(200, apis)])
        .on(&["/v2/apis/w1/routes"], &[(200, &connect("AWS_IAM"))])
        .on(&["/v2/apis/w2/routes"], &[(200, &connect("NONE"))])
        .on(&["/v2/apis/a1/stages"], &[(200, r#"{"items":[{"stageName":"prod","defaultRouteSettings":{"throttlingRateLimit":20.0}},{"stageName":"dev"}]}"#)])
        .on(&["/v2/apis/a2/stages"], &[(200, r#"{"items":[{"stageName":"prod","defaultRouteSettings":{"throttlingRateLimit":20.0},"accessLogSettings":{"destinationArn":"arn:l"}},{"stageName":"dev","defaultRouteSettings":{"throttlingRateLimit":300},"accessLogSettings":{"destinationArn":"arn:l"}}]}"#)])
        .on(&["/v2/apis/w"], &[(200, r#"{"items":[{"stageName":"prod"}]}"#)])
        .on(&["/v2/apis/a1/routes"], &[(200, r#"{"items":[{"routeKey":"GET /a","authorizationType":"JWT"},{"routeKey":"GET /b"}]}"#)])
        .on(&["/v2/apis/a2/routes"], &[(200, r#"{"items":[{"routeKey":"GET /a","authorizationType":"JWT"},{"routeKey":"GET /b","authorizationType":"AWS_IAM"}]}"#)])
        .on(&["/restapis?"], &[(200, r#"{"item":[{"id":"r1","name":"rest"}]}"#)])
        .on(&["/restapis/r1/stages"], &[(200, r#"{"item":[{"stageName":"prod","methodSettings":{"*/*":{"throttlingRateLimit":20.0}}},{"stageName":"open","methodSettings":{"*/*":{"throttlingRateLimit":-1}}}]}"#)])
        .on(&["/restapis/r1/resources"], &[(200, r#"{"item":[{"id":"x","resourceMethods":{"GET":{"authorizationType":"AWS_IAM"},"OPTIONS":{"authorizationType":"NONE"}}},{"id":"y"}]}"#)]);
    let (inventory, _) = read(script).await;
    let cells = |name: &str| column(&inventory, "api_gateway", name);
    assert_eq!(cells("id"), ["a1", "a2", "r1", "w1", "w2"].map(some));
    assert_eq!(
        cells("authorizer"),
        ["", "AWS_IAM, JWT", "AWS_IAM", "AWS_IAM", ""].map(some)
    );
    assert_eq!(
        cells("jwt_expiry_checked")[..3],
        [some("true"), some("true"), None]
    );
    assert_eq!(cells("throttle_rate")[..3], ["", "300", "-1"].map(some));
    assert_eq!(cells("access_logs")[..3], ["false", "true", "false"].map(some));
    assert_eq!(
        cells("stage")[..3],
        ["prod, dev", "prod, dev", "prod, open"].map(some)
    );
    assert_eq!(gaps(&inventory, "apigatewayv2"), Vec::<String>::new());
}

#[tokio::test]
async fn costs_and_their_forecast_are_read_by_day_service_and_tag() {
    let day = |day: u8| {
        format!(
            r#"{{"TimePeriod":{{"Start":"2026-11-{day:02}"}},"Estimated":true,"Groups":[
            {{"Keys":["AWS Lambda","entity$jada"],"Metrics":{{"UnblendedCost":{{"Amount":"0.1218","Unit":"USD"}}}}}},
            {{"Keys":["Amazon S3","entity$"],"Metrics":{{"UnblendedCost":{{"Amount":"2","Unit":"USD"}}}}}}]}}"#
        )
    };
    let days: Vec<_> = (1..=20).map(day).collect();
    let usage = format!(r#"{{"ResultsByTime":[{}]}}"#, days.join(","));
    let forecast = r#"{"Total":{"Amount":"9","Unit":"USD"},"ForecastResultsByTime":[
        {"TimePeriod":{"Start":"2026-11-21","End":"2026-12-01"},"MeanValue":"1.5","PredictionIntervalLowerBound":"1","PredictionIntervalUpperBound":"2"},
        {"TimePeriod":{"Start":"2026-12-01","End":"2027-01-01"},"MeanValue":"5","PredictionIntervalLowerBound":"4","PredictionIntervalUpperBound":"6"}]}"#;
    let script = Script::default()
        .on(
            &[
                "AWSInsightsIndexService.GetCostAndUsage",
                r#""TimePeriod":{"End":"2026-11-21","Start":"2025-11-01"}"#,
            ],
            &[(200, &usage)],
        )
        .on(
            &[
                "AWSInsightsIndexService.GetCostForecast",
                r#""TimePeriod":{"End":"2027-02-01","Start":"2026-11-21"}"#,
            ],
            &[(200, forecast)],
        );
    let (inventory, _) = read(script).await;
    assert_eq!(
        column(&inventory, "cost_daily", "entity")[..2],
        [some("jada"), None]
    );
    assert_eq!(
        column(&inventory, "cost_daily", "amount")[..2],
        [some("0.1218"), some("2")]
    );
    assert_eq!(
        column(&inventory, "cost_forecast", "month"),
        [some("2026-11-01"), some("2026-12-01")]
    );
    assert_eq!(
        column(&inventory, "cost_forecast", "amount"),
        [some("43.936"), some("5")],
        "20 days of 2.1218 and 1.5 to come"
    );
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
