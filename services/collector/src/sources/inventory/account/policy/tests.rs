use super::*;
use crate::sources::inventory::account::client::CallError;

#[test]
fn what_is_missing_is_what_was_denied_and_nothing_else() {
    let mut inventory = Inventory::default();
    let refused = |code: &str| CallError::Refused(code.to_owned());
    inventory.gap(Gap::new(
        "s3",
        "global",
        "GetBucketLogging",
        &refused("AccessDenied"),
    ));
    inventory.gap(Gap::new(
        "wafv2",
        "us-west-2",
        "GetLoggingConfiguration",
        &refused("AccessDeniedException"),
    ));
    inventory.gap(Gap::new(
        "sqs",
        "us-west-2",
        "ListQueues",
        &refused("ThrottlingException"),
    ));
    let missing = missing(&inventory);
    assert_eq!(
        missing,
        ["s3:GetBucketLogging", "wafv2:GetLoggingConfiguration"]
            .map(str::to_owned)
            .into()
    );
    let allowing = statements(&missing);
    assert_eq!(allowing.len(), 1);
    assert_eq!(allowing[0]["Action"][0], "s3:GetBucketLogging");
    assert!(missing.is_subset(&actions()));
}

#[test]
fn what_cannot_be_decrypted_wants_the_key_for_lambda_only() {
    let mut inventory = Inventory::default();
    let refused = CallError::Refused("KMSAccessDeniedException".to_owned());
    inventory.gap(Gap::new("lambda", "us-west-2", DECRYPT, &refused));
    let missing = missing(&inventory);
    assert_eq!(missing, ["kms:Decrypt".to_owned()].into());
    assert_eq!(
        statements(&missing)[0]["Condition"]["StringLike"]["kms:ViaService"],
        "lambda.*.amazonaws.com"
    );
    assert!(!actions().contains("kms:Decrypt"), "a deployment is not given it");
}

#[test]
fn a_wrong_clock_is_called_one() {
    assert!(hint("RequestTimeTooSkewed").is_some_and(|hint| hint.contains("clock")));
    assert_eq!(hint("AccessDenied"), None);
}

#[test]
fn no_action_is_a_wildcard_and_none_reads_secrets() {
    assert!(
        actions()
            .iter()
            .all(|action| !action.contains('*') && action != "secretsmanager:GetSecretValue")
    );
}
