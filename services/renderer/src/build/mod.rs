//! Analysis and specification -> [`Document`]. Start at [`build`]; [`Scope`] decides which facts belong to it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use shared::{
    facts::{Analysis, EntityReport, Kpi, Value},
    portfolio::{DocumentSettings, Parameter},
};

use crate::{
    clean,
    document::{Document, Footer},
    format::{self, Negative, Style},
    spec::DocumentSpec,
};

mod agenda;
mod charts;
mod findings;
mod front;
mod lists;
mod prepare;
mod sections;
mod strip;
mod tables;
mod upkeep;

/// What a document knows besides the analysis.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Parameters of the portfolio over those of the catalog, for target lines.
    pub parameters: BTreeMap<String, Parameter>,
    /// Whether the portfolio's mails may be answered with decisions.
    pub is_answered: bool,
}

/// One line of plain text: wrapped, its second half would be a command in a quote that a mail program does not mark.
const ANSWERING: &str = "Answer this mail with: done CODE | snooze CODE 2w | accept CODE 1m: why";

/// Which facts a document is about, and how it writes them.
pub(crate) struct Scope<'a> {
    pub analysis: &'a Analysis,
    pub spec: &'a DocumentSpec,
    pub context: &'a Context,
    pub style: Style,
    /// The document's id, which prefixes the content ids of its images.
    pub id: &'a str,
    /// The entities of an audit, in the portfolio's order; `None` for a role's document.
    pub audited: Option<Vec<&'a EntityReport>>,
}

impl<'a> Scope<'a> {
    /// Whether a fact of this entity belongs here.
    pub fn includes(&self, entity: Option<&str>) -> bool {
        match &self.audited {
            None => true,
            Some(audited) => audited.iter().any(|e| Some(e.id.as_str()) == entity),
        }
    }
    /// An entity's display name.
    pub fn name<'b>(&'b self, entity: &'b str) -> &'b str {
        let found = self.analysis.entities.iter().find(|e| e.id == entity);
        found.map_or(entity, |e| &e.title)
    }
    /// The display name for a line that may be the portfolio's; nothing where it would say what the title says.
    pub fn label(&self, entity: Option<&str>) -> Option<String> {
        match (&self.audited, entity) {
            (Some(audited), Some(_)) if audited.len() == 1 => None,
            (_, Some(id)) => Some(self.name(id).to_owned()),
            (_, None) => None,
        }
    }
    /// The row of a KPI that stands for this document: `id`, or `id@entity`.
    pub fn kpi(&self, id: &str) -> Option<&'a Kpi> {
        if let Some((id, entity)) = id.split_once('@') {
            return self
                .analysis
                .kpis
                .iter()
                .find(|k| k.id == id && k.entity.as_deref() == Some(entity));
        }
        let mut rows = self.analysis.kpis.iter().filter(|k| k.id == id);
        if let Some(audited) = &self.audited {
            return audited.iter().find_map(|e| {
                self.analysis
                    .kpis
                    .iter()
                    .find(|k| k.id == id && k.entity.as_deref() == Some(e.id.as_str()))
            });
        }
        if let Some(whole) = rows.clone().find(|k| k.entity.is_none()) {
            return Some(whole);
        }
        // One business alone may stand for the portfolio; several may not be added up here.
        match (rows.next(), rows.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
    /// Money per 30 days, or the gap.
    pub fn money(&self, value: Option<&Value>) -> Option<String> {
        value
            .filter(|v| **v != Value::Null)
            .map(|v| self.style.value(v, shared::facts::Unit::Money))
    }
}

/// Builds the document. The analysis must be clean already (see [`clean::analysis`]).
pub(crate) fn build(
    mut analysis: Analysis,
    spec: &DocumentSpec,
    settings: &DocumentSettings,
    context: &Context,
) -> Document {
    let ids: Option<Vec<String>> =
        audited(&analysis, spec, settings).map(|all| all.iter().map(|e| e.id.clone()).collect());
    prepare::models(&mut analysis, ids.as_deref());
    let analysis = &analysis;
    let negative = spec.negative.unwrap_or(match spec.role.as_str() {
        "accounting" => Negative::Parentheses,
        _ => Negative::Minus,
    });
    let scope = Scope {
        analysis,
        spec,
        context,
        style: Style { negative },
        id: settings.id.as_str(),
        audited: audited(analysis, spec, settings),
    };
    let run = &analysis.run;
    let title = clean::text(if settings.title.is_empty() {
        &spec.title
    } else {
        &settings.title
    });
    let verdict = front::verdict(&scope);
    let date = run.business_date;
    let subject =
        format!("{title}, {}: {}", format::short_day(date), verdict.headline).replace(format::NBSP, " ");
    Document {
        id: settings.id.to_string(),
        portfolio: run.title.clone(),
        subject: clean::Subject::new(&subject).as_str().to_owned(),
        preheader: front::preheader(&scope, &verdict),
        date: format::weekday(date),
        date_iso: date.to_string(),
        as_of: as_of(analysis),
        coverage: front::coverage(analysis),
        banners: front::banners(&scope),
        strip: strip::strip(&scope),
        changes: front::changes(&scope),
        decisions: front::decisions(&scope),
        answering: context.is_answered.then(|| ANSWERING.to_owned()),
        sections: sections::sections(&scope),
        footer: Footer {
            run: run.id.clone(),
            generation: format!("g{}", run.generation),
            snapshot: short(&run.snapshot_sha256),
            catalog: short(&run.catalog_sha256),
            previous: run.previous_run.clone(),
            why: format!(
                "You get this because {}'s portfolio.toml lists you under the document {:?}. To stop or move it, ask the \
                 portfolio's owner to change its recipients there.",
                run.title,
                settings.id.as_str()
            ),
        },
        most_pages: spec.most_pages(),
        verdict,
        title,
    }
}

fn audited<'a>(
    analysis: &'a Analysis,
    spec: &DocumentSpec,
    settings: &DocumentSettings,
) -> Option<Vec<&'a EntityReport>> {
    let one = settings.entity.as_ref().map(|id| id.as_str());
    let kind = spec.entity_kind.as_deref();
    if one.is_none() && kind.is_none() {
        return None;
    }
    let belongs = |e: &&EntityReport| match one {
        Some(id) => e.id == id,
        None => Some(e.kind.as_str()) == kind,
    };
    Some(analysis.entities.iter().filter(belongs).collect())
}

fn as_of(analysis: &Analysis) -> String {
    let run = &analysis.run;
    let zone = TimeZone::get(&run.tz).unwrap_or(TimeZone::UTC);
    let local = run.as_of.to_zoned(zone);
    format!(
        "{}, {:02}:{:02} {}",
        format::day(local.date()),
        local.hour(),
        local.minute(),
        run.tz
    )
}

fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
