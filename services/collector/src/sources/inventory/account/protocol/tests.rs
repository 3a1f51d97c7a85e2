use std::sync::Arc;

use super::*;
use crate::sources::inventory::account::expression::cell;

fn call(service: &'static Service, operation: &str) -> &'static Call {
    service
        .calls()
        .find(|c| c.operation == operation)
        .expect("a call")
}
fn context(json: &str) -> Rcvar {
    Arc::new(Variable::from_json(json).unwrap())
}
fn sent(of: &str, operation: &str, json: &str, next: &[(&str, &str)]) -> (String, String) {
    let service = Service::named(of);
    let next = next
        .iter()
        .map(|(name, token)| ((*name).to_owned(), (*token).to_owned()))
        .collect();
    let request = request(
        service,
        call(service, operation),
        "https://host",
        &context(json),
        &next,
    )
    .unwrap();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    (format!("{} {}", request.method(), request.uri()), body)
}
/// A call that has no field in all its answers, and this root.
fn any(root: Option<&str>) -> Call {
    let mut call: Call = toml::from_str(r#"operation = "List""#).unwrap();
    call.root = root.map(str::to_owned);
    call
}
fn answered(protocol: Protocol, status: u16, body: &str) -> Result<Option<String>, Refusal> {
    let root = (protocol == Protocol::RestXml).then_some("L");
    answered_to(&any(root), protocol, status, body)
}
fn answered_to(call: &Call, protocol: Protocol, status: u16, body: &str) -> Result<Option<String>, Refusal> {
    let response = Response::builder()
        .status(status)
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    answer(protocol, call, &response).map(|value| cell(&value))
}

#[test]
fn a_header_of_a_call_is_filled_or_the_call_is_not_made() {
    let service = Service::named("s3control");
    let of = |json: &str| {
        let call = call(service, "GetPublicAccessBlock");
        request(service, call, "https://host", &context(json), &NextPage::new())
    };
    let made = of(r#"{"account":"111122223333"}"#).unwrap();
    assert_eq!(made.headers()["x-amz-account-id"], "111122223333");
    assert_eq!(
        made.uri(),
        "https://host/v20180820/configuration/publicAccessBlock"
    );
    assert!(of(r#"{"account":null}"#).is_err());
}

#[test]
fn every_protocol_writes_its_requests() {
    let (line, body) = sent("sqs", "GetQueueAttributes", r#"{"item":"https://q/1"}"#, &[]);
    assert_eq!(
        (line.as_str(), body.as_str()),
        (
            "POST https://host/",
            r#"{"AttributeNames":["All"],"QueueUrl":"https://q/1"}"#
        )
    );
    let (line, _) = sent("lambda", "ListFunctions", "{}", &[("Marker", "a/b=")]);
    assert_eq!(
        line,
        "GET https://host/2015-03-31/functions?MaxItems=50&Marker=a%2Fb%3D"
    );
    let (line, body) = sent("ses", "ListEmailIdentities", "{}", &[("NextToken", "t")]);
    assert_eq!(
        (line.as_str(), body.as_str()),
        (
            "POST https://host/v2/email/list-identities",
            r#"{"NextToken":"t"}"#
        )
    );
    let (line, _) = sent("s3", "GetBucketVersioning", r#"{"row":{"name":"a.b"}}"#, &[]);
    assert_eq!(line, "GET https://host/a.b?versioning");
    let (_, body) = sent("iam", "GetAccountAuthorizationDetails", "{}", &[("Marker", "t")]);
    assert_eq!(
        body,
        "Action=GetAccountAuthorizationDetails&Version=2010-05-08&Filter.member.1=User&Marker=t"
    );
}

#[test]
fn xml_lists_envelopes_and_escapes_are_read() {
    let xml = "<?xml version=\"1.0\"?><R xmlns=\"urn:x\"><ListResult><a>x &amp; &#121;</a><l><m>1</m><m>2</m></l><e/></ListResult></R>";
    let value = answered(Protocol::Query, 200, xml).unwrap().unwrap();
    assert_eq!(value, r#"{"a":"x & y","e":null,"l":{"m":["1","2"]}}"#);
    let location = "<L xmlns=\"urn:x\">eu-west-1</L>";
    assert_eq!(
        answered(Protocol::RestXml, 200, location).unwrap().unwrap(),
        "eu-west-1"
    );
    assert_eq!(answered(Protocol::RestXml, 200, "<L/>").unwrap(), None);
}

#[test]
fn every_protocol_names_its_refusals() {
    let code = |protocol, body| answered(protocol, 403, body).unwrap_err().code;
    assert_eq!(
        code(
            Protocol::Json11,
            r#"{"__type":"com.amazon.coral#AccessDeniedException"}"#
        ),
        "AccessDeniedException"
    );
    assert_eq!(
        code(
            Protocol::RestXml,
            "<Error><Code>NoSuchBucketPolicy</Code></Error>"
        ),
        "NoSuchBucketPolicy"
    );
    assert_eq!(
        code(
            Protocol::Query,
            "<E><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></E>"
        ),
        "AccessDenied"
    );
    assert_eq!(
        code(
            Protocol::Ec2,
            "<R><Errors><Error><Code>Blocked</Code></Error></Errors></R>"
        ),
        "Blocked"
    );
    assert_eq!(code(Protocol::RestJson, "no json"), "403");
    let response = Response::builder()
        .status(404)
        .header("x-amzn-errortype", "NotFound:http://x/")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(
        answer(Protocol::RestJson, &any(None), &response)
            .unwrap_err()
            .code,
        "NotFound"
    );
}

#[test]
fn what_cannot_be_read_is_refused_not_taken_for_empty() {
    for (protocol, body) in [
        (Protocol::Json11, "{"),
        (Protocol::Query, "<a><b></a>"),
        (Protocol::RestXml, "<a>"),
        (Protocol::RestXml, "<Other/>"),
        (Protocol::Query, "<ListResponse><OtherResult/></ListResponse>"),
        (Protocol::Query, "<ListResponse/>"),
        (Protocol::Ec2, "<OtherResponse/>"),
        (Protocol::RestJson, ""),
    ] {
        assert_eq!(
            answered(protocol, 200, body).unwrap_err().code,
            "UnreadableAnswer",
            "{body}"
        );
    }
    let deep = "<a>".repeat(100);
    assert_eq!(
        answered(Protocol::RestXml, 200, &deep).unwrap_err().code,
        "UnreadableAnswer"
    );
}

#[test]
fn an_answer_without_what_every_one_has_is_none() {
    let groups = call(Service::named("logs"), "DescribeLogGroups");
    let of = |body: &str| answered_to(groups, Protocol::Json11, 200, body).is_ok();
    assert!(of(r#"{"logGroups":[]}"#));
    assert!(!of("{}") && !of(r#"{"logGroups":null}"#) && !of("[]"));
    let buckets = call(Service::named("s3"), "ListBuckets");
    let of = |body: &str| answered_to(buckets, Protocol::RestXml, 200, body).is_ok();
    assert!(
        of("<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
        "empty"
    );
    assert!(!of("<ListAllMyBucketsResult/>"));
}
