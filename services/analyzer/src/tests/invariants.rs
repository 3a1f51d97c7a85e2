//! Figures that must be the same by every way: what is said when they are not.

use shared::facts::{Analysis, ChangeKind, Status};

use super::{
    DATE, PIECE, built_in_night, bundle,
    figures::{at, ledger},
    night, trips,
};

const INVARIANTS: &str = r#"
[[invariant]]
id = "same"
title = "The same"
roles = ["cfo"]
needs = ["bookings"]
sql = "select count(*) - 3 as difference, 'three' as detail from bookings"
[[invariant]]
id = "rounded"
title = "The same to the cent"
needs = ["bookings"]
sql = "select 0.004 as difference, 'a fraction' as detail"
[[invariant]]
id = "other"
title = "Not the same"
roles = ["cfo"]
sql = "select value as difference, concat('off by ', value) as detail from (values (1), (-40), (0), (3), (2)) as t (value)"
[[invariant]]
id = "unknown"
title = "Not known"
sql = "select cast(null as int) as difference, 'who knows' as detail union all select 0, 'equal'"
[[invariant]]
id = "lacking"
title = "Nothing there"
needs = ["leads"]
sql = "select 1 as difference, 'x' as detail"
[[invariant]]
id = "failing"
title = "It fails"
sql = "select nothing as difference, 'x' as detail from bookings"
"#;

async fn of(entries: &str) -> Analysis {
    let files = [
        ("views/bookings.trips.sql", PIECE),
        ("invariants/a.toml", entries),
    ];
    night(&bundle("", &files), DATE, vec![trips()], None).await
}

fn says(analysis: &Analysis, id: &str) -> (Status, String) {
    let fact = format!("invariant:{id}");
    let found = analysis.invariants.iter().find(|i| i.fact == fact).expect(id);
    (found.status, found.reason.clone())
}

#[tokio::test]
async fn equal_is_good_a_difference_is_bad_and_what_cannot_be_compared_is_unknown() {
    let analysis = of(INVARIANTS).await;
    assert_eq!(
        says(&analysis, "same"),
        (Status::Good, "1 compared, all equal".to_owned())
    );
    assert_eq!(says(&analysis, "rounded").0, Status::Good);
    assert_eq!(
        says(&analysis, "other"),
        (
            Status::Bad,
            "off by -40; off by 3; off by 2; and 1 more".to_owned()
        )
    );
    assert_eq!(
        says(&analysis, "unknown"),
        (Status::Unknown, "1 compared and equal, 1 not known".to_owned())
    );
    assert_eq!(
        says(&analysis, "lacking"),
        (
            Status::Unknown,
            "nothing to compare: no view gives table leads".to_owned()
        )
    );
    let (status, reason) = says(&analysis, "failing");
    assert!(
        status == Status::Unknown && reason.starts_with("cannot be decided: "),
        "{reason}"
    );
    assert!(
        analysis
            .problems
            .iter()
            .any(|p| p.entry.as_deref() == Some("failing"))
    );
}

#[tokio::test]
async fn a_broken_one_holds_the_documents_of_its_roles_and_one_without_roles_all() {
    let analysis = of(&INVARIANTS.replace("select 0.004", "select 0.005")).await;
    let held = |role: &str| -> Vec<&str> {
        let all = analysis.invariants.iter().filter(|i| i.holds_back(role));
        all.map(|i| i.fact.as_str()).collect()
    };
    assert_eq!(held("cfo"), ["invariant:other", "invariant:rounded"]);
    assert_eq!(held("cmo"), ["invariant:rounded"]);
}

#[tokio::test]
async fn one_that_breaks_or_is_mended_is_a_change() {
    let files = |value: &str| {
        let entries = INVARIANTS.replace("count(*) - 3", value);
        [
            ("views/bookings.trips.sql", PIECE.to_owned()),
            ("invariants/a.toml", entries),
        ]
    };
    let of = async |value: &str, previous: Option<&Analysis>| {
        let files = files(value);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        night(&bundle("", &files), DATE, vec![trips()], previous).await
    };
    let whole = of("count(*) - 3", None).await;
    let broken = of("count(*) - 2", Some(&whole)).await;
    let kinds = |analysis: &Analysis| -> Vec<ChangeKind> {
        let about = analysis.changes.iter().filter(|c| c.fact == "invariant:same");
        about.map(|c| c.kind).collect()
    };
    assert_eq!(kinds(&broken), [ChangeKind::Worse]);
    assert_eq!(
        kinds(&of("count(*) - 3", Some(&broken)).await),
        [ChangeKind::Resolved]
    );
}

#[tokio::test]
async fn the_built_in_ones_see_a_view_that_counts_a_line_twice() {
    let months = ledger(&["2026-08", "2026-09", "2026-10"]);
    let sound = at("", &months, DATE).await;
    let bad: Vec<_> = sound
        .invariants
        .iter()
        .filter(|i| i.status == Status::Bad)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(says(&sound, "ledger.lines_once").0, Status::Good);
    assert_eq!(says(&sound, "cash.movements").0, Status::Good);

    let (built_in, _) = crate::catalog::Catalog::load(&shared::catalog::CatalogFiles::of(&bundle("", &[])));
    let view = built_in
        .derived
        .iter()
        .find(|view| view.name == "ledger")
        .unwrap();
    let path = view.path.trim_start_matches("catalog/").to_owned();
    // The mistake that a join makes when a chart of accounts has a row twice.
    let twice = format!("select * from ({0}) union all select * from ({0})", view.sql);
    let mut files: Vec<(&str, &str)> = months.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    files.push((&path, &twice));
    let doubled = built_in_night(&bundle("", &files), DATE, Vec::new(), None).await;
    let (status, reason) = says(&doubled, "ledger.lines_once");
    assert_eq!(
        (status, reason.as_str()),
        (
            Status::Bad,
            "boat: $76,000 moved in the ledger, $38,000 in the journal"
        )
    );
}
