//! `check`: every mistake, with its place and what was probably meant; and none in what is built in.

use shared::{portfolio::Bundle, problem::Problem};

use super::{bundle, currencies::van, portfolio};
use crate::check::check_catalog;

async fn problems(more: &str, files: &[(&str, &str)]) -> Vec<Problem> {
    let bundle: Bundle = bundle(more, files);
    check_catalog(&bundle, &portfolio(&bundle)).await
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn the_built_in_catalog_has_no_mistakes() {
    assert_eq!(said(&problems("", &[]).await), Vec::<String>::new());
}

#[tokio::test]
async fn mistakes_in_sql_files_have_line_column_and_suggestion() {
    let files = [
        (
            "views/bookings.a.sql",
            "select 'boat' as entity,\n  money(prise) as gross, day(t.dat) as service_from from raw.boat_trips t",
        ),
        (
            "views/bookings.b.sql",
            "select 'boat' as entity, price as gross, 1 as gros from raw.boat_trips",
        ),
        ("views/boookings.c.sql", "select 1"),
    ];
    let found = said(&problems("", &files).await);
    let expected = [
        "catalog/views/bookings.a.sql:2:9: error[unknown-column]: there is no column prise; did you mean price?",
        "catalog/views/bookings.a.sql:2:30: error[unknown-column]: there is no column t.dat; there are: on, price, state",
        "catalog/views/bookings.b.sql:1:35: error[wrong-type]: column gross is text, not decimal; read it with money(...)",
        "catalog/views/bookings.b.sql:1:47: error[unknown-column]: the table has no column gros; did you mean gross?",
    ];
    assert_eq!(found[..4], expected, "{found:#?}");
    assert!(
        found[4].contains("there is no canonical table \"boookings\""),
        "{found:#?}"
    );
    assert_eq!(found.len(), 5);
}

#[tokio::test]
async fn a_piece_cannot_read_a_canonical_table_which_is_made_of_pieces() {
    let piece = "select 'boat' as entity, sum(gross) as amount from bookings";
    let found = said(&problems("", &[("views/payments.a.sql", piece)]).await);
    let start = "catalog/views/payments.a.sql:1:";
    let [one] = found.as_slice() else {
        panic!("{found:#?}")
    };
    assert!(
        one.starts_with(start) && one.contains("error[unknown-table]") && one.contains("bookings"),
        "{one}"
    );
}

#[tokio::test]
async fn mistakes_in_entries_have_their_place_in_the_toml_file() {
    let entry = |id: &str, more: &str, sql: &str| {
        format!(
            "[[kpi]]\nid = \"{id}\"\ntitle = \"t\"\nunit = \"count\"\nblocks = \"b\"\nfix = \"f\"\n{more}sql = \"\"\"\n{sql}\n\"\"\"\n"
        )
    };
    let text = [
        entry("own.a", "", "select count(*) as value\nfrom boking"),
        entry("own.b", "titel = \"x\"\n", "select 1 as value"),
        entry("own.a", "", "select 1 as value"),
        entry("own.c", "needs = [\"bookings.grss\"]\n", "select 1 as valu"),
        "[[kpi]]\nid = \"own.d\"\n".to_owned(),
    ];
    let found = problems("", &[("kpis/own.toml", &text.concat())]).await;
    let codes: Vec<_> = found.iter().map(|p| (p.line, p.column, p.code)).collect();
    let lines = said(&found);
    assert_eq!(
        codes[..5],
        [
            (9, 6, "unknown-table"),
            (17, 1, "unknown-key"),
            (22, 6, "duplicate-id"),
            (36, 10, "unknown-column"),
            (38, 1, "unknown-column")
        ],
        "{lines:#?}"
    );
    assert!(
        lines[0].contains("there is no table boking; did you mean bookings?"),
        "{lines:#?}"
    );
    assert!(lines[1].contains("did you mean title?"), "{lines:#?}");
    assert_eq!(found[2].related[0].line, 2);
    // All that the last entry lacks, at once.
    let lacks: Vec<_> = lines[5..]
        .iter()
        .map(|line| line.rsplit("; ").next().unwrap_or_default())
        .collect();
    assert!(
        found[5..].iter().all(|p| (p.code, p.line) == ("missing-key", 40)),
        "{lines:#?}"
    );
    assert_eq!(lacks.len(), 5, "{lines:#?}");
    assert!(lacks.contains(&"write unit = \"money\""), "{lines:#?}");
}

#[tokio::test]
async fn broken_toml_and_settings_that_name_nothing_are_reported() {
    let more = "[targets]\n\"cash.unrestrictd\" = 1\n[[rules]]\nid = \"r\"\ntitle = \"r\"\nsql = \"select amont > 0 as ok from transactions\"\n";
    let found = said(&problems(more, &[("checks/own.toml", "[[check]\nid = 1")]).await);
    assert!(
        found
            .iter()
            .any(|p| p.starts_with("catalog/checks/own.toml:1:") && p.contains("error[toml]")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|p| p.contains("there is no KPI cash.unrestrictd; did you mean cash.unrestricted?")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|p| p.starts_with("portfolio.toml:") && p.contains("there is no column amont")),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_bad_value_is_said_beside_what_is_missing_also_at_the_top_of_a_file() {
    let text = "[[kpi]]\nid = \"a.b\"\ntitle = \"t\"\nunit = \"mony\"\nbetter = \"upp\"\nsql = \"select 1 as value\"\n";
    let found = said(&problems("", &[("kpis/own.toml", text)]).await);
    let of = |code: &str| {
        found
            .iter()
            .filter(|p| p.contains(&format!("error[{code}]")))
            .count()
    };
    assert_eq!(
        (of("missing-key"), of("bad-value"), found.len()),
        (2, 2, 4),
        "{found:#?}"
    );
    let unit = found.iter().find(|p| p.contains(": unit: ")).unwrap();
    assert!(
        unit.starts_with("catalog/kpis/own.toml:4:8: ") && unit.contains("did you mean \"money\"?"),
        "{unit}"
    );
}

#[tokio::test]
async fn check_names_currencies_without_rates_and_rates_that_are_text() {
    let check = async |more: &str, files: &[(&str, &str)]| said(&problems(more, files).await);
    let path = "views/exchange_rates.a.sql";
    let typed = "select date '2026-11-20' as day, 'EUR' as currency, rate('1.2') as rate, 'ECB' as source";
    let text = "select date '2026-11-20' as day, 'EUR' as currency, '1.2' as rate, 'ECB' as source";
    let unrated = check(&van(), &[]).await;
    assert_eq!(unrated.len(), 1, "{unrated:?}");
    assert!(
        unrated[0].contains(
            "warning[no-rates]: van counts in EUR and the portfolio in USD, and no view gives exchange_rates"
        ),
        "{}",
        unrated[0]
    );
    assert_eq!(check(&van(), &[(path, typed)]).await, Vec::<String>::new());
    assert_eq!(check("", &[]).await, Vec::<String>::new());
    let wrong = check(&van(), &[(path, text)]).await;
    assert!(
        wrong
            .iter()
            .any(|p| p.contains("column rate is text, not rate; read it with rate(...)")),
        "{wrong:?}"
    );
    let own = "[tolls]\ndoc = \"Tolls.\"\ncolumns = { entity = \"text\", amount = \"decimal\" }\n";
    let undeclared = check(&van(), &[(path, typed), ("schema.toml", own)]).await;
    assert!(
        undeclared
            .iter()
            .any(|p| p
                .contains("warning[no-money]: tolls does not say which of its columns are money: amount")),
        "{undeclared:?}"
    );
}
