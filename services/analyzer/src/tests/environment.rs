//! Targets and parameters that are read elsewhere: what the snapshot has holds, and what it has not is unknown.

use shared::facts::{Analysis, Kpi, Status, Value};

use super::{
    DATE, LocalTable, PIECE, built_in_night, bundle, files, lack, night, portfolio, table, trips, value,
};

/// A target and a parameter of each kind of place.
const ELSEWHERE: &str = r#"
[sources.environment]
variables = ["QUARTERDECK_VALUE_FLOOR"]
parameters = ["/small/revenue"]
[targets]
"revenue@boat" = { ssm = "/small/revenue" }
[parameters]
floor = { env = "QUARTERDECK_VALUE_FLOOR" }
[[rules]]
id = "above"
title = "Above the floor"
sql = "select sum(gross) >= $floor as ok, concat('floor ', $floor) as reason from bookings"
"#;

const KPIS: &str = r#"
[[kpi]]
id = "revenue"
title = "Revenue"
unit = "money"
better = "up"
grain = "entity"
period = "none"
needs = ["bookings"]
blocks = "anything"
fix = "record trips"
sql = "select entity, sum(gross) as value from bookings group by entity"
[[kpi]]
id = "room"
title = "Above the floor"
unit = "money"
better = "up"
grain = "portfolio"
period = "none"
needs = ["bookings"]
blocks = "anything"
fix = "record trips"
sql = "select sum(gross) - $floor as value from bookings"
"#;

fn values(rows: &[&[&str]]) -> LocalTable {
    table("environment_value", &["source", "name", "value", "reason"], rows)
}

async fn at(tables: Vec<LocalTable>) -> Analysis {
    let bundle = bundle(
        ELSEWHERE,
        &[("views/bookings.boat.sql", PIECE), ("kpis/own.toml", KPIS)],
    );
    night(&bundle, DATE, tables, None).await
}

fn revenue(analysis: &Analysis) -> &Kpi {
    analysis
        .kpis
        .iter()
        .find(|k| k.fact == "kpi:revenue@boat")
        .unwrap()
}

/// The problems that are said of portfolio.toml, as `entry: message`.
fn of_portfolio(analysis: &Analysis) -> Vec<String> {
    let own = analysis.problems.iter().filter(|p| p.file == "portfolio.toml");
    own.map(|p| format!("{}: {}", p.entry.as_deref().unwrap_or_default(), p.message))
        .collect()
}

#[tokio::test]
async fn a_target_and_a_parameter_are_what_the_snapshot_has_of_them() {
    let read = values(&[
        &["env", "QUARTERDECK_VALUE_FLOOR", "200.25", ""],
        &["ssm", "/small/revenue", "1500", ""],
        &["env", "/small/revenue", "7", ""],
    ]);
    let analysis = at(vec![trips(), read]).await;
    let kpi = revenue(&analysis);
    let target = Value::Money {
        minor: 150_000,
        currency: "USD".into(),
    };
    assert_eq!((kpi.target.as_ref(), kpi.status), (Some(&target), Status::Watch));
    assert_eq!(value(&analysis, "room"), "$1,000.25");
    assert_eq!(
        (analysis.rules[0].status, analysis.rules[0].reason.as_str()),
        (Status::Good, "floor 200.2500")
    );
    assert_eq!(of_portfolio(&analysis), Vec::<String>::new());
    let said: Vec<_> = analysis
        .environment
        .iter()
        .map(|v| (v.setting.as_str(), v.value.as_deref()))
        .collect();
    assert_eq!(
        said,
        [
            ("targets.revenue@boat", Some("1500")),
            ("parameters.floor", Some("200.25"))
        ]
    );
}

