//! From rows to facts: values, gaps, and failures that stop nothing.

use shared::facts::{CheckStatus, MissingReason, Severity, Status, Value};

use super::{DATE, PIECE, bundle, night, table, trips};

const KPIS: &str = r#"
[[kpi]]
id = "sales.gross"
title = "Sales"
unit = "money"
better = "up"
grain = "entity"
roles = ["ceo"]
period = "last_30d"
needs = ["bookings.gross"]
blocks = "x"
fix = "x"
sql = "select entity, sum(gross) as value, count(*) as n from bookings where booked_on between $from and $to group by grouping sets ((entity), ())"
[[kpi]]
id = "guests.mean"
title = "Guests"
unit = "number"
needs = ["bookings.guests"]
blocks = "the size of the boat"
fix = "Write guests on each trip."
owner = "ceo"
sql = "select avg(guests) as value from bookings"
[[kpi]]
id = "leads.count"
title = "Leads"
unit = "count"
needs = ["leads"]
blocks = "x"
fix = "x"
sql = "select count(*) as value from leads"
[[kpi]]
id = "broken"
title = "Broken"
unit = "count"
blocks = "x"
fix = "x"
sql = "select nothing as value from bookings"
[[kpi]]
id = "hauling.only"
title = "Not for this portfolio"
unit = "count"
kinds = ["hauling"]
blocks = "x"
fix = "x"
sql = "select 1 as value"
"#;

const CHECKS: &str = r#"
[[check]]
id = "lambda.url"
title = "Open URL"
severity = "high"
area = "security"
risk = "x"
fix = "mend {resource}"
effort_days = 0.5
needs = ["lambda_function"]
sql = "select name as resource, entity, case when url_auth = 'NONE' then 'alarm' else 'ok' end as status, url_auth as reason from lambda_function"
"#;

fn full() -> Vec<(&'static str, &'static str)> {
    vec![
        ("views/bookings.trips.sql", PIECE),
        ("kpis/a.toml", KPIS),
        ("checks/a.toml", CHECKS),
    ]
}

#[tokio::test]
async fn a_value_a_gap_and_a_failure_stand_side_by_side() {
    let analysis = night(
        &bundle("[targets]\n\"sales.gross@boat\" = 2000\n", &full()),
        DATE,
        vec![trips()],
        None,
    )
    .await;
    let facts: Vec<_> = analysis
        .kpis
        .iter()
        .map(|k| (k.fact.as_str(), k.value.clone(), k.status, k.n))
        .collect();
    let money = Value::Money {
        minor: 100_050,
        currency: "USD".into(),
    };
    let expected = [
        ("kpi:sales.gross", money.clone(), Status::Good, Some(2)),
        ("kpi:sales.gross@boat", money, Status::Bad, Some(2)),
    ];
    assert_eq!(facts, expected);
    let missing: Vec<_> = analysis
        .missing_kpis
        .iter()
        .map(|m| (m.id.as_str(), m.reason, m.detail.as_str()))
        .collect();
    assert_eq!(missing[0].0, "broken");
    assert_eq!(missing[0].1, MissingReason::Error);
    let gap = "bookings.guests is empty in all 3 rows";
    assert_eq!(missing[1], ("guests.mean", MissingReason::NoColumn, gap));
    assert_eq!(
        missing[2],
        ("leads.count", MissingReason::NoTable, "no view gives table leads")
    );
    assert_eq!((analysis.coverage.computable, analysis.coverage.total), (1, 4));
    assert_eq!(analysis.problems[0].entry.as_deref(), Some("broken"));
    assert_eq!(analysis.entities[0].status, Status::Bad);
}

