//! The IAM actions that reading an account takes, and policy statements of some of them. Start at [`statements`].

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
        "KMSAccessDeniedException",
    ];
    denied.contains(&error) || error == "403"
}

/// What to do about an error that is not of the account, if it is one.
pub fn hint(error: &str) -> Option<&'static str> {
    let clock = [
        "RequestTimeTooSkewed",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "RequestExpired",
    ];
    clock
        .contains(&error)
        .then_some("the signature is refused: set the clock of this machine, and if it is right, look at the credentials")
}

/// The gap of an environment that the service could not decrypt for us: it is no call of ours.
pub const DECRYPT: &str = "Decrypt";

/// The actions that a gap's call needs.
pub fn actions_of(gap: &Gap) -> Vec<String> {
    if gap.operation == DECRYPT {
        return vec!["kms:Decrypt".to_owned()];
    }
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

/// Policy statements that allow actions. What decrypts is one of its own: it may do so for Lambda only.
pub fn statements(actions: &BTreeSet<String>) -> Vec<Value> {
    let (keys, reads): (Vec<_>, Vec<_>) = actions.iter().partition(|action| action.starts_with("kms:"));
    let mut statements = Vec::new();
    if !reads.is_empty() {
        statements.push(
            json!({"Sid": "QuarterdeckInventory", "Effect": "Allow", "Action": reads, "Resource": "*"}),
        );
    }
    if !keys.is_empty() {
        let by_lambda = json!({"StringLike": {"kms:ViaService": "lambda.*.amazonaws.com"}});
        statements.push(
            json!({"Sid": "QuarterdeckDecrypt", "Effect": "Allow", "Action": keys, "Resource": "*", "Condition": by_lambda}),
        );
    }
    statements
}

#[cfg(test)]
mod tests;
