//! Columns that no single call has: they are put together from tables that were read. Start at [`derive`].
//!
//! What rests on a table that was not read, or on a cell that is unknown, is unknown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    calls::SERVICES,
    context::ARN,
    rows::{Inventory, Row, set, text},
};

/// Fills them all.
pub fn derive(inventory: &mut Inventory, as_of: Date) {
    entities(inventory);
    dead_letter_depths(inventory);
    origins(inventory);
    administrators(inventory);
    mail_records(inventory);
    month_under_way(inventory, as_of);
}

/// Whose a resource is, by its ARN's tag. Where the tags of a region were not read, nobody's: the gap says so.
fn entities(inventory: &mut Inventory) {
    let tagged: BTreeMap<String, Option<String>> = inventory
        .rows("resource_entity")
        .iter()
        .filter_map(|row| {
            Some((
                text(row, "arn")?.to_owned(),
                text(row, "entity").map(str::to_owned),
            ))
        })
        .collect();
    let with_arn = SERVICES
        .iter()
        .flat_map(|s| &s.tables)
        .filter(|t| t.arn.is_some() || t.environment.is_some());
    let mut tables: BTreeSet<&str> = with_arn.map(|t| t.name.as_str()).collect();
    tables.insert("lambda_env_secret");
    for table in tables {
        for row in inventory.rows_mut(table) {
            let arn = row.remove(ARN).flatten();
            if let Some(entity) = arn.and_then(|arn| tagged.get(&arn).cloned()) {
                set(row, "entity", entity);
            }
        }
    }
}

/// A queue's dead letters are the messages of the queue that it names; blank where it names none.
fn dead_letter_depths(inventory: &mut Inventory) {
    let key =
        |row: &Row, column: &str| Some((text(row, "region")?.to_owned(), text(row, column)?.to_owned()));
    let depths: BTreeMap<_, _> = inventory
        .rows("sqs_queue")
        .iter()
        .filter_map(|row| Some((key(row, "name")?, text(row, "depth").map(str::to_owned))))
        .collect();
    for row in inventory.rows_mut("sqs_queue") {
        let depth = match key(row, "dead_letter_queue") {
            None => None,
            Some((_, none)) if none.is_empty() => Some(String::new()),
            // A queue of another account is in no list of ours.
            Some(target) => depths.get(&target).cloned().flatten(),
        };
        set(row, "dead_letter_depth", depth);
    }
}

/// Whether a distribution's bucket is there. Of another kind of origin, and of a bucket that is not ours, it is not known:
/// a bucket of another account is in no list.
fn origins(inventory: &mut Inventory) {
    let read = inventory.tables.contains_key("s3_bucket");
    let ours: BTreeSet<String> = inventory
        .rows("s3_bucket")
        .iter()
        .filter_map(|row| text(row, "name").map(str::to_owned))
        .collect();
    for row in inventory.rows_mut("cloudfront_distribution") {
        let bucket = text(row, "origin").and_then(bucket_of).map(str::to_owned);
        let exists = bucket
            .filter(|_| read)
            .filter(|bucket| ours.contains(bucket))
            .map(|_| "true".to_owned());
        set(row, "origin_exists", exists);
    }
}

/// The bucket in an origin's host, `<bucket>.s3[-website][.-]<region>.amazonaws.com`.
fn bucket_of(host: &str) -> Option<&str> {
    let (bucket, rest) = host.split_once(".s3")?;
    (rest.starts_with(['.', '-']) && rest.contains("amazonaws.com")).then_some(bucket)
}

/// A user is an administrator by itself or by one of its groups.
fn administrators(inventory: &mut Inventory) {
    let groups_read = inventory.tables.contains_key("iam_group");
    let groups: BTreeSet<String> = inventory
        .rows("iam_group")
        .iter()
        .filter(|row| text(row, "admin") == Some("true"))
        .filter_map(|row| text(row, "name").map(str::to_owned))
        .collect();
    for row in inventory.rows_mut("iam_user") {
        let member: Vec<String> = text(row, "groups")
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        if member.iter().any(|group| groups.contains(group)) {
            set(row, "admin", Some("true".to_owned()));
        } else if !groups_read && !member.is_empty() && text(row, "admin") == Some("false") {
            set(row, "admin", None);
        }
    }
}