#[tokio::test]
async fn a_piece_that_fails_is_named_and_the_others_work() {
    let mut files = full();
    files.push(("views/bookings.gone.sql", "select 'boat' as entity from raw.gone"));
    files.push((
        "views/leads.typo.sql",
        "select 'boat' as entity, craeted_on from (select 'x' as craeted_on)",
    ));
    let analysis = night(&bundle("", &files), DATE, vec![trips()], None).await;
    // What a sound piece gives stands, and so does the rest of a piece with one unknown column.
    let ids: Vec<_> = analysis.kpis.iter().map(|k| k.id.as_str()).collect();
    assert_eq!(ids, ["leads.count", "sales.gross", "sales.gross"]);
    let said: Vec<_> = analysis
        .problems
        .iter()
        .map(|p| (p.file.as_str(), p.message.as_str()))
        .collect();
    assert!(
        said.contains(&("catalog/views/bookings.gone.sql", "there is no table raw.gone")),
        "{said:?}"
    );
    assert!(
        said.contains(&(
            "catalog/views/leads.typo.sql",
            "the table has no column craeted_on"
        )),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_check_without_its_table_is_unknown_and_one_with_an_empty_table_finds_nothing() {
    let unseen = night(&bundle("", &full()), DATE, vec![trips()], None).await;
    let finding = &unseen.findings[0];
    assert_eq!(
        (finding.status, finding.resource.as_str()),
        (CheckStatus::Unknown, "*")
    );
    assert_eq!(finding.reason, "table lambda_function was not collected");
    let columns = &["name", "entity", "url_auth"];
    let none = night(
        &bundle("", &full()),
        DATE,
        vec![trips(), table("lambda_function", columns, &[])],
        None,
    )
    .await;
    assert_eq!(none.findings, []);
}

#[tokio::test]
async fn a_failed_call_makes_its_service_unknown_and_a_mute_accepts_a_finding() {
    let columns = &["name", "entity", "url_auth"];
    let rows: &[&[&str]] = &[
        &["f", "boat", "NONE"],
        &["g", "boat", "NONE"],
        &["h", "boat", "AWS_IAM"],
    ];
    let gap = table(
        "inventory_gap",
        &["service", "region", "operation", "error"],
        &[&["lambda", "us", "List", "denied"]],
    );
    let mute = "[[mutes]]\nfact = \"check:lambda.url:g\"\nuntil = 2026-12-31\nreason = \"a demo\"\n";
    let tables = vec![trips(), table("lambda_function", columns, rows), gap];
    let analysis = night(&bundle(mute, &full()), DATE, tables, None).await;
    let found: Vec<_> = analysis
        .findings
        .iter()
        .map(|f| (f.resource.as_str(), f.status))
        .collect();
    assert_eq!(
        found,
        [
            ("f", CheckStatus::Alarm),
            ("*", CheckStatus::Unknown),
            ("g", CheckStatus::Accepted)
        ]
    );
    assert_eq!(analysis.findings[0].fix, "mend f");
    let action = analysis
        .actions
        .iter()
        .find(|a| a.fact == "action:check:lambda.url@boat")
        .unwrap();
    assert_eq!(
        (action.title.as_str(), action.severity),
        ("Open URL: f", Severity::High)
    );
}

#[tokio::test]
async fn a_check_that_does_not_look_for_nulls_is_unknown_where_cells_are() {
    let functions = || {
        table(
            "lambda_function",
            &["name", "entity", "url_auth"],
            &[&["f", "boat", "-"]],
        )
    };
    let gap = |concerns: &str| {
        let row = ["lambda", "us-west-2", "GetFunctionUrlConfig", "denied", concerns];
        let columns = ["service", "region", "operation", "error", "concerns"];
        table("inventory_gap", &columns, &[&row])
    };
    for (concerns, blind) in [
        (r#"["lambda_function.url_auth"]"#, true),
        (r#"["lambda_function.aliases"]"#, false),
        (r#"["sqs_queue"]"#, false),
        ("[]", false),
    ] {
        let analysis = night(
            &bundle("", &full()),
            DATE,
            vec![trips(), functions(), gap(concerns)],
            None,
        )
        .await;
        let found: Vec<_> = analysis
            .findings
            .iter()
            .map(|f| (f.resource.as_str(), f.status))
            .collect();
        let expected: &[(&str, CheckStatus)] = if blind {
            &[("*", CheckStatus::Unknown)]
        } else {
            &[]
        };
        assert_eq!(found, expected, "{concerns}");
    }
}

#[tokio::test]
async fn rules_pass_fail_or_are_unknown() {
    let rule = |id: &str, sql: &str| format!("[[rules]]\nid = \"{id}\"\ntitle = \"{id}\"\nsql = \"{sql}\"\n");
    let rules = [
        rule(
            "a",
            "select sum(gross) > 1 as ok, 'enough' as reason from bookings",
        ),
        rule(
            "b",
            "select sum(gross) > 9999 as ok, 'too little' as reason from bookings",
        ),
        rule("c", "select sum(guests) > 1 as ok from bookings"),
        rule("d", "select 1 as ok, 2 from nowhere"),
    ];
    let analysis = night(&bundle(&rules.concat(), &full()), DATE, vec![trips()], None).await;
    let status: Vec<_> = analysis.rules.iter().map(|r| r.status).collect();
    assert_eq!(
        status,
        [Status::Good, Status::Bad, Status::Unknown, Status::Unknown]
    );
    let reason = &analysis.rules[3].reason;
    assert!(
        reason.starts_with("cannot be decided: there is no table nowhere"),
        "{reason}"
    );
}
