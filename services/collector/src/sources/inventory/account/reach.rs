//! What a call without an answer leaves unknown, as `inventory_gap.concerns` tells it. Start at [`reach`].
//!
//! It is read off the table of calls: without its list a table lacks rows, and so do those that hang on it; without a detail
//! or a metric it lacks cells. Calls that fill no table are told apart here.

use std::collections::BTreeSet;

use super::{
    calls::{SERVICES, Scope, Service, Table},
    rows::Gap,
};

/// Where an item's environment is scanned to.
const SECRETS: &str = "lambda_env_secret";

/// Something that a gap leaves unknown; ordered by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// Rows of a table may be missing.
    Rows(&'static str),
    /// A column of a table may be NULL.
    Cells(&'static str, &'static str),
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(table) => f.write_str(table),
            Self::Cells(table, column) => write!(f, "{table}.{column}"),
        }
    }
}

/// What a gap leaves unknown; `None` for a call that nothing is known of.
pub fn reach(gap: &Gap) -> Option<BTreeSet<Unknown>> {
    let mut found = BTreeSet::new();
    match (gap.service.as_str(), gap.operation.as_str()) {
        // Any region may be one that is not listed.
        ("ec2", "DescribeRegions") => {
            for service in SERVICES.iter() {
                let regional = |table: &&Table| table.scope.unwrap_or(service.scope) != Scope::Global;
                let tables = service.tables.iter().filter(regional);
                tables.for_each(|table| rows(service, table, &mut found));
            }
        }
        ("cloudwatch", "GetMetricData") => {
            for table in SERVICES.iter().flat_map(|service| &service.tables) {
                let columns = table.metrics.iter().flat_map(|metric| metric.columns());
                found.extend(columns.map(|column| Unknown::Cells(&table.name, column)));
            }
        }
        // Of the root user nothing else tells.
        ("iam", "GenerateCredentialReport" | "GetCredentialReport") => {
            found.insert(Unknown::Rows("iam_user"));
        }
        // The account's id is part of some ARNs, by which tags are joined.
        ("sts", "GetCallerIdentity") => {
            let tables = SERVICES.iter().flat_map(|service| &service.tables);
            let with_arn = tables.filter(|table| table.arn.is_some());
            found.extend(with_arn.map(|table| Unknown::Cells(&table.name, "entity")));
        }
        ("secretsmanager", "GetSecretValue") => {
            found.insert(Unknown::Cells(SECRETS, "fingerprint"));
        }
        // An environment that is encrypted with a key that we may not use.
        (_, "Decrypt") => {
            found.extend([
                Unknown::Rows(SECRETS),
                Unknown::Cells("lambda_function", "env_names"),
            ]);
        }
        (name, operation) => {
            for service in SERVICES.iter().filter(|service| service.service == name) {
                for table in &service.tables {
                    if table.list.call.operation == operation {
                        rows(service, table, &mut found);
                    }
                    let details = table.details.iter().filter(|d| d.call.operation == operation);
                    let columns = details.flat_map(|detail| detail.columns.keys());
                    found.extend(columns.map(|column| Unknown::Cells(&table.name, column)));
                }
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The rows of a table, of what is scanned out of it, and of the tables that hang on it.
fn rows(service: &'static Service, table: &'static Table, found: &mut BTreeSet<Unknown>) {
    found.insert(Unknown::Rows(&table.name));
    if table.environment.is_some() {
        found.insert(Unknown::Rows(SECRETS));
    }
    let below = service
        .tables
        .iter()
        .filter(|t| t.parent.as_ref() == Some(&table.name));
    below.for_each(|table| rows(service, table, found));
}

#[cfg(test)]
mod tests;