/// SPF and DMARC of a domain, from its records, where its zone is in this account; elsewhere they are unknown.
fn mail_records(inventory: &mut Inventory) {
    let zones: BTreeSet<String> = inventory
        .rows("route53_record")
        .iter()
        .filter(|row| text(row, "type") == Some("SOA"))
        .filter_map(|row| text(row, "name").map(str::to_owned))
        .collect();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for row in inventory.rows("route53_record") {
        if let (Some("TXT"), Some(name), Some(values)) =
            (text(row, "type"), text(row, "name"), text(row, "values"))
        {
            texts
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push_str(values);
        }
    }
    for row in inventory.rows_mut("ses_identity") {
        let Some(domain) = text(row, "identity")
            .filter(|identity| !identity.contains('@'))
            .map(str::to_ascii_lowercase)
        else {
            continue;
        };
        if !zones
            .iter()
            .any(|zone| domain == *zone || domain.ends_with(&format!(".{zone}")))
        {
            continue;
        }
        let has = |name: &str, mark: &str| {
            texts
                .get(name)
                .is_some_and(|values| values.to_ascii_lowercase().contains(mark))
        };
        set(row, "spf", Some(has(&domain, "v=spf1").to_string()));
        // A subdomain without a record of its own has its parents' policy (RFC 7489, 6.6.3).
        let parents = domain
            .match_indices('.')
            .map(|(at, _)| &domain[at + 1..])
            .filter(|parent| parent.contains('.'));
        let dmarc = std::iter::once(domain.as_str())
            .chain(parents)
            .any(|name| has(&format!("_dmarc.{name}"), "v=dmarc1"));
        set(row, "dmarc", Some(dmarc.to_string()));
    }
}

