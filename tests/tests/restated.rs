//! A sale of last month that is another one tonight: the night finds the snapshot of the one before, and its readers are told.

use std::{fs, path::Path};

use serde_json::Value;
use tests::{SMALL, quarterdeck};

/// A table of the portfolio's own, which no figure of the built-in catalog reads.
const SCHEMA: &str = r#"
[deals]
doc = "What was sold."
columns = { entity = "text", deal_id = "text", sold_on = "date", gross = "decimal", buyer = "text" }
money = { columns = ["gross"], dated = ["sold_on"] }
key = ["entity", "deal_id"]
"#;
const VIEW: &str = "select 'boat' as entity, id as deal_id, day(sold) as sold_on, money(price) as gross, name as buyer from raw.calendar";
const KPI: &str = r#"
[[kpi]]
id = "sales.last_month"
title = "Sales of last month"
unit = "money"
better = "up"
roles = ["ceo"]
period = "last_month"
blocks = "x"
fix = "x"
needs = ["deals"]
sql = "select sum(gross) as value from deals where sold_on between $from and $to"
"#;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The night of a date on which the sale of October is of this price.
fn night(folder: &Path, date: &str, price: &str) -> Value {
    let sale = format!(
        "{{\"id\": \"B-1\", \"sold\": \"2026-10-01\", \"price\": \"{price}\", \"name\": \"Jane Roe\"}}\n"
    );
    write(folder, "tables/calendar.ndjson", &sale);
    let out = folder.join("out").display().to_string();
    let (code, said, errors) = quarterdeck(&[
        "run",
        &folder.display().to_string(),
        "--date",
        date,
        "--out",
        &out,
    ]);
    assert!(code == 0 || code == 3, "{said}{errors}");
    let file = folder.join(format!("out/{date}/analysis.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_sale_of_last_month_that_changed_is_named_in_the_analysis_and_in_the_brief() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "portfolio.toml", SMALL);
    write(folder, "catalog/schema.toml", SCHEMA);
    write(folder, "catalog/views/deals.calendar.sql", VIEW);
    write(folder, "catalog/kpis/sales.toml", KPI);
    night(folder, "2026-11-19", "100");
    let analysis = night(folder, "2026-11-20", "150");

    let changes = analysis["changes"].as_array().unwrap();
    let change = changes.iter().find(|c| c["fact"] == "kpi:sales.last_month");
    let change = change.unwrap_or_else(|| panic!("{changes:#?}"));
    let row = "deals B-1 (Boat) gross was $100.00 and is $150.00";
    assert_eq!(
        change["text"],
        format!("Sales of last month is now $150.00, and was given as $100.00 for the same days: {row}")
    );
    assert_eq!(change["restated"]["rows"][0]["key"], "B-1");
    let brief = fs::read_to_string(folder.join("out/2026-11-20/ceo.txt")).unwrap();
    let words: Vec<&str> = brief.split_whitespace().collect();
    assert!(words.join(" ").contains(row), "{brief}");
    assert!(!brief.contains("Jane"), "{brief}");
}
