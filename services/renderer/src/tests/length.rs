//! How long documents are: what is cut where they would be too long, what never is, and that it is said.

use super::*;
use crate::document::{Block, Cut, Document, Section};

fn document(analysis: &Analysis, spec: &DocumentSpec) -> Document {
    let press = Press::new(&Bundle::default(), Paper::A4).unwrap();
    press
        .document(analysis, spec, &settings("brief", None), &context())
        .unwrap()
}

/// A night whose 13 weeks of cash are 91, and a document of nothing but them.
fn long() -> (Analysis, DocumentSpec) {
    let mut analysis = night();
    let model = analysis.models.get_mut("cash_13w").unwrap();
    let rows = model.rows.clone();
    model.rows = rows.iter().cycle().take(rows.len() * 7).cloned().collect();
    let spec = parse_spec(
        "title = \"Cash\"\nrole = \"cfo\"\npages = \"1\"\n[[section]]\nkind = \"model\"\nmodel = \"cash_13w\"\nlimit = 91\n",
    );
    (analysis, spec.unwrap())
}

#[test]
fn a_pdf_that_is_too_long_loses_as_few_rows_as_it_must() {
    let (analysis, mut spec) = long();
    let short = render(&analysis, &spec);
    assert_eq!(short.pages, 1);
    assert_eq!(
        short.pdf_rows,
        Some(16),
        "the longest cut there is fits on a page"
    );
    spec.pages = Some("1-9".to_owned());
    let whole = render(&analysis, &spec);
    assert!(
        whole.pages > 1 && whole.pdf_rows.is_none(),
        "{} pages",
        whole.pages
    );
    assert_eq!(short.text, whole.text, "text has room for all rows");
    assert_eq!(short.html, whole.html, "and so has this mail");
    assert_eq!(
        short.pdf,
        render(&analysis, &long().1).pdf,
        "the same cut every time"
    );
}

#[test]
fn what_was_cut_says_how_much_and_where_it_is() {
    let (analysis, spec) = long();
    let short = document(&analysis, &spec).shortened(16, Cut::Page);
    let Block::Table(table) = &short.sections[0].blocks[0] else {
        panic!("no table")
    };
    assert_eq!(table.rows.iter().filter(|r| !r.total).count(), 16);
    let says = "First 16 of 91 rows, to keep to the page; and 75 more: see the mail, or analysis.json.";
    assert_eq!(table.count.as_deref(), Some(says));
}

fn rows(section: &Section) -> usize {
    let of = |b: &Block| match b {
        Block::Table(table) => table.rows.len(),
        Block::Items(list) => list.items.len(),
        _ => 0,
    };
    section.blocks.iter().map(of).sum()
}

#[test]
fn what_an_owner_must_act_on_is_never_cut() {
    let whole = document(&night(), &brief());
    let short = whole.shortened(1, Cut::Page);
    assert_eq!(short.decisions.len(), whole.decisions.len());
    let find = |document: &Document, topic: &str| {
        let at = document.sections.iter().position(|s| s.topic == topic);
        at.unwrap_or_else(|| panic!("no section {topic}"))
    };
    for topic in ["Verdicts", "Non-negotiable rules", "What nobody can know yet"] {
        let at = find(&whole, topic);
        assert!(rows(&whole.sections[at]) > 1, "{topic} shows too little to tell");
        assert_eq!(rows(&short.sections[at]), rows(&whole.sections[at]), "{topic}");
    }
    let agenda = find(&whole, "Agenda, 30 days");
    assert_eq!(rows(&short.sections[agenda]), 1, "what can wait is cut");
}

#[test]
fn critical_shortfalls_come_first_and_are_shown_whatever_the_limit() {
    let mut analysis = night();
    let severities: Vec<_> = analysis.shortfalls.iter().map(|s| s.severity).collect();
    let critical = severities
        .iter()
        .filter(|s| **s == shared::facts::Severity::Critical)
        .count();
    assert!(critical > 0 && critical < severities.len(), "{severities:?}");
    // By money the critical ones come last now.
    analysis
        .shortfalls
        .sort_by_key(|s| s.severity == shared::facts::Severity::Critical);
    let spec = "title = \"T\"\nrole = \"ceo\"\n[[section]]\nkind = \"shortfalls\"\nlimit = 1\n";
    let shown = document(&analysis, &parse_spec(spec).unwrap());
    let Block::Items(list) = &shown.sections[0].blocks[0] else {
        panic!("no list")
    };
    let marks: Vec<&str> = list
        .items
        .iter()
        .filter_map(|i| Some(i.mark.as_ref()?.word.as_str()))
        .collect();
    assert_eq!(marks, vec!["Critical"; critical]);
}

#[test]
fn half_a_page_shows_the_columns_of_the_mail_and_says_where_the_others_are() {
    let (analysis, mut spec) = long();
    spec.sections[0].half = true;
    spec.sections[0].columns = Some(vec!["week".to_owned(), "closing".to_owned()]);
    let document = document(&analysis, &spec);
    let Block::Table(table) = &document.sections[0].blocks[0] else {
        panic!("no table")
    };
    assert_eq!(table.heads.len(), 2);
    assert!(table.rows.iter().all(|r| r.cells.len() == 2));
    assert!(
        table.more[0].starts_with("Also in analysis.json: "),
        "{:?}",
        table.more
    );
    assert!(document.sections[0].half);
}

#[test]
fn missing_kpis_of_a_section_are_those_it_names() {
    let spec = |kpis: &str| {
        let text =
            format!("title = \"T\"\nrole = \"ceo\"\n[[section]]\nkind = \"missing\"\nkpis = [{kpis}]\n");
        document(&night(), &parse_spec(&text).unwrap())
    };
    let first = night().missing_kpis[0].id.clone();
    assert_eq!(rows(&spec(&format!("\"{first}\"")).sections[0]), 1);
    assert_eq!(rows(&spec("\"no.such\"").sections[0]), 0);
}

#[test]
fn the_ceo_decides_about_the_largest_money_first() {
    let shown = document(&night(), &brief());
    let stakes: Vec<i64> = shown
        .decisions
        .iter()
        .map(|d| {
            let action = night().actions.into_iter().find(|a| a.fact == d.fact).unwrap();
            action.impact.and_then(|i| i.as_money()).map_or(0, |m| m.minor)
        })
        .collect();
    assert!(stakes.is_sorted_by(|a, b| a >= b) && stakes[0] > 0, "{stakes:?}");
}