/// The forecast of the month under way is from today on: what the month has cost before is added. If that is not known, the
/// month has no forecast.
fn month_under_way(inventory: &mut Inventory, as_of: Date) {
    let month = as_of.first_of_month().to_string();
    let spent = inventory.tables.contains_key("cost_daily").then(|| {
        let of_month = inventory
            .rows("cost_daily")
            .iter()
            .filter(|row| text(row, "day").is_some_and(|day| *day >= *month));
        of_month
            .map(|row| text(row, "amount")?.parse::<Decimal>().ok())
            .sum::<Option<Decimal>>()
    });
    for row in inventory.rows_mut("cost_forecast") {
        if text(row, "month") != Some(month.as_str()) {
            continue;
        }
        for column in ["amount", "low", "high"] {
            let whole = text(row, column)
                .and_then(|t| t.parse::<Decimal>().ok())
                .zip(spent.flatten())
                .map(|(a, b)| a + b);
            set(row, column, whole.map(|amount| amount.normalize().to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(json: &str) -> Vec<Row> {
        let rows: Vec<BTreeMap<String, Option<String>>> = serde_json::from_str(json).unwrap();
        rows
    }
    fn derived(tables: &[(&'static str, &str)]) -> Inventory {
        let mut inventory = Inventory::default();
        inventory.tables = tables.iter().map(|(name, json)| (*name, rows(json))).collect();
        derive(&mut inventory, "2026-11-20".parse().unwrap());
        inventory
    }
    fn column(inventory: &Inventory, table: &str, column: &str) -> Vec<Option<String>> {
        inventory
            .rows(table)
            .iter()
            .map(|row| text(row, column).map(str::to_owned))
            .collect()
    }
    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_queues_dead_letters_are_another_queues_messages() {
        let queues = r#"[
            {"name":"a","region":"r","dead_letter_queue":"dead","depth":"1"},
            {"name":"dead","region":"r","dead_letter_queue":"","depth":"7"},
            {"name":"b","region":"r","dead_letter_queue":"elsewhere"},
            {"name":"c","region":"r","dead_letter_queue":null,"depth":null}]"#;
        let depths = column(
            &derived(&[("sqs_queue", queues)]),
            "sqs_queue",
            "dead_letter_depth",
        );
        assert_eq!(depths, [some("7"), some(""), None, None]);
    }

    #[test]
    fn an_origin_is_there_if_its_bucket_is_ours_and_else_unknown() {
        let sites = r#"[{"origin":"site.s3.us-west-2.amazonaws.com"},{"origin":"gone.s3.amazonaws.com"},{"origin":"api.example.com"}]"#;
        let both = derived(&[
            ("cloudfront_distribution", sites),
            ("s3_bucket", r#"[{"name":"site"}]"#),
        ]);
        assert_eq!(
            column(&both, "cloudfront_distribution", "origin_exists"),
            [some("true"), None, None]
        );
        let unread = derived(&[("cloudfront_distribution", sites)]);
        assert_eq!(
            column(&unread, "cloudfront_distribution", "origin_exists"),
            [None, None, None]
        );
    }

    #[test]
    fn groups_make_administrators_and_unread_groups_make_nobody_harmless() {
        let users = r#"[{"name":"a","admin":"false","groups":"[\"ops\"]"},{"name":"b","admin":"false","groups":"[]"}]"#;
        let read = derived(&[
            ("iam_user", users),
            ("iam_group", r#"[{"name":"ops","admin":"true"}]"#),
        ]);
        assert_eq!(column(&read, "iam_user", "admin"), [some("true"), some("false")]);
        assert_eq!(
            column(&derived(&[("iam_user", users)]), "iam_user", "admin"),
            [None, some("false")]
        );
    }

    #[test]
    fn mail_records_count_only_where_the_zone_is_ours() {
        let records = r#"[{"name":"example.com","type":"SOA","values":"[]"},
            {"name":"example.com","type":"TXT","values":"[\"\\\"v=spf1 -all\\\"\"]"},
            {"name":"_dmarc.example.com","type":"TXT","values":"[\"\\\"v=DMARC1; p=none\\\"\"]"}]"#;
        let identities = r#"[{"identity":"example.com"},{"identity":"mail.example.com"},{"identity":"other.org"},{"identity":"a@example.com"}]"#;
        let found = derived(&[("route53_record", records), ("ses_identity", identities)]);
        assert_eq!(
            column(&found, "ses_identity", "spf"),
            [some("true"), some("false"), None, None]
        );
        assert_eq!(
            column(&found, "ses_identity", "dmarc"),
            [some("true"), some("true"), None, None]
        );
    }

    #[test]
    fn a_month_under_way_is_what_it_cost_and_what_is_to_come() {
        let days = r#"[{"day":"2026-10-31","amount":"9"},{"day":"2026-11-01","amount":"1.50"},{"day":"2026-11-20","amount":"0.25"}]"#;
        let months = r#"[{"month":"2026-11-01","amount":"10","low":"8","high":"12"},{"month":"2026-12-01","amount":"30"}]"#;
        let both = derived(&[("cost_daily", days), ("cost_forecast", months)]);
        assert_eq!(
            column(&both, "cost_forecast", "amount"),
            [some("11.75"), some("30")]
        );
        assert_eq!(
            column(&derived(&[("cost_forecast", months)]), "cost_forecast", "amount"),
            [None, some("30")]
        );
    }

    #[test]
    fn an_arn_finds_its_entity_and_leaves_no_trace() {
        let buckets = format!(r#"[{{"name":"a","{ARN}":"arn:1"}},{{"name":"b","{ARN}":null}}]"#)
            .replace('\0', "\\u0000");
        let tags = r#"[{"arn":"arn:1","entity":"jada"}]"#;
        let found = derived(&[("s3_bucket", &buckets), ("resource_entity", tags)]);
        assert_eq!(column(&found, "s3_bucket", "entity"), [some("jada"), None]);
        assert!(found.rows("s3_bucket").iter().all(|row| !row.contains_key(ARN)));
    }
}
