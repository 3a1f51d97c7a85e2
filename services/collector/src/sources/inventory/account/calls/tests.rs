use std::collections::BTreeSet;

use super::*;
use crate::sources::inventory::tables::columns_of;

#[test]
fn every_call_fills_columns_that_exist() {
    for service in SERVICES.iter() {
        for table in &service.tables {
            let known = columns_of(&table.name)
                .unwrap_or_else(|| panic!("{} is not in catalog/collected.toml", table.name));
            let details = table.details.iter();
            let none = details.clone().flat_map(|d| {
                d.none_columns
                    .keys()
                    .inspect(|c| assert!(d.columns.contains_key(*c), "{c}"))
            });
            let of_list = table.list.none_columns.keys();
            let none = none.chain(
                of_list.inspect(|c| assert!(table.list.columns.contains_key(*c), "{}.{c}", table.name)),
            );
            assert_eq!(
                table.list.none.is_empty(),
                table.list.none_columns.is_empty(),
                "{}",
                table.name
            );
            let columns = table.list.columns.keys();
            let columns = columns
                .chain(details.clone().flat_map(|d| d.columns.keys()))
                .chain(none);
            for column in columns.chain(table.metrics.iter().flat_map(|m| m.columns())) {
                assert!(
                    known.contains(column),
                    "{}.{column} is not in catalog/collected.toml",
                    table.name
                );
            }
            for detail in details {
                assert!(
                    detail.none.is_empty() == detail.none_columns.is_empty() || detail.each.is_some(),
                    "{}",
                    detail.call.operation
                );
            }
            if let Some(parent) = &table.parent {
                assert!(service.tables.iter().any(|t| t.name == *parent), "{parent}");
            }
        }
    }
}

#[test]
fn every_rest_call_has_a_path_and_no_other_has() {
    for service in SERVICES.iter() {
        let rest = matches!(service.protocol, Protocol::RestJson | Protocol::RestXml);
        let json = matches!(service.protocol, Protocol::Json10 | Protocol::Json11);
        for call in service.calls() {
            assert_eq!(call.request.is_some(), rest, "{}", call.operation);
            assert!(rest || call.headers.is_empty(), "{}", call.operation);
        }
        assert_eq!(service.target.is_empty(), !json, "{}", service.service);
        assert_eq!(service.version.is_empty(), rest || json, "{}", service.service);
    }
}

#[test]
fn every_call_says_how_its_answer_is_known() {
    // Of these an answer without anything is one: no queue, no reserved concurrency.
    let bare = ["ListQueues", "GetFunctionConcurrency"];
    for service in SERVICES.iter() {
        for call in service.calls() {
            let xml_root = call.root.is_some();
            let json = match service.protocol {
                Protocol::RestXml => !xml_root,
                Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => true,
                // Their envelope has the operation's name.
                Protocol::Query | Protocol::Ec2 => false,
            };
            assert!(
                !xml_root || service.protocol == Protocol::RestXml,
                "{}",
                call.operation
            );
            assert_eq!(
                json && call.always.is_empty(),
                bare.contains(&call.operation.as_str()),
                "{} {}",
                service.service,
                call.operation
            );
        }
    }
}

#[test]
fn metrics_of_one_column_are_reduced_alike() {
    for table in SERVICES.iter().flat_map(|service| &service.tables) {
        for metric in &table.metrics {
            let same = table.metrics.iter().filter(|other| other.column == metric.column);
            for other in same {
                let of = |m: &Metric| (m.reduce, m.days, m.scale.to_bits(), m.decimals, m.none.clone());
                assert_eq!(of(metric), of(other), "{}.{}", table.name, metric.column);
            }
            assert!(
                metric.part.is_none() || metric.reduce == Reduce::Last,
                "{}.{}: of sums and means there are no parts yet",
                table.name,
                metric.column
            );
        }
    }
}

#[test]
fn services_that_share_a_pace_have_the_same() {
    for one in SERVICES.iter() {
        for other in SERVICES.iter().filter(|other| other.signing() == one.signing()) {
            assert_eq!(one.calls_per_second, other.calls_per_second, "{}", one.service);
        }
    }
}

#[test]
fn a_call_only_reads() {
    let mut seen = BTreeSet::new();
    for service in SERVICES.iter() {
        for call in service.calls() {
            seen.extend(service.actions(call));
        }
    }
    // It starts a report about users; nothing of the account changes.
    assert!(seen.remove("iam:GenerateCredentialReport"));
    for action in seen {
        let verb = action.split(':').nth(1).unwrap();
        // API Gateway's actions are HTTP methods.
        let reads = ["List", "Get", "Describe"].iter().any(|v| verb.starts_with(v)) || verb == "GET";
        assert!(reads, "{action}");
    }
}