#[tokio::test]
async fn what_could_not_be_read_is_unknown_never_zero_and_stops_nothing_else() {
    let read = values(&[
        &["env", "QUARTERDECK_VALUE_FLOOR", "-", "is not set"],
        &["ssm", "/small/revenue", "-", "is not there"],
    ]);
    let analysis = at(vec![trips(), read]).await;
    let kpi = revenue(&analysis);
    assert_eq!(value(&analysis, "revenue@boat"), "$1,200.50");
    assert_eq!((kpi.target.as_ref(), kpi.status), (None, Status::Unknown));
    let note = "its target is unknown: SSM parameter /small/revenue is not there";
    assert_eq!(kpi.note.as_deref(), Some(note));
    let unknown = "$floor is unknown: environment variable QUARTERDECK_VALUE_FLOOR is not set";
    assert_eq!(lack(&analysis, "room"), unknown);
    let rule = &analysis.rules[0];
    assert_eq!(
        (rule.status, rule.reason.as_str()),
        (Status::Unknown, &*format!("cannot be decided: {unknown}"))
    );
    assert_eq!(
        of_portfolio(&analysis),
        [
            format!("parameters.floor: {unknown}"),
            format!("rules.above: {unknown}"),
            "targets.revenue@boat: the target of revenue@boat is unknown: SSM parameter /small/revenue is not there".to_owned(),
        ]
    );
    assert_eq!(analysis.environment[0].reason.as_deref(), Some("is not there"));
    let verdict = &analysis.entities[0];
    let reason = "no shortfall found, but none of its targets could be read";
    assert_eq!(
        (verdict.status, verdict.reason.as_str()),
        (Status::Unknown, reason)
    );
}

#[tokio::test]
async fn a_night_whose_environment_did_not_come_knows_none_of_it() {
    let analysis = at(vec![trips()]).await;
    assert_eq!(
        (revenue(&analysis).target.as_ref(), revenue(&analysis).status),
        (None, Status::Unknown)
    );
    assert_eq!(
        lack(&analysis, "room"),
        "$floor is unknown: environment variable QUARTERDECK_VALUE_FLOOR was not read"
    );
}

#[tokio::test]
async fn an_unknown_parameter_does_not_fall_back_on_the_catalogs_default() {
    let more = "[sources.environment]\nvariables = [\"QUARTERDECK_VALUE_DAYS\"]\n\
                [parameters]\nlead_value_days = { env = \"QUARTERDECK_VALUE_DAYS\" }\n\
                [[rules]]\nid = \"days\"\ntitle = \"Days\"\nsql = \"select $lead_value_days > 0 as ok, concat($lead_value_days, ' days') as reason\"\n";
    let of = async |rows: &[&[&str]]| {
        let analysis = built_in_night(&bundle(more, &[]), DATE, vec![values(rows)], None).await;
        let rule = &analysis.rules[0];
        (rule.status, rule.reason.clone())
    };
    let name = "QUARTERDECK_VALUE_DAYS";
    assert_eq!(
        of(&[&["env", name, "30", ""]]).await,
        (Status::Good, "30 days".to_owned())
    );
    let (status, reason) = of(&[&["env", name, "-", "is not set"]]).await;
    assert_eq!(status, Status::Unknown);
    assert!(
        reason.contains("environment variable QUARTERDECK_VALUE_DAYS is not set"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_target_that_could_not_be_read_is_listed_as_unknown_in_the_table_of_targets() {
    let more = "[sources.environment]\nparameters = [\"/small/trips\"]\n[targets]\n\"cash.unrestricted\" = { ssm = \"/small/trips\" }\n";
    let read = values(&[&["ssm", "/small/trips", "-", "is not there"]]);
    let rows = super::figures::ledger(&["2026-09", "2026-10"]);
    let pieces: Vec<(&str, &str)> = rows
        .iter()
        .map(|(path, sql)| (path.as_str(), sql.as_str()))
        .collect();
    let analysis = built_in_night(&bundle(more, &pieces), DATE, vec![read], None).await;
    let row = &analysis.models["kpi_targets"].rows[0];
    let [.., target, actual, state] = &row[..] else {
        panic!("{row:?}")
    };
    let text = |text: &str| Value::Text(text.into());
    assert_eq!((target, state), (&text("unknown"), &text("unknown")));
    assert_ne!(actual, &Value::Null, "the figure itself is there");
}

#[tokio::test]
async fn a_check_plans_queries_of_parameters_that_are_read_elsewhere() {
    let bundle = bundle(
        ELSEWHERE,
        &[("views/bookings.boat.sql", PIECE), ("kpis/own.toml", KPIS)],
    );
    assert!(files(&bundle).get("catalog/kpis/own.toml").is_some());
    let found = crate::check_catalog(&bundle, &portfolio(&bundle)).await;
    let of_floor: Vec<_> = found.iter().filter(|p| p.message.contains("floor")).collect();
    assert!(of_floor.is_empty(), "{of_floor:?}");
    let without = super::bundle("", &[("views/bookings.boat.sql", PIECE), ("kpis/own.toml", KPIS)]);
    let found = crate::check_catalog(&without, &portfolio(&without)).await;
    assert!(
        found.iter().any(|p| p.message == "there is no parameter $floor"),
        "{found:?}"
    );
}
