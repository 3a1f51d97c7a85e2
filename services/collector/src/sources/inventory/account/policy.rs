//! The IAM actions that reading an account takes, and a policy statement of some of them. Start at [`statement`].

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    calls::{SERVICES, Service},
    rows::{Gap, Inventory},
};

/// Asked of one secret, our own, and not of all: it is granted apart.
const OF_OUR_SECRET: &str = "GetSecretValue";

/// All actions of all calls, sorted. None of them knows a narrower resource that is known before the account was read.
pub fn actions() -> BTreeSet<String> {
    let of = |service: &'static Service| {
        let calls = service.calls().filter(|call| call.operation != OF_OUR_SECRET);
        calls.flat_map(move |call| service.actions(call))
    };
    SERVICES.iter().flat_map(of).collect()
}

/// The codes by which services say that a caller may not.
pub fn is_denied(error: &str) -> bool {
    let denied = [
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "NotAuthorized",
    ];
    denied.contains(&error) || error == "403"
}

/// The actions that a gap's call needs.
pub fn actions_of(gap: &Gap) -> Vec<String> {
    let services = SERVICES.iter().filter(|service| service.service == gap.service);
    let calls = services.flat_map(|service| service.calls().map(move |call| (service, call)));
    let found = calls
        .filter(|(_, call)| call.operation == gap.operation)
        .flat_map(|(service, call)| service.actions(call));
    found.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The actions that were denied, sorted.
pub fn missing(inventory: &Inventory) -> BTreeSet<String> {
    inventory
        .gaps
        .keys()
        .filter(|gap| is_denied(&gap.error))
        .flat_map(actions_of)
        .collect()
}

/// A policy statement that allows actions.
pub fn statement(actions: &BTreeSet<String>) -> Value {
    json!({"Sid": "QuarterdeckInventory", "Effect": "Allow", "Action": actions, "Resource": "*"})
}

#[cfg(test)]
mod tests {
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
        assert_eq!(statement(&missing)["Action"][0], "s3:GetBucketLogging");
        assert!(missing.is_subset(&actions()));
    }

    #[test]
    fn no_action_is_a_wildcard_and_none_reads_secrets() {
        assert!(
            actions()
                .iter()
                .all(|action| !action.contains('*') && action != "secretsmanager:GetSecretValue")
        );
    }
}
