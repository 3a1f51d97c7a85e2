use super::*;
use crate::check_templates;

/// Every text of the night, with what people and attackers type into forms.
const HOSTILE: &str = "<script>alert(1)</script> =1+1 \r\nBcc: all@example.com \u{202E}evil\u{202C} {{ 7*7 }} #panic(\"x\") \
                       $x^2$ *b* _i_ @ref <lbl> \\u{0} & \" ' </td></table><img src=x onerror=alert(1)> 🙂 שלום 北京";

fn poisoned() -> Analysis {
    let mut json = serde_json::to_value(night()).unwrap();
    poison(&mut json, "");
    serde_json::from_value(json).unwrap()
}

/// Replaces what comes from data; ids, dates and enums keep their shape.
fn poison(json: &mut serde_json::Value, field: &str) {
    use serde_json::Value;
    const TEXTS: [&str; 17] = [
        "title",
        "reason",
        "headline",
        "evidence",
        "remedy",
        "text",
        "message",
        "fix",
        "note",
        "label",
        "detail",
        "blocks",
        "rollback",
        "risk",
        "resource",
        "owner",
        "compared_with",
    ];
    match json {
        Value::String(s) if TEXTS.contains(&field) && s.contains(' ') => *s = format!("{s} {HOSTILE}"),
        Value::Array(items) => items.iter_mut().for_each(|i| poison(i, field)),
        Value::Object(fields) => fields.iter_mut().for_each(|(k, v)| poison(v, k)),
        _ => {}
    }
}

#[test]
fn hostile_text_is_text_in_the_html() {
    let html = render(&poisoned(), &brief()).html;
    let at = html.find("<script");
    assert!(
        at.is_none(),
        "a script tag came through: {}",
        &html[at.unwrap().saturating_sub(120)..][..240]
    );
    assert!(
        !html.contains("<img src=x") && !html.contains("<img src=\"x\""),
        "an element came through"
    );
    assert!(!html.contains("</td></table><img"), "markup came through");
    assert!(html.contains("&lt;script&gt;"), "the words themselves stay");
    assert!(
        !html.contains('\u{202E}') && !html.contains('\u{202C}'),
        "a bidi override came through"
    );
    assert!(!html.contains(" 49 "), "a template in data was run");
}

#[test]
fn hostile_text_is_text_in_the_plain_text() {
    let rendered = render(&poisoned(), &brief());
    assert!(
        !rendered.text.contains('\r'),
        "a line end of the data came through"
    );
    assert!(!rendered.text.contains('\u{202E}'));
    assert!(rendered.text.lines().all(|l| l.chars().count() <= 78));
}

#[test]
fn hostile_text_is_text_in_the_pdf() {
    let rendered = render(&poisoned(), &brief());
    assert!(rendered.pdf.starts_with(b"%PDF-"));
    let raw = String::from_utf8_lossy(&rendered.pdf);
    assert!(
        !raw.contains("/JavaScript") && !raw.contains("/URI"),
        "an action came through"
    );
}

#[test]
fn a_subject_is_one_line() {
    let mut night = poisoned();
    night.run.title = "Harbor\r\nBcc: all@example.com".to_owned();
    let spec = parse_spec("title = \"A\\r\\nBcc: x@example.com\"\nrole = \"cfo\"\n").unwrap();
    let subject = render(&night, &spec).subject;
    assert!(!subject.contains(['\r', '\n', '\0']), "{subject:?}");
    assert!(subject.chars().count() <= 200, "{subject:?}");
}

#[test]
fn a_template_that_does_not_parse_is_named_with_its_line() {
    let bundle = Bundle(
        [
            (
                "catalog/templates/mail.mjml.j2".to_owned(),
                "<mjml>\n{% if %}\n".to_owned(),
            ),
            (
                "catalog/templates/document.typ".to_owned(),
                "#let x = (\n".to_owned(),
            ),
            (
                "catalog/templates/document.txt.j2".to_owned(),
                "{{ title | safe }}".to_owned(),
            ),
            ("catalog/documents/ceo.toml".to_owned(), "title = 1\n".to_owned()),
        ]
        .into(),
    );
    let lines: Vec<String> = check_templates(&bundle).iter().map(ToString::to_string).collect();
    let found = |start: &str| lines.iter().any(|l| l.starts_with(start));
    assert!(found("catalog/templates/mail.mjml.j2:2:"), "{lines:#?}");
    assert!(found("catalog/templates/document.typ:1:"), "{lines:#?}");
    assert!(
        found("catalog/templates/document.txt.j2:1:12: error[unescaped]"),
        "{lines:#?}"
    );
    assert!(
        found("catalog/documents/ceo.toml:1:9: error[bad-document]"),
        "{lines:#?}"
    );
}

#[test]
fn the_built_in_templates_pass_the_check() {
    let templates = crate::templates::Templates::of(&Bundle::default());
    let own = templates
        .ending("")
        .map(|(name, text)| (format!("catalog/templates/{name}"), text.to_owned()));
    assert_eq!(check_templates(&Bundle(own.collect())), Vec::new());
}
