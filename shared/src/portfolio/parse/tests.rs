use super::*;
use crate::{
    portfolio::{Decided, Parameter, ReadFrom, TableQuery},
    problem::render_problems,
};

mod environment;

fn with(changes: &[(&str, &str)]) -> Bundle {
    let mut text = EXAMPLE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "the example has no {old:?}");
        text = text.replacen(old, new, 1);
    }
    Bundle([(FILE.to_owned(), text)].into())
}

/// The problems that changes to the example make, one line each.
fn problems(changes: &[(&str, &str)]) -> Vec<String> {
    match Portfolio::parse_with(&with(changes), &["ceo", "cfo", "audit_rental"]) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn expect(changes: &[(&str, &str)], expected: &[&str]) {
    let expected = expected
        .iter()
        .map(|line| format!("portfolio.toml:{line}"))
        .collect::<Vec<_>>();
    assert_eq!(problems(changes), expected);
}

#[test]
fn the_annotated_example_is_a_portfolio_and_says_what_it_says() {
    let harbor = Portfolio::parse(&with(&[])).unwrap();
    assert_eq!(harbor.id.as_str(), "harbor");
    assert_eq!(
        (
            harbor.schedule.at.to_string().as_str(),
            harbor.schedule.mail_until_hours
        ),
        ("02:30:00", 14)
    );
    assert_eq!(harbor.schedule.collect_minutes, 30);
    let without = with(&[("collect_minutes = 30", "")]);
    assert_eq!(Portfolio::parse(&without).unwrap().schedule.collect_minutes, 30);
    assert_eq!(harbor.mail.archive.address(), "archive@example.com");
    assert_eq!(
        harbor.entities[1].timezone, "America/Los_Angeles",
        "the portfolio's, as it has none"
    );
    assert!(harbor.sources.dynamodb[0].core);
    assert_eq!(harbor.sources.handoffs.unwrap().stale_after_days, 45);
    assert_eq!(harbor.documents[1].recipients.len(), 2);
    assert_eq!(
        harbor.targets["cash.unrestricted"],
        rust_decimal::Decimal::from(25_000)
    );
    assert_eq!(harbor.parameters["cash_floor"], Parameter::Number(15_000.into()));
    assert_eq!(harbor.mutes[0].until.to_string(), "2027-03-31");
}

#[test]
fn a_folder_without_the_file_is_told_so() {
    let problems = Portfolio::parse(&Bundle::default()).unwrap_err();
    let expected = "portfolio.toml: error[missing-file]: the portfolio's folder has no portfolio.toml; write one; examples/harbor has one with every section";
    assert_eq!(problems[0].to_string(), expected);
}

#[test]
fn a_syntax_error_is_placed_and_hides_no_other_mistake() {
    expect(
        &[("\"Harbor Holding\"", "\"Harbor Holding"), ("\"USD\"", "\"usd\"")],
        &[
            "4:24: error[syntax]: not TOML: invalid basic string, expected `\"`",
            "6:12: error[bad-currency]: `currency`: \"usd\" is no currency: use an ISO 4217 code such as USD; write \"USD\"",
        ],
    );
}

#[test]
fn a_misspelt_key_is_one_mistake_and_is_recognised() {
    expect(
        &[
            ("timezone =", "timezon ="),
            ("archive =", "archiv ="),
            ("[[mutes]]", "[[mute]]"),
            ("core", "kore"),
        ],
        &[
            "5:1: error[unknown-key]: `timezon` is no key; did you mean `timezone`?",
            "15:1: error[unknown-key]: `archiv` is no key of `mail`; did you mean `archive`?",
            "35:1: error[unknown-key]: `kore` is no key of `sources.dynamodb`; did you mean `core`?",
            "70:3: error[unknown-key]: `mute` is no key; did you mean `mutes`?",
        ],
    );
    expect(
        &[("at = ", "weekday = \"mon\"\nat = ")],
        &[
            "9:1: error[unknown-key]: `weekday` is no key of `schedule`; known keys are at, collect_minutes, mail_until_hours",
        ],
    );
}

#[test]
fn a_missing_key_is_named_with_a_line_to_add() {
    expect(
        &[
            ("id = \"harbor\"", ""),
            ("stage = \"operating\"", ""),
            ("sql = \"select ...\"", ""),
        ],
        &[
            "1:1: error[missing-key]: `id` is missing; add `id = \"harbor\"`",
            "18:1: error[missing-key]: `entities.stage` is missing; add `stage = \"operating\"`",
            "65:1: error[missing-key]: `rules.sql` is missing; add `sql = \"select … as ok, … as reason\"`",
        ],
    );
}

#[test]
fn a_value_of_another_type_is_told_how_to_be_written() {
    expect(
        &[
            ("\"JADA\"", "7"),
            ("core = true", "core = \"true\""),
            ("= 14", "= 90"),
            ("[\"event_type\", ", "[1, "),
        ],
        &[
            "10:20: error[out-of-range]: `schedule.mail_until_hours`: 90 is not from 1 to 24",
            "20:9: error[wrong-type]: `entities.title` is an integer, and must be a string; write \"7\", in quotes",
            "35:8: error[wrong-type]: `sources.dynamodb.core` is a string, and must be true or false; write true, without quotes",
            "36:15: error[wrong-type]: `sources.dynamodb.attributes` is an integer, and must be a string; write \"1\", in quotes",
        ],
    );
    expect(
        &[("[[rules]]", "[rules]"), ("schema = 1", "schema = 2")],
        &[
            "2:10: error[bad-schema]: `schema`: 2 is from another version; this one reads 1",
            "65:1: error[wrong-type]: `rules` is a table, and must be a list of tables; write `[[rules]]` above each",
        ],
    );
}

#[test]
fn zone_currency_and_time_are_checked_as_such() {
    expect(
        &[
            ("America/Los_Angeles", "America/Los_Angelos"),
            ("\"USD\"", "\"Dollar\""),
            ("02:30", "2.30"),
        ],
        &[
            "5:12: error[bad-zone]: `timezone`: \"America/Los_Angelos\" is no IANA time zone; did you mean \"America/Los_Angeles\"?",
            "6:12: error[bad-currency]: `currency`: \"Dollar\" is no currency: use an ISO 4217 code such as USD",
            "9:6: error[bad-time]: `schedule.at`: \"2.30\" is no time of day; write hours and minutes of a 24-hour day, such as \"02:30\"",
        ],
    );
}

#[test]
fn a_word_outside_its_list_is_told_the_list() {
    expect(
        &[
            ("\"charter\"", "\"charters\""),
            ("unknown_policy = \"hold\"", "unknown_policy = \"retry\""),
        ],
        &[
            "16:18: error[unknown-value]: `mail.unknown_policy`: \"retry\" is none of hold, resend_once",
            "21:8: error[unknown-value]: `entities.kind`: \"charters\" is none of charter, hauling, agency, rental, delivery, other; \
             did you mean \"charter\"?",
        ],
    );
}

#[test]
fn a_duplicate_points_at_the_first_one() {
    let changes = [
        ("id = \"ceo\"", "id = \"audit-rental\""),
        (
            "[sources.h",
            "[[sources.dynamodb]]\ntable = \"jada_calendar\"\n[sources.h",
        ),
    ];
    let bundle = with(&changes);
    let found = Portfolio::parse(&bundle).unwrap_err();
    let shown = render_problems(&found, &bundle, false);
    let expected = "\
error[duplicate-table]: tables \"jada-calendar\" and \"jada_calendar\" are both `raw.jada_calendar` in SQL
  --> portfolio.toml:39:9
   |
33 | table = \"jada-calendar\"
   |         --------------- first one here
...
39 | table = \"jada_calendar\"
   |         ^^^^^^^^^^^^^^^
   |
   = help: keep one of them

error[duplicate-id]: document \"audit-rental\" is there twice
  --> portfolio.toml:54:6
   |
49 | id = \"audit-rental\"
   |      -------------- first one here
...
54 | id = \"audit-rental\"
   |      ^^^^^^^^^^^^^^
   |
   = help: give one of them another id

2 errors
";
    assert_eq!(shown, expected);
    assert_eq!(found[1].related[0].line, 49);
}

#[test]
fn what_is_referred_to_must_be_there() {
    expect(
        &[
            ("entity = \"jada\"", "entity = \"jade\""),
            ("template = \"audit_rental\"", "template = \"audit_rentals\""),
        ],
        &[
            "34:10: error[unknown-entity]: table \"jada-calendar\" names entity \"jade\", which is not there; did you mean \"jada\"?",
            "53:12: error[unknown-template]: there is no document template \"audit_rentals\"; did you mean \"audit_rental\"?",
        ],
    );
    expect(
        &[("\"cash.unrestricted\"", "\"cash.unrestricted@qdn\"")],
        &[
            "59:1: error[unknown-entity]: target \"cash.unrestricted@qdn\" names entity \"qdn\", which is not there; entities are jada, rental",
        ],
    );
}

#[test]
fn an_entity_that_is_wrong_otherwise_is_still_there_to_be_referred_to() {
    expect(
        &[("title = \"JADA\"", "title = \"\"")],
        &["20:9: error[empty-text]: `entities.title` is empty"],
    );
    expect(
        &[("id = \"jada\"", "id = \"JADA!\"")],
        &["19:6: error[bad-id]: `entities.id`: \"JADA!\" is no entity id: use 1 to 32 of a-z, 0-9, - and _"],
    );
}

#[test]
fn recipients_are_mailboxes_each_once_and_at_least_one() {
    expect(
        &[
            (
                "\"ceo@example.com\", \"rental@",
                "\"ceo\", \"A <Rental@example.com>\", \"rental@",
            ),
            ("[\"ceo@example.com\"]", "[]"),
        ],
        &[
            "50:14: error[empty-list]: `documents.recipients` is empty; write `recipients = [\"ceo@example.com\"]`",
            "56:15: error[bad-mailbox]: `documents.recipients`: \"ceo\" is no mailbox: it has no @; write name@domain.tld or Name <name@domain.tld>",
            "56:48: error[duplicate-recipient]: this recipient is there twice; remove one of them",
        ],
    );
    expect(
        &[(
            "\"office@example.com\"",
            "\"office@example.com\\r\\nBcc: x@example.com\"",
        )],
        &[
            "14:12: error[bad-mailbox]: `mail.reply_to`: \"office@example.com\\r\\nBcc: x@example.com\" is no mailbox: it has a \
           control character; write name@domain.tld or Name <name@domain.tld>",
        ],
    );
}

#[test]
fn targets_parameters_and_mutes_have_usable_values() {
    expect(
        &[
            ("= 25000", "= \"25000\""),
            ("cash_floor = 15000", "cash_floor = true"),
            ("break_even_price", "as_of"),
            ("2027-03-31", "\"soon\""),
        ],
        &[
            "59:23: error[bad-number]: `targets.cash.unrestricted` is a number in quotes; write 25000, without quotes",
            "62:14: error[bad-parameter]: `parameters.cash_floor` is a boolean; a parameter is a number, a date or a string; \
             write 1 or 0 and compare with it in SQL",
            "63:1: error[bad-parameter]: `$as_of` is set by the product: the days that a query is about; choose another name",
            "72:9: error[bad-date]: `mutes.until`: \"soon\" is no date; write a date such as 2027-03-31",
        ],
    );
    expect(
        &[("\"cash.unrestricted\"", "cash.unrestricted")],
        &[
            "59:1: error[wrong-type]: `targets.cash` is a table, and must be a single value; a key with a dot in it needs quotes: \"cash.…\" = …",
        ],
    );
}

#[test]
fn answers_are_mailed_to_a_domain_or_to_nobody() {
    let mail = |changes: &[(&str, &str)]| Portfolio::parse(&with(changes)).unwrap().mail;
    assert_eq!(mail(&[]).reply_domain, None);
    let domain = ("archive = ", "reply_domain = \"Reply.Example.com\"\narchive = ");
    assert_eq!(
        mail(&[domain]).reply_domain.unwrap().as_str(),
        "reply.example.com"
    );
    expect(
        &[("archive = ", "reply_domain = \"office@example.com\"\narchive = ")],
        &[
            "15:16: error[bad-domain]: `mail.reply_domain`: \"office@example.com\" is no domain that mail can be sent to; write it \
           alone, such as \"reply.example.com\"",
        ],
    );
}

#[test]
fn paths_stay_below_the_portfolio() {
    expect(
        &[("path = \"handoffs\"", "path = \"../other\"")],
        &[
            "39:8: error[bad-path]: `sources.handoffs.path`: \"../other\" is no path below the portfolio's folder; write it \
           relative, with forward slashes and without `.` or `..`, such as \"handoffs\"",
        ],
    );
}

#[test]
fn an_inventory_without_a_path_is_the_account_and_regions_are_codes() {
    let inventory = |changes: &[(&str, &str)]| {
        let portfolio = Portfolio::parse(&with(changes)).unwrap();
        portfolio.sources.inventory.unwrap()
    };
    let recorded = inventory(&[]);
    assert_eq!(
        (recorded.recording(), recorded.regions.clone()),
        (Some("inventory"), vec!["us-east-1".to_owned()])
    );
    let live = inventory(&[("path = \"inventory\"", ""), ("regions = [", "# [")]);
    assert_eq!((live.recording(), live.regions.len()), (None, 0));
    expect(
        &[("[\"us-east-1\"]", "[\"us-east-1\", \"Oregon\"]")],
        &[
            "44:25: error[bad-region]: `sources.inventory.regions`: \"Oregon\" is no AWS region; write its code, such as \
           \"us-west-2\"",
        ],
    );
}

#[test]
fn what_a_service_logs_of_a_bad_portfolio_quotes_nothing_of_it() {
    let error = LoadError::Invalid {
        file: FILE.to_owned(),
        count: 2,
        code: "bad-mailbox",
        line: 13,
    };
    let expected = "portfolio.toml has 2 errors, the first of kind bad-mailbox on line 13; `quarterdeck check` shows them";
    assert_eq!(error.to_string(), expected);
}

/// A source with every key that says how a table is read.
const READ_IN_PART: &str = "attributes = [\"status\"]
project = [\"status\", \"charter_date\"]
region = \"us-west-2\"
role = \"arn:aws:iam::123456789012:role/quarterdeck-read\"
read_units_per_second = 200
query = { index = \"by-kind\", partition = \"kind\", values = [\"charter\"], date = \"charter_date\", days = 400, days_ahead = 90 }
";
const ATTRIBUTES: &str = "attributes = [\"event_type\", \"charter_date\"]";

#[test]
fn a_table_may_be_read_in_part_from_elsewhere_and_slowly() {
    let harbor = Portfolio::parse(&with(&[(ATTRIBUTES, READ_IN_PART)])).unwrap();
    let source = &harbor.sources.dynamodb[0];
    assert_eq!(
        source.attributes,
        ["status", "charter_date"],
        "what is projected is always a column"
    );
    assert_eq!(source.region.as_deref(), Some("us-west-2"));
    assert_eq!(source.read_units_per_second, Some(200));
    let expected = TableQuery {
        index: "by-kind".into(),
        date: "charter_date".into(),
        partition: Some(("kind".into(), vec!["charter".into()])),
        days: 400,
        days_ahead: 90,
    };
    assert_eq!(source.from, ReadFrom::Query(expected));
    let export = Portfolio::parse(&with(&[(ATTRIBUTES, "export = \"exports/jada\"")])).unwrap();
    assert_eq!(
        export.sources.dynamodb[0].from,
        ReadFrom::Export("exports/jada".into())
    );
}

#[test]
fn how_a_table_is_read_is_checked_key_by_key() {
    let wrong = "region = \"us_west_2\"
role = \"quarterdeck-read\"
read_units_per_second = 0
query = { index = \"by-kind\", partition = \"kind\", date = \"charter_date\", day = 400 }
";
    expect(
        &[(ATTRIBUTES, wrong)],
        &[
            "36:10: error[bad-region]: `sources.dynamodb.region`: \"us_west_2\" is no AWS region; write its code, such as \"us-west-2\"",
            "37:8: error[bad-role]: `sources.dynamodb.role`: \"quarterdeck-read\" is no ARN of a role; write it whole, such as \
             \"arn:aws:iam::123456789012:role/quarterdeck-read\"",
            "38:25: error[out-of-range]: `sources.dynamodb.read_units_per_second`: 0 is not from 1 to 80000",
            "39:42: error[contradiction]: `partition` names the index's partition key and `values` what to ask it for: one without the \
             other means nothing; write both, or neither where the partition key is the day itself",
            "39:73: error[unknown-key]: `day` is no key of `sources.dynamodb.query`; did you mean `days`?",
        ],
    );
    let both = "export = \"exports/jada\"\nread_units_per_second = 5";
    expect(
        &[(ATTRIBUTES, both)],
        &[
            "36:10: error[contradiction]: `export` is read from the bucket, so `read_units_per_second` would mean nothing; take \
           `read_units_per_second` or `export` away",
        ],
    );
}

#[test]
fn decisions_have_fields_that_fit_each_other() {
    let harbor = Portfolio::parse(&with(&[])).unwrap();
    let [decision] = harbor.decisions.as_slice() else {
        panic!("one decision")
    };
    assert_eq!(
        (decision.action.to_string().as_str(), decision.decided),
        ("A7K2QX", Decided::Snoozed("2026-12-15".parse().unwrap()))
    );
    let wrong = |changes: &[(&str, &str)]| {
        let problems = Portfolio::parse(&with(changes)).unwrap_err();
        let said = problems.iter().map(|p| p.message.clone());
        said.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        wrong(&[("\"snoozed\"", "\"done\"")]),
        "what is done is done for good"
    );
    assert_eq!(
        wrong(&[("until = 2026-12-15", "")]),
        "what is snoozed comes back one day"
    );
    assert_eq!(
        wrong(&[("until = 2026-12-15", "until = 2026-11-15")]),
        "`until` is before `on`"
    );
    assert_eq!(
        wrong(&[
            ("\"snoozed\"", "\"accepted\""),
            ("reason = \"the yard is closed\"", "")
        ]),
        "a risk is accepted for a reason"
    );
    assert!(wrong(&[("\"A7K2QX\"", "\"17\"")]).contains("\"17\" is no action"));
}
