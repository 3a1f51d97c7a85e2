use shared::portfolio::{InventoryFrom, ValueSource};

use super::*;

fn table(name: &str) -> TableSource {
    TableSource {
        table: name.into(),
        ..TableSource::default()
    }
}

#[test]
fn every_source_is_one_part_and_the_ledger_is_one_of_every_portfolio() {
    let sources = Sources {
        dynamodb: vec![table("jada-calendar"), table("scc-events")],
        handoffs: Some(HandoffSource {
            path: "handoffs".into(),
            stale_after_days: 90,
        }),
        inventory: Some(InventorySource {
            from: InventoryFrom::Account,
            regions: Vec::new(),
        }),
        environment: EnvironmentSource {
            parameters: [("cash_floor".into(), ValueSource::Parameter("/cash_floor".into()))].into(),
            ..EnvironmentSource::default()
        },
    };
    let ids: Vec<_> = parts(&sources)
        .into_iter()
        .map(|(id, _)| id.to_string())
        .collect();
    assert_eq!(
        ids,
        [
            "dynamodb.jada-calendar",
            "dynamodb.scc-events",
            "handoffs",
            "inventory",
            "environment",
            "ledger"
        ]
    );
}

#[test]
fn a_portfolio_that_declares_nothing_has_no_part_not_even_the_ledgers() {
    assert!(parts(&Sources::default()).is_empty());
    let one = Sources {
        dynamodb: vec![table("jobs")],
        ..Sources::default()
    };
    let last = parts(&one).pop().map(|(id, source)| (id.to_string(), source));
    assert_eq!(last, Some(("ledger".to_owned(), Source::Ledger)));
}

#[test]
fn tables_that_differ_in_case_are_different_parts() {
    let (lower, upper) = (PartId::of_table("jobs"), PartId::of_table("Jobs"));
    assert_eq!(lower.as_str(), "dynamodb.jobs");
    assert!(upper.as_str().starts_with("dynamodb.jobs-"), "{upper}");
    assert!(PartId::of_table(&"X".repeat(255)).as_str().len() <= 160);
}
