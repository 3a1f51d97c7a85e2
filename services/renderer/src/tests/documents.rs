use shared::facts::EnvironmentValue;

use super::*;
use crate::html::MAX_BYTES;

#[test]
fn the_brief_as_plain_text() {
    insta::assert_snapshot!(render(&night(), &brief()).text);
}

/// On one line: of two the second could be a command, where a mail program does not mark what it quotes.
#[test]
fn a_mail_that_may_be_answered_with_decisions_says_how_in_one_line() {
    let press = Press::new(&Bundle::default(), Paper::A4).unwrap();
    let rendered = |is_answered| {
        let context = Context {
            is_answered,
            ..context()
        };
        press
            .render(&night(), &brief(), &settings("brief", None), &context)
            .unwrap()
    };
    let line = "Answer this mail with: done CODE | snooze CODE 2w | accept CODE 1m: why";
    let answered = rendered(true);
    assert!(answered.text.lines().any(|l| l == line), "{}", answered.text);
    assert!(visible(&answered.html).contains(line));
    let other = rendered(false);
    assert!(!other.text.contains("Answer this mail") && !other.html.contains("Answer this mail"));
}

#[test]
fn no_line_of_text_passes_column_78() {
    let text = render(&night(), &brief()).text;
    let long: Vec<&str> = text.lines().filter(|l| l.chars().count() > 78).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn the_same_night_gives_the_same_bytes() {
    assert_eq!(render(&night(), &brief()), render(&night(), &brief()));
}

#[test]
fn the_subject_says_the_finding() {
    let subject = render(&night(), &brief()).subject;
    assert_eq!(subject, "Brief, 20 Nov: 2 of 6 businesses need a decision");
}

#[test]
fn mail_programs_take_the_html_whole() {
    let rendered = render(&night(), &brief());
    assert!(rendered.html.len() < MAX_BYTES, "{} bytes", rendered.html.len());
    // The namespaces of its root element are names, not addresses.
    let html = rendered
        .html
        .replace("xmlns=\"http:", "")
        .replace("xmlns:v=\"urn:", "")
        .replace("xmlns:o=\"urn:", "");
    for banned in [
        "<script",
        "<svg",
        "=\"data:",
        "=\"http:",
        "=\"https:",
        "url(",
        "@import",
        "<link",
    ] {
        assert!(!html.contains(banned), "{banned} in HTML");
    }
    assert!(
        rendered.html.contains("prefers-color-scheme"),
        "dark mode is styled"
    );
    assert!(
        rendered.html.contains("max-width: 480px") || rendered.html.contains("max-width:480px"),
        "phones are styled"
    );
    for image in &rendered.images {
        assert!(
            rendered.html.contains(&format!("cid:{}", image.cid)),
            "{} is not shown",
            image.cid
        );
        assert!(image.png.starts_with(b"\x89PNG"));
    }
    let shown = rendered.html.matches("src=\"cid:").count();
    assert_eq!(shown, rendered.images.len());
}

#[test]
fn a_cell_of_a_table_carries_no_style_that_says_nothing() {
    let html = render(&night(), &brief()).html;
    assert!(
        !html.contains("<td style=\"border-collapse"),
        "a third of the mail is padding"
    );
    assert!(
        html.contains("<table class=\"t"),
        "the tables themselves are there"
    );
}

#[test]
fn only_what_no_column_has_room_for_is_broken_within_a_word() {
    let mut analysis = night();
    let model = analysis.models.get_mut("contribution").unwrap();
    let long = "x".repeat(60);
    model.rows[0][0] = shared::facts::Value::Text(long.clone());
    let html = render(&analysis, &brief()).html;
    assert!(
        html.contains(&format!("<td class=\"w\">{long}")),
        "a long word may be broken"
    );
    assert!(
        !html.contains("<td class=\"w\">QuickDumpNow"),
        "a short one may not"
    );
}

#[test]
fn every_number_of_the_html_is_in_the_text_too() {
    let rendered = render(&night(), &brief());
    let html = visible(&rendered.html);
    // Lines of text are wrapped, and wrapping never cuts a number.
    let text: std::collections::BTreeSet<&str> = numbers(&rendered.text).collect();
    let missing: Vec<&str> = numbers(&html).filter(|n| !text.contains(n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|n| n.trim_matches(['.', ',']))
        .filter(|n| n.contains(|c: char| c.is_ascii_digit()))
}

#[test]
fn what_is_unknown_is_said_and_never_zero() {
    let text = render(&night(), &brief()).text;
    assert!(
        text.contains("analytics has no rows"),
        "a model without data says why"
    );
    assert!(
        text.contains("Open critical findings") && text.contains("unknown"),
        "a missing KPI keeps its place"
    );
    assert!(
        !text.contains("NaN") && !text.contains("none\n") && !text.contains("undefined"),
        "{text}"
    );
}

#[test]
fn an_audit_shows_its_own_business_only() {
    let spec = parse_spec(
        "title = \"Audit\"\nrole = \"ceo\"\nentity_kind = \"rental\"\nkpis = [\"rental.occupancy\"]\n\
         [[section]]\nkind = \"verdicts\"\n[[section]]\nkind = \"shortfalls\"\n[[section]]\nkind = \"model\"\nmodel = \"claims\"\n",
    )
    .unwrap();
    let text = render(&night(), &spec).text;
    assert!(
        text.contains("78.1 %") && text.contains("3028 51st St Rental"),
        "{text}"
    );
    assert!(!text.contains("JADA") && !text.contains("eyd.md"), "{text}");
}

#[test]
fn a_portfolios_template_replaces_the_built_in_one() {
    let own = [(
        "catalog/templates/document.txt.j2".to_owned(),
        "Only {{ title }}".to_owned(),
    )];
    let press = Press::new(&Bundle(own.into()), Paper::Letter).unwrap();
    let rendered = press
        .render(&night(), &brief(), &settings("brief", None), &context())
        .unwrap();
    assert_eq!(rendered.text, "Only Brief\n");
}

#[test]
fn letter_and_a4_differ() {
    let of = |paper| {
        let press = Press::new(&Bundle::default(), paper).unwrap();
        press
            .render(&night(), &brief(), &settings("brief", None), &context())
            .unwrap()
            .pdf
    };
    assert_ne!(of(Paper::A4), of(Paper::Letter));
}

#[test]
fn an_optional_model_is_left_out_on_a_night_without_rows_and_only_then() {
    let (mut with, mut spec) = (night(), brief());
    let section = |spec: &mut DocumentSpec, optional: bool| {
        let shown = spec.sections.iter_mut();
        let mut burn = shown.filter(|section| section.model.as_deref() == Some("contribution"));
        burn.next().unwrap().optional = optional;
    };
    let heading = with.models["contribution"].headline.clone().unwrap();
    let words: String = heading.split(' ').take(3).collect::<Vec<_>>().join(" ");
    let shows =
        |analysis: &Analysis, spec: &DocumentSpec, what: &str| render(analysis, spec).text.contains(what);
    section(&mut spec, true);
    assert!(shows(&with, &spec, &words), "it has rows");
    let model = with.models.get_mut("contribution").unwrap();
    (model.rows, model.headline) = (Vec::new(), None);
    model.reason = Some("table of_elsewhere was not collected".to_owned());
    assert!(!shows(&with, &spec, "of_elsewhere"));
    section(&mut spec, false);
    assert!(shows(&with, &spec, "of_elsewhere"), "a gap is news");
}

#[test]
fn a_line_at_a_parameter_that_is_read_elsewhere_is_at_what_was_read_and_missing_where_that_is_unknown() {
    let pictures = |analysis: &Analysis, spec: &DocumentSpec| {
        let images = render(analysis, spec).images.into_iter();
        images.map(|image| image.png).collect::<Vec<_>>()
    };
    let read = |value: Option<&str>| {
        let mut analysis = night();
        analysis.environment = vec![EnvironmentValue {
            setting: "parameters.cash_floor".into(),
            source: "env".into(),
            name: "QUARTERDECK_VALUE_CASH_FLOOR".into(),
            value: value.map(str::to_owned),
            reason: None,
        }];
        analysis
    };
    let written = pictures(&night(), &brief());
    assert!(
        pictures(&read(Some("30000")), &brief()) == written,
        "the portfolio has 30,000 too"
    );
    assert!(pictures(&read(Some("20000")), &brief()) != written);
    let without = include_str!("brief.toml").replace("target_parameter = \"cash_floor\"\n", "");
    let without = pictures(&night(), &parse_spec(&without).unwrap());
    assert!(without != written);
    assert!(pictures(&read(None), &brief()) == without, "no line at a default");
}
