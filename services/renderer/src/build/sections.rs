//! The sections of a specification, each built by its kind.

use shared::facts::{Model, Status};

use super::{Scope, agenda, charts, findings, lists, strip, tables, upkeep};
use crate::{
    chart::Size,
    document::{Block, Section},
    spec::{SectionKind, SectionSpec},
};

/// All sections, in order. One with nothing to say still says so: a gap is news. (Changes are the exception:
/// page one has said already that there are none, or no more; so are remarks on a handoff that needs none, and models that the
/// specification calls optional.)
pub fn sections(scope: &Scope) -> Vec<Section> {
    scope
        .spec
        .sections
        .iter()
        .enumerate()
        .filter_map(|(i, spec)| section(scope, spec, i))
        .collect()
}

fn section(scope: &Scope, spec: &SectionSpec, index: usize) -> Option<Section> {
    let mut section = match spec.kind {
        SectionKind::Verdicts => lists::verdicts(scope),
        SectionKind::Kpis => kpis(scope, spec),
        SectionKind::Model if spec.optional && is_empty(scope, spec) => return None,
        SectionKind::Model => model(scope, spec, index),
        SectionKind::Shortfalls => lists::shortfalls(scope, spec),
        SectionKind::Missing => lists::missing(scope, spec),
        SectionKind::Findings => findings::findings(scope, spec),
        SectionKind::Actions => agenda::actions(scope, spec),
        SectionKind::Changes => upkeep::changes(scope, spec)?,
        SectionKind::Rules => upkeep::rules(scope),
        SectionKind::HandoffLint => upkeep::handoff_lint(scope, spec)?,
        SectionKind::Sources => upkeep::sources(scope),
        SectionKind::Text => plain(
            "",
            "",
            vec![Block::Paragraph {
                text: spec.body.clone().unwrap_or_default(),
            }],
        ),
    };
    if let Some(heading) = &spec.heading {
        if spec.kind == SectionKind::Text || section.heading.is_empty() {
            section.heading.clone_from(heading);
        } else {
            // The finding stays the heading; what the specification calls it is the topic.
            section.topic.clone_from(heading);
        }
    }
    if section.topic == section.heading {
        section.topic.clear();
    }
    section.half = spec.half;
    Some(section)
}

/// A section without a mark.
pub fn plain(topic: &str, heading: impl Into<String>, blocks: Vec<Block>) -> Section {
    Section {
        topic: topic.to_owned(),
        heading: heading.into(),
        mark: None,
        blocks,
        half: false,
        keep: 0,
    }
}

fn kpis(scope: &Scope, spec: &SectionSpec) -> Section {
    let mut blocks = Vec::new();
    match strip::table(scope, &spec.kpis, spec.limit) {
        Some(table) => blocks.push(Block::Table(table)),
        None => {
            let text = format!(
                "Unknown: none of {} could be computed; see the missing KPIs.",
                spec.kpis.join(", ")
            );
            blocks.push(Block::Gap { text });
        }
    }
    plain("", "Key figures", blocks)
}

fn model(scope: &Scope, spec: &SectionSpec, index: usize) -> Section {
    let id = spec.model.as_deref().unwrap_or_default();
    let Some(model) = scope.analysis.models.get(id) else {
        let text = format!("Unknown: the catalog has no model {id:?}.");
        return plain("", id.replace('_', " "), vec![Block::Gap { text }]);
    };
    let heading = model.headline.clone().unwrap_or_else(|| model.title.clone());
    let mut blocks = Vec::new();
    if let Some(block) = spec
        .chart
        .as_ref()
        .and_then(|c| charts::block(scope, c, model, &heading, index))
    {
        let mut block = block;
        if spec.half {
            block.picture.on_page = Size::Half;
        }
        blocks.push(Block::Chart(Box::new(block)));
    }
    if blocks.is_empty() || spec.limit != Some(0) {
        blocks.push(rows(scope, spec, model));
    }
    let mark = (model.headline.is_some() || model.status != Status::Unknown).then(|| model.status.into());
    Section {
        mark,
        keep: if spec.whole { usize::MAX } else { 0 },
        ..plain(&model.title, heading, blocks)
    }
}

/// Whether the model is there and has no rows.
fn is_empty(scope: &Scope, spec: &SectionSpec) -> bool {
    let id = spec.model.as_deref().unwrap_or_default();
    let model = scope.analysis.models.get(id);
    model.is_some_and(|model| model.rows.is_empty())
}

fn rows(scope: &Scope, spec: &SectionSpec, model: &Model) -> Block {
    if model.rows.is_empty() {
        let text = match &model.reason {
            Some(reason) => format!("Unknown: {reason}"),
            None => "No rows for this night.".to_owned(),
        };
        return Block::Gap { text };
    }
    Block::Table(tables::model(scope, model, spec))
}
