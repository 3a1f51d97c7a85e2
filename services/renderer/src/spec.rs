//! `catalog/documents/<template>.toml`: what a document shows, in which order. Start at [`parse_spec`].

use serde::Deserialize;
use shared::facts::Severity;

use crate::format::Negative;

/// A document's specification.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSpec {
    /// Title, unless the portfolio gives one.
    pub title: String,
    /// Whose: ceo cto cfo cmo accounting, or the owner of an audit.
    pub role: String,
    /// How long the PDF may be: `2`, or `1-2`. See [`DocumentSpec::most_pages`].
    pub pages: Option<String>,
    /// Audits only: the document is about the entities of this kind.
    pub entity_kind: Option<String>,
    /// The strip on page one: KPI ids, up to five.
    #[serde(default)]
    pub kpis: Vec<String>,
    /// How negative amounts are written; parentheses for the accounting role, unless set.
    pub negative: Option<Negative>,
    /// In order.
    #[serde(rename = "section", default)]
    pub sections: Vec<SectionSpec>,
}

impl DocumentSpec {
    /// How many pages the PDF may have; `None` where the specification does not say.
    pub fn most_pages(&self) -> Option<usize> {
        most_pages(self.pages.as_deref()?)
    }
}

/// The larger number of `2` or `1-2`, from 1 on.
fn most_pages(text: &str) -> Option<usize> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let (least, most): (usize, usize) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
    (1..=most).contains(&least).then_some(most)
}

/// What a section shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// A verdict per entity.
    Verdicts,
    /// A table of KPIs.
    Kpis,
    /// A model's table.
    Model,
    /// Ranked shortfalls.
    Shortfalls,
    /// KPIs that could not be computed.
    Missing,
    /// Infrastructure findings.
    Findings,
    /// The agenda.
    Actions,
    /// Since last night, in full.
    Changes,
    /// Non-negotiable rules.
    Rules,
    /// Findings for the authors of handoffs.
    HandoffLint,
    /// Sources and their state.
    Sources,
    /// Words.
    Text,
}

/// A section; which fields it needs depends on its kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionSpec {
    /// What it shows.
    pub kind: SectionKind,
    /// Replaces the heading that the data gives.
    pub heading: Option<String>,
    /// `text`: the words.
    pub body: Option<String>,
    /// `model`: which.
    pub model: Option<String>,
    /// `model`: a subset of its columns for mail and text.
    pub columns: Option<Vec<String>>,
    /// At most this many rows; 0 beside a chart leaves the table out. Critical shortfalls are shown whatever it says.
    pub limit: Option<usize>,
    /// `model`: whether its rows mean something only together, such as the lines of a P&L. Such a table is never cut.
    #[serde(default)]
    pub whole: bool,
    /// `model`: whether nothing is shown where it has no rows: of a model that stands in for others on some nights only.
    #[serde(default)]
    pub optional: bool,
    /// Whether half of the page's width is enough: neighbours of this sort stand side by side in the PDF, and tables
    /// show there the columns of the mail.
    #[serde(default)]
    pub half: bool,
    /// `kpis`, `missing`: ids, or `area.*`.
    #[serde(default)]
    pub kpis: Vec<String>,
    /// `shortfalls`, `actions`, `missing`, `changes`: only this role's.
    pub role: Option<String>,
    /// `shortfalls`: only of this severity.
    pub severity: Option<Severity>,
    /// `findings`: only this area's.
    pub area: Option<String>,
    /// Above the table.
    pub chart: Option<ChartSpec>,
}

/// The form of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Values over an ordered x.
    Line,
    /// Bars side by side; lying down where the names are long.
    Bar,
    /// Bars on top of each other.
    Stacked,
    /// From one total to the next, step by step.
    Waterfall,
    /// Points with names.
    Scatter,
}

/// A chart over a model's columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// Its form.
    pub kind: ChartKind,
    /// Column of the categories, or of the horizontal position.
    pub x: String,
    /// Columns of values.
    pub y: Vec<String>,
    /// The finding; omitted: the model's headline.
    pub title: Option<String>,
    /// What is plotted, unit, period.
    pub subtitle: Option<String>,
    /// A dashed line at a parameter's value.
    pub target_parameter: Option<String>,
    /// A dashed line along a column.
    pub target: Option<String>,
    /// `line`: shade between two columns.
    pub band: Option<[String; 2]>,
    /// One series per value of this column, instead of several `y`.
    pub series: Option<String>,
    /// `scatter`: the column that names a point.
    pub label: Option<String>,
}

/// Why a specification cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct SpecError {
    /// What is wrong and what to do.
    pub message: String,
    /// Bytes of the text, where known.
    pub span: Option<std::ops::Range<usize>>,
}

/// Reads a specification and checks what a section of each kind needs.
///
/// # Errors
/// All mistakes of the text that can be found without the portfolio's data, each with its place.
pub fn parse_spec(text: &str) -> Result<DocumentSpec, Vec<SpecError>> {
    let spec: DocumentSpec = toml::from_str(text).map_err(|e| {
        vec![SpecError {
            message: e.message().to_owned(),
            span: e.span(),
        }]
    })?;
    let mut errors = Vec::new();
    let mut fail = |message: String, needle: &str, nth: usize| {
        let span = nth_match(text, needle, nth);
        errors.push(SpecError { message, span });
    };
    if spec.kpis.len() > 5 {
        fail(
            format!(
                "the strip has {} KPIs; page one has room for five",
                spec.kpis.len()
            ),
            "kpis",
            0,
        );
    }
    if let Some(pages) = spec.pages.as_deref().filter(|p| most_pages(p).is_none()) {
        fail(
            format!("`pages` is {pages:?}; write how many the PDF may have, such as \"2\" or \"1-2\""),
            "pages",
            0,
        );
    }
    for (i, section) in spec.sections.iter().enumerate() {
        let mut need = |ok: bool, message: &str| {
            if !ok {
                fail(format!("section {}: {message}", i + 1), "[[section]]", i);
            }
        };
        match section.kind {
            SectionKind::Model => {
                need(
                    section.model.is_some(),
                    "kind = \"model\" needs `model`, the model's id",
                );
                let wide = section.columns.as_ref().is_some_and(|c| c.len() > 7);
                need(!wide, "mail has room for seven `columns`; the PDF shows them all");
            }
            SectionKind::Kpis => need(
                !section.kpis.is_empty(),
                "kind = \"kpis\" needs `kpis`, ids or \"area.*\"",
            ),
            SectionKind::Text => need(section.body.is_some(), "kind = \"text\" needs `body`"),
            _ => {}
        }
        let Some(chart) = &section.chart else { continue };
        need(
            section.model.is_some(),
            "a chart draws a model's columns: set `model`",
        );
        need(!chart.y.is_empty(), "the chart needs at least one column in `y`");
        let lone = chart.series.is_none() || chart.y.len() == 1;
        need(lone, "with `series` the chart takes exactly one column in `y`");
        need(
            chart.band.is_none() || chart.kind == ChartKind::Line,
            "`band` belongs to a line chart",
        );
    }
    if errors.is_empty() { Ok(spec) } else { Err(errors) }
}

fn nth_match(text: &str, needle: &str, nth: usize) -> Option<std::ops::Range<usize>> {
    text.match_indices(needle)
        .nth(nth)
        .map(|(start, m)| start..start + m.len())
}

#[cfg(test)]
mod tests;
