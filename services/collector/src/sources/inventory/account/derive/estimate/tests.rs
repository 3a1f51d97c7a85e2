use std::str::FromStr;

use super::{
    super::testing::{column, derived, some},
    prices::Of,
    *,
};

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

/// Lines of a basis, as `item quantity amount`.
fn lines(inventory: &Inventory, basis: &str) -> Vec<String> {
    let of = |row: &&Row| text(row, "basis") == Some(basis);
    let shown = |row: &Row| {
        ["item", "quantity", "monthly_amount"]
            .map(|column| text(row, column).unwrap_or("-"))
            .join(" ")
    };
    let rows = inventory.rows(ESTIMATE).iter().filter(of);
    rows.map(shown).collect()
}

/// The whole.
fn total(inventory: &Inventory) -> Decimal {
    let amounts = inventory.rows(ESTIMATE).iter();
    amounts
        .filter_map(|row| text(row, "monthly_amount"))
        .map(decimal)
        .sum()
}

#[test]
fn functions_cost_their_requests_and_their_gb_seconds_less_what_is_free() {
    // 14 days are 336 of a month's 730 hours. 1,680,000 x 730 / 336 = 3,650,000 requests, of which a million is free.
    // 84,000 s x 0.5 GB x 730 / 336 = 91,250 GB-seconds, all free.
    let functions = r#"[{"name":"a","region":"us-west-2","entity":"jada","architecture":"arm64","memory_mb":"512",
        "invocations_14d":"1680000","duration_ms_14d":"84000000"}]"#;
    let found = derived(&[("lambda_function", functions)]);
    assert_eq!(
        lines(&found, "list_price"),
        ["requests 3650000 0.73", "duration on arm64 91250 1.2167"]
    );
    assert_eq!(
        lines(&found, "rebate"),
        ["free requests -1000000 -0.2", "free duration -91250 -1.2167"]
    );
    assert_eq!(total(&found), decimal("0.53"));
    assert_eq!(
        column(&found, ESTIMATE, "entity")[..2],
        [some("jada"), some("jada")]
    );
}

#[test]
fn the_free_gb_seconds_come_off_the_dearer_ones_first() {
    // 100,000 and 400,000 GB-seconds a month: x 336 / 730 in 14 days, in ms of 1 GB.
    let functions = r#"[
        {"name":"a","region":"r","architecture":"x86_64","memory_mb":"1024","invocations_14d":"0","duration_ms_14d":"46027397.26027397260274"},
        {"name":"b","region":"r","architecture":"arm64","memory_mb":"1024","invocations_14d":"0","duration_ms_14d":"184109589.04109589041096"}]"#;
    let found = derived(&[("lambda_function", functions)]);
    assert_eq!(
        lines(&found, "rebate"),
        ["free duration -100000 -1.6667", "free duration -300000 -4"]
    );
    assert_eq!(total(&found), decimal("1.3334"), "100,000 GB-seconds on arm64");
}

#[test]
fn a_bucket_costs_what_each_of_its_classes_does() {
    // 1,073.741824 GB of 10^9 bytes are 1,000 of 2^30.
    let bucket = r#"[{"name":"a","region":"us-west-2","standard_gb":"1073.741824","standard_ia_gb":"107.3741824",
        "intelligent_tiering_gb":"0.000","glacier_gb":"1073.741824","deep_archive_gb":"1073.741824"}]"#;
    let found = derived(&[("s3_bucket", bucket)]);
    assert_eq!(
        lines(&found, "list_price"),
        [
            "storage in Standard 1000 23",
            "storage in Standard-IA 100 1.25",
            "storage in Intelligent-Tiering 0 0",
            "storage in Glacier Flexible Retrieval 1000 3.6",
            "storage in Glacier Deep Archive 1000 0.99"
        ]
    );
}

#[test]
fn a_table_costs_its_storage_its_recovery_and_the_capacity_that_is_provisioned() {
    let tables = r#"[
        {"name":"a","region":"us-west-2","billing_mode":"PROVISIONED","read_capacity":"30","write_capacity":"10","size_bytes":"40000000000","pitr":"true"},
        {"name":"b","region":"eu-west-1","billing_mode":"PAY_PER_REQUEST","read_capacity":"0","write_capacity":"0","size_bytes":"30000000000","pitr":"false"}]"#;
    let found = derived(&[("dynamodb_table", tables)]);
    // Each region has 25 GB free: 10.00 - 6.25, 7.50 - 6.25. 30 x 730 x 0.00013 = 2.847, of which 25 units are free.
    assert_eq!(
        lines(&found, "list_price"),
        [
            "storage 30 7.5",
            "storage 40 10",
            "point-in-time recovery 40 8",
            "write capacity 7300 4.745",
            "read capacity 21900 2.847"
        ]
    );
    assert_eq!(
        lines(&found, "rebate"),
        [
            "free storage -25 -6.25",
            "free storage -25 -6.25",
            "free write capacity -7300 -4.745",
            "free read capacity -18250 -2.3725"
        ]
    );
    assert_eq!(
        lines(&found, "left_out"),
        [
            "requests on demand 1 -",
            "indexes, streams, backups on demand, other table classes 2 -",
            "data transfer, KMS keys, metrics and dashboards, support, and every service that is not in the inventory, such as EC2 and RDS - -"
        ]
    );
}

#[test]
fn zones_from_the_26th_on_cost_a_fifth() {
    let zones: Vec<_> = (0..30).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
    let found = derived(&[("route53_zone", &format!("[{}]", zones.join(",")))]);
    // 25 x 0.50 + 5 x 0.10.
    assert_eq!(total(&found), decimal("13"));
}

