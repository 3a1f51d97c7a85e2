use serde_json::json;

use super::*;

#[test]
fn everything_is_allowed_however_it_is_written() {
    let all = |mut statement: Value| {
        statement["Effect"] = "Allow".into();
        allows_all(&json!({ "Statement": statement })).unwrap()
    };
    assert!(all(json!({"Action": "*", "Resource": "*"})));
    assert!(all(
        json!({"Action": ["s3:*", "*:*"], "Resource": ["arn:aws:s3:::a", "*"]})
    ));
    assert!(all(json!({"NotAction": ["s3:DeleteBucket"], "Resource": "*"})));
    assert!(all(json!({"Action": "*", "NotResource": "arn:aws:s3:::a"})));
    assert!(!all(
        json!({"NotAction": ["iam:*", "organizations:*"], "Resource": "*"})
    ));
    assert!(!all(json!({"NotAction": "*", "Resource": "*"})));
    assert!(!all(json!({"Action": "s3:*", "Resource": "*"})));
    assert!(!all(json!({"Action": "*", "Resource": "arn:aws:s3:::a/*"})));
    let denied = json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
    assert!(!allows_all(&denied).unwrap());
    assert!(allows_all(&json!("*")).is_err());
}

#[test]
fn anyone_is_whoever_is_not_narrowed_to_somebody() {
    let public = |mut statement: Value| {
        statement["Effect"] = "Allow".into();
        allows_anyone(&json!({ "Statement": [statement] })).unwrap()
    };
    assert!(public(json!({"Principal": "*"})));
    assert!(public(
        json!({"Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}})
    ));
    assert!(public(json!({"NotPrincipal": {"AWS": "arn:aws:iam::1:root"}})));
    let condition = json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}});
    assert!(
        public(json!({"Principal": "*", "Condition": condition})),
        "what a public URL adds"
    );
    let condition = json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE", "aws:SourceAccount": "1"}});
    assert!(!public(json!({"Principal": "*", "Condition": condition})));
    assert!(!public(json!({"Principal": {"Service": "s3.amazonaws.com"}})));
    assert!(!public(json!({"Principal": {"AWS": "arn:aws:iam::1:root"}})));
}
