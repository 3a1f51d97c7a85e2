//! IAM's credential report: keys, MFA and last use of every user, in two calls instead of several a user. Start at [`fill`].
//!
//! Its columns: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    calls::Service,
    client::CallError,
    rows::{Gap, Row, set, text},
    walk::Walk,
};

const REGION: &str = "us-east-1";
/// How often is asked whether the report is made, and how long is waited between.
const QUESTIONS: u32 = 15;
const PAUSE: Duration = Duration::from_secs(2);
/// What the report calls the account's root user.
const ROOT: &str = "<root_account>";
/// What it writes where there is nothing.
const NOTHING: [&str; 3] = ["N/A", "no_information", "not_supported"];

/// Fills the users' columns, and adds the root user, which no list has. If the report cannot be had they stay NULL.
pub async fn fill(walk: &Walk<'_>, users: &mut Vec<Row>) -> Option<Gap> {
    match report(walk).await {
        Ok(csv) => {
            merge(&csv, users, walk.as_of);
            None
        }
        Err((operation, error)) => Some(Gap::new("iam", "global", operation, &error)),
    }
}

async fn report(walk: &Walk<'_>) -> Result<Vec<Report>, (&'static str, CallError)> {
    let (make, get) = ("GenerateCredentialReport", "GetCredentialReport");
    let service = Service::named("iam");
    let context = walk.context(REGION, &[]);
    for question in 1.. {
        let pages = walk
            .client
            .pages(service, service.other(make), REGION, &context)
            .await;
        let pages = pages.map_err(|error| (make, error))?;
        if pages.iter().any(|page| {
            page.get_field("State")
                .as_string()
                .is_some_and(|state| state == "COMPLETE")
        }) {
            break;
        }
        if question == QUESTIONS {
            return Err((make, CallError::NotCalled));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let pages = walk
        .client
        .pages(service, service.other(get), REGION, &context)
        .await
        .map_err(|error| (get, error))?;
    let unreadable = (get, CallError::Unreadable);
    let content = pages.first().map(|page| page.get_field("Content"));
    let content = content
        .as_deref()
        .and_then(|c| c.as_string())
        .ok_or_else(|| unreadable.clone())?;
    let bytes = STANDARD
        .decode(content.split_whitespace().collect::<String>())
        .map_err(|_| unreadable.clone())?;
    let rows = csv::Reader::from_reader(&bytes[..])
        .into_deserialize()
        .collect::<Result<_, _>>();
    rows.map_err(|_| unreadable)
}

#[derive(Debug, serde::Deserialize)]
struct Report {
    user: String,
    arn: String,
    password_enabled: String,
    password_last_used: String,
    mfa_active: String,
    access_key_1_active: String,
    access_key_1_last_rotated: String,
    access_key_1_last_used_date: String,
    access_key_2_active: String,
    access_key_2_last_rotated: String,
    access_key_2_last_used_date: String,
}

fn merge(report: &[Report], users: &mut Vec<Row>, as_of: Date) {
    let mut by_name: BTreeMap<&str, &Report> = report.iter().map(|line| (line.user.as_str(), line)).collect();
    if let Some(root) = by_name.get(ROOT) {
        let cells = [
            ("name", ROOT),
            ("arn", &root.arn),
            ("admin", "true"),
            ("groups", "[]"),
            ("policies", "[]"),
        ];
        users.push(
            cells
                .map(|(name, text)| (name.to_owned(), Some(text.to_owned())))
                .into(),
        );
    }
    for user in users {
        // A user that was made after the report stays unknown.
        let Some(line) = text(user, "name").and_then(|name| by_name.remove(name)) else {
            continue;
        };
        let keys = [
            (&line.access_key_1_active, &line.access_key_1_last_rotated),
            (&line.access_key_2_active, &line.access_key_2_last_rotated),
        ];
        let active: Vec<&String> = keys
            .into_iter()
            .filter(|(active, _)| *active == "true")
            .map(|(_, made)| made)
            .collect();
        let oldest = active
            .iter()
            .map(|made| day(made))
            .collect::<Option<Vec<_>>>()
            .map(|days| days.into_iter().min());
        let age = match oldest {
            None => None,
            Some(None) => Some(String::new()),
            Some(Some(made)) => as_of
                .since(made)
                .ok()
                .map(|span| span.get_days().max(0).to_string()),
        };
        let used = [
            &line.password_last_used,
            &line.access_key_1_last_used_date,
            &line.access_key_2_last_used_date,
        ];
        let last = used.into_iter().filter_map(|used| day(used)).max();
        set(user, "password", flag(&line.password_enabled));
        set(user, "mfa", flag(&line.mfa_active));
        set(user, "key_age_days", age);
        set(
            user,
            "last_used_on",
            Some(last.map_or(String::new(), |day| day.to_string())),
        );
    }
}

/// Anything else is unknown: of the root user's password the report says `not_supported`.
fn flag(text: &str) -> Option<String> {
    ["true", "false"].contains(&text).then(|| text.to_owned())
}

fn day(text: &str) -> Option<Date> {
    if NOTHING.contains(&text) {
        return None;
    }
    let instant: Timestamp = text.parse().ok()?;
    Some(instant.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests;
