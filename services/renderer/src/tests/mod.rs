//! Whole documents from a hand-made night: what they say, that hostile text stays text, and that mail programs take it.

use std::collections::BTreeMap;

use shared::{
    facts::Analysis,
    portfolio::{Bundle, DocumentSettings, Parameter},
};

use crate::{Context, DocumentSpec, Press, Rendered, parse_spec, pdf::Paper};

mod documents;
mod handling;
mod hostile;
mod length;
mod look;

/// A night of the example portfolio, made by hand.
fn night() -> Analysis {
    serde_json::from_str(include_str!("night.json")).unwrap()
}

fn brief() -> DocumentSpec {
    parse_spec(include_str!("brief.toml")).unwrap()
}

fn settings(id: &str, entity: Option<&str>) -> DocumentSettings {
    DocumentSettings {
        id: id.parse().unwrap(),
        template: id.to_owned(),
        entity: entity.map(|e| e.parse().unwrap()),
        title: String::new(),
        recipients: Vec::new(),
        unknown_policy: None,
    }
}

fn context() -> Context {
    Context {
        parameters: BTreeMap::from([("cash_floor".to_owned(), Parameter::Number(30_000.into()))]),
        is_answered: false,
    }
}

fn render(analysis: &Analysis, spec: &DocumentSpec) -> Rendered {
    let press = Press::new(&Bundle::default(), Paper::A4).unwrap();
    press
        .render(analysis, spec, &settings("brief", None), &context())
        .unwrap()
}

/// What a reader sees of HTML: no tags, no styles, no comments; alternative texts included.
fn visible(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        out.push(' ');
        let end = if rest[at..].starts_with("<!--") {
            rest[at..].find("-->").map(|e| e + 3)
        } else if rest[at..].starts_with("<style") {
            rest[at..].find("</style>").map(|e| e + 8)
        } else {
            rest[at..].find('>').map(|e| e + 1)
        };
        let tag = &rest[at..at + end.unwrap()];
        if let Some((_, alt)) = tag.split_once("alt=\"") {
            out.push_str(alt.split('"').next().unwrap());
        }
        rest = &rest[at + end.unwrap()..];
    }
    out.push_str(rest);
    out.replace("&nbsp;", " ")
        .replace('\u{00A0}', " ")
        .replace("&amp;", "&")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
}