#[test]
fn alarms_secrets_and_web_acls_cost_by_the_piece() {
    let alarms: Vec<_> = (0..12)
        .map(|n| format!(r#"{{"name":"{n}","metric":"Errors"}}"#))
        .collect();
    let alarms = format!(r#"[{},{{"name":"composite","metric":""}}]"#, alarms.join(","));
    let found = derived(&[
        ("cloudwatch_alarm", &alarms),
        (
            "secret",
            r#"[{"name":"a","owner":""},{"name":"b","owner":""},{"name":"c","owner":"rds"}]"#,
        ),
        ("waf_web_acl", r#"[{"name":"a","region":"global","rules":"3"}]"#),
    ]);
    assert_eq!(
        lines(&found, "list_price"),
        ["secrets 2 0.8", "alarms 12 1.2", "web ACLs 1 5", "rules 3 3"]
    );
    assert_eq!(lines(&found, "rebate"), ["free alarms -10 -1"]);
    let left_out = lines(&found, "left_out");
    for line in [
        "secrets of other services 1 -",
        "composite alarms and those of expressions 1 -",
    ] {
        assert!(left_out.contains(&line.to_owned()), "{left_out:?}");
    }
}

#[test]
fn what_is_not_known_of_a_resource_is_counted_and_has_no_amount() {
    let functions = r#"[{"name":"a","region":"r","architecture":"arm64","memory_mb":"512","invocations_14d":null,"duration_ms_14d":null},
        {"name":"b","region":"r","architecture":"arm64","memory_mb":"512","invocations_14d":"many","duration_ms_14d":"-5"}]"#;
    let found = derived(&[
        ("lambda_function", functions),
        (
            "secret",
            r#"[{"name":"a","owner":null},{"name":"b","owner":"","region":"cn-north-1"}]"#,
        ),
    ]);
    assert_eq!(lines(&found, "list_price"), Vec::<String>::new());
    assert_eq!(
        lines(&found, "unknown"),
        [
            "requests 2 -",
            "duration on arm64 2 -",
            "secrets 1 -",
            "secrets 1 -"
        ]
    );
    let unknown = |row: &&Row| text(row, "basis") == Some("unknown");
    let notes: BTreeSet<&str> = found
        .rows(ESTIMATE)
        .iter()
        .filter(unknown)
        .filter_map(|row| text(row, "note"))
        .collect();
    let expected = [
        "not known: duration_ms_14d or memory_mb or architecture",
        "not known: invocations_14d",
        "not known: owner",
        "of another price list",
    ];
    assert_eq!(notes, BTreeSet::from(expected));
    assert_eq!(total(&found), Decimal::ZERO);
}

#[test]
fn where_there_is_a_bill_or_nothing_was_listed_there_is_no_estimate() {
    let secret = ("secret", r#"[{"name":"a","owner":""}]"#);
    assert_eq!(total(&derived(&[secret])), decimal("0.4"));
    for tables in [
        vec![secret, ("cost_daily", r#"[{"day":"2026-11-01","amount":"1"}]"#)],
        // It was asked and knows of no cost: that is an answer.
        vec![secret, ("cost_daily", "[]")],
        vec![("iam_user", r#"[{"name":"a"}]"#)],
    ] {
        assert!(!derived(&tables).tables.contains_key(ESTIMATE), "{tables:?}");
    }
}

#[test]
fn every_price_is_of_columns_that_are_collected_and_every_rebate_of_prices() {
    let known = |of: &Of, columns: &[String]| {
        let there =
            crate::sources::inventory::columns_of(&of.kind).unwrap_or_else(|| panic!("no table {}", of.kind));
        for column in columns.iter().chain(of.only.keys()).chain(of.except.keys()) {
            assert!(there.contains(column), "{}.{column}", of.kind);
        }
    };
    let mut ids = BTreeSet::new();
    for price in &PRICES.prices {
        known(&price.of, &price.columns);
        assert!(ids.insert(price.id.as_str()), "{} stands twice", price.id);
        assert!(price.price.0 > Decimal::ZERO, "{}", price.id);
    }
    for line in &PRICES.left_out {
        line.of.iter().for_each(|of| known(of, &[]));
    }
    for rebate in &PRICES.rebates {
        assert!(
            rebate.prices.iter().all(|id| ids.contains(id.as_str())),
            "{}",
            rebate.item
        );
        assert!(
            rebate.first.is_some() != rebate.beyond.is_some(),
            "{}",
            rebate.item
        );
    }
}

#[test]
fn a_price_that_the_deployments_own_cost_has_too_is_the_same_there() {
    let text = include_str!("../../../../../../../../tests/infra/prices.json");
    let other: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(other["region"], PRICES.region);
    assert_eq!(other["currency"], PRICES.currency);
    let number = |value: &serde_json::Value| {
        let text = value.to_string();
        Decimal::from_scientific(&text).unwrap_or_else(|_| decimal(&text))
    };
    let mut same = 0;
    for price in &PRICES.prices {
        if let Some(item) = other["items"].get(&price.id) {
            assert_eq!(number(&item["price"]), price.price.0, "{}", price.id);
            same += 1;
        }
    }
    for rebate in &PRICES.rebates {
        let id = rebate.prices[0].trim_end_matches("_x86_64");
        if let (Some(free), Some(first)) = (other["free_each_month"].get(id), rebate.first) {
            assert_eq!(number(&free["amount"]), first.0, "{id}");
            same += 1;
        }
    }
    assert_eq!(same, 12, "8 prices and 4 allowances are in both");
}
