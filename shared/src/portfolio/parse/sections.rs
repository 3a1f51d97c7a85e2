//! The shape of `portfolio.toml`, section by section, in the order of the file.

use std::str::FromStr;

use jiff::civil::time;
use toml::Spanned;

use super::{
    decisions::decision,
    environment::{self, Listed, is_elsewhere, setting},
    kinds::{currency, mailbox, parameter, path, region, reply_domain, schema, timezone},
    links::{self, unique},
    tables,
};
use crate::{
    mail::Mailbox,
    portfolio::{
        DocumentSettings, Entity, EnvironmentSource, HandoffSource, InventoryFrom, InventorySource,
        MailSettings, Mute, Portfolio, Rule, Schedule, Sources, TableSource, UnknownPolicy,
    },
    problem::{
        kinds::{block, date, decimal, hour_minute, line, one_of, parsed, whole},
        reader::Table,
    },
};

/// What an entity may be.
const KINDS: &[&str] = &["charter", "hauling", "agency", "rental", "delivery", "other"];
/// How far along it may be.
const STAGES: &[&str] = &["idea", "pilot", "operating", "winding_down"];

/// Five deliveries of a part's message at the collector's visibility timeout take less.
const COLLECT_MINUTES: i64 = 30;

/// What cannot be read is reported, and a placeholder stands in for it, so that the rest can be checked.
pub(super) fn portfolio(root: &mut Table<'_>, templates: Option<&[&str]>) -> Option<Portfolio> {
    root.required("schema", "1", schema);
    let id = root.required("id", "\"harbor\"", parsed("bad-id"));
    let title = root.required("title", "\"Harbor Holding\"", line);
    let zone = root.required("timezone", "\"America/Los_Angeles\"", timezone);
    let money = root.required("currency", "\"USD\"", currency);
    let schedule = match root.table("schedule", |t| Some(schedule(t))) {
        Some(schedule) => schedule,
        None => Schedule {
            at: time(2, 30, 0, 0),
            mail_until_hours: 14,
            collect_minutes: COLLECT_MINUTES,
        },
    };
    let mail = root.required_table("mail", mail);

    // Entities without a zone of their own have the portfolio's; where that one is bad, it was reported already.
    let zone = zone.map(Spanned::into_inner);
    let money = money.map(Spanned::into_inner);
    let home = (
        zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        money.or_else(|| "USD".parse().ok())?,
    );
    let entities = root.tables("entities", |t| entity(t, &home));
    unique(root, "entity", entities.iter().map(|e| &e.get_ref().id));
    let sources = root
        .required_table("sources", |t| Some(sources(t)))
        .unwrap_or_default();
    let documents = root.tables("documents", document);
    unique(root, "document", documents.iter().map(|d| &d.get_ref().id));
    let targets = root.entries("targets", is_elsewhere, setting(decimal));
    let parameters = root.entries("parameters", is_elsewhere, setting(parameter));
    let rules = root.tables("rules", rule);
    unique(root, "rule", rules.iter().map(|r| &r.get_ref().0));
    let mutes = root.tables("mutes", mute);
    unique(root, "mute of", mutes.iter().map(|m| &m.get_ref().0));
    let decisions = root.tables("decisions", decision);

    links::not_empty(root, "entities", entities.is_empty());
    links::not_empty(root, "documents", documents.is_empty());
    links::references(root, &entities, &documents, &sources, &targets);
    links::templates(root, &documents, templates);
    links::parameter_names(root, &parameters);
    environment::check(root, &sources.environment, &targets, &parameters);

    let nobody = || Mailbox::from_str("nobody@example.com").ok();
    let mail = match mail {
        Some(mail) => mail,
        None => MailSettings {
            from: nobody()?,
            reply_to: None,
            reply_domain: None,
            unsubscribe: None,
            archive: nobody()?,
            unknown_policy: UnknownPolicy::Hold,
        },
    };
    let mut elsewhere = EnvironmentSource::default();
    let targets = environment::split(targets, &mut elsewhere.targets);
    let parameters = environment::split(parameters, &mut elsewhere.parameters);
    Some(Portfolio {
        id: id.map(Spanned::into_inner).or_else(|| "unnamed".parse().ok())?,
        title: title.map(Spanned::into_inner).unwrap_or_default(),
        timezone: home.0,
        currency: home.1,
        schedule,
        mail,
        entities: entities
            .into_iter()
            .filter_map(|e| e.into_inner().value)
            .collect(),
        sources: sources.into_sources(elsewhere),
        documents: documents
            .into_iter()
            .filter_map(|d| d.into_inner().value)
            .collect(),
        targets,
        parameters,
        rules: rules.into_iter().map(|r| r.into_inner().1).collect(),
        mutes: mutes.into_iter().map(|m| m.into_inner().1).collect(),
        decisions: decisions.into_iter().map(Spanned::into_inner).collect(),
    })
}

fn schedule(t: &mut Table<'_>) -> Schedule {
    let at = t
        .optional("at", hour_minute)
        .map_or(time(2, 30, 0, 0), Spanned::into_inner);
    // A report on a day is of no use once the next one is due.
    let hours = t
        .optional("mail_until_hours", whole(1, 24))
        .map_or(14, Spanned::into_inner);
    let minutes = t
        .optional("collect_minutes", whole(5, 240))
        .map_or(COLLECT_MINUTES, Spanned::into_inner);
    Schedule {
        at,
        mail_until_hours: hours,
        collect_minutes: minutes,
    }
}

fn mail(t: &mut Table<'_>) -> Option<MailSettings> {
    let from = t.required("from", "\"Quarterdeck <reports@example.com>\"", mailbox);
    let reply_to = t.optional("reply_to", mailbox).map(Spanned::into_inner);
    let domain = t.optional("reply_domain", reply_domain).map(Spanned::into_inner);
    let unsubscribe = t.optional("unsubscribe", mailbox).map(Spanned::into_inner);
    let archive = t.required("archive", "\"archive@example.com\"", mailbox);
    let unknown_policy = unknown_policy(t).unwrap_or(UnknownPolicy::Hold);
    Some(MailSettings {
        from: from?.into_inner(),
        reply_to,
        reply_domain: domain,
        unsubscribe,
        archive: archive?.into_inner(),
        unknown_policy,
    })
}

fn unknown_policy(t: &mut Table<'_>) -> Option<UnknownPolicy> {
    let policy = t.optional("unknown_policy", one_of(&["hold", "resend_once"]))?;
    Some(match policy.into_inner().as_str() {
        "resend_once" => UnknownPolicy::ResendOnce,
        _ => UnknownPolicy::Hold,
    })
}

/// A section whose id must be unique and whose entity must exist: what the checks of [`links`] need beside the value.
/// A section that is wrong in other ways has no value, but its id still counts as there.
pub(super) struct Linked<T> {
    pub id: Spanned<String>,
    pub entity: Option<Spanned<String>>,
    pub template: Option<Spanned<String>>,
    pub value: Option<T>,
}

pub(super) fn keep<T: std::fmt::Display>(id: &Spanned<T>) -> Spanned<String> {
    Spanned::new(id.span(), id.get_ref().to_string())
}

fn entity(t: &mut Table<'_>, home: &(String, crate::money::Currency)) -> Option<Linked<Entity>> {
    let id = t.required("id", "\"jada\"", parsed::<crate::id::EntityId>("bad-id"));
    let title = t.required("title", "\"JADA\"", line);
    let kind = t.required("kind", "\"charter\"", one_of(KINDS));
    let stage = t.required("stage", "\"operating\"", one_of(STAGES));
    let owner = t.required("owner", "\"ceo\"", line);
    let zone = t
        .optional("timezone", timezone)
        .map_or_else(|| home.0.clone(), Spanned::into_inner);
    let money = t
        .optional("currency", currency)
        .map_or(home.1, Spanned::into_inner);
    let id = id?;
    let (key, id) = (keep(&id), id.into_inner());
    let value = || {
        Some(Entity {
            id,
            title: title?.into_inner(),
            kind: kind?.into_inner(),
            stage: stage?.into_inner(),
            owner: owner?.into_inner(),
            timezone: zone,
            currency: money,
        })
    };
    Some(Linked {
        id: key,
        entity: None,
        template: None,
        value: value(),
    })
}

/// The sources, with the places of their tables' names.
#[derive(Default)]
pub(super) struct LinkedSources {
    pub tables: Vec<Linked<TableSource>>,
    handoffs: Option<HandoffSource>,
    inventory: Option<InventorySource>,
    pub environment: Listed,
}

impl LinkedSources {
    fn into_sources(self, environment: EnvironmentSource) -> Sources {
        let dynamodb = self.tables.into_iter().filter_map(|t| t.value).collect();
        Sources {
            dynamodb,
            handoffs: self.handoffs,
            inventory: self.inventory,
            environment,
        }
    }
}

fn sources(t: &mut Table<'_>) -> LinkedSources {
    let tables = t.tables("dynamodb", tables::dynamodb);
    let handoffs = t.table("handoffs", |t| {
        let stale = t
            .optional("stale_after_days", whole(1, 3650))
            .map_or(45, Spanned::into_inner);
        Some(HandoffSource {
            path: t.required("path", "\"handoffs\"", path)?.into_inner(),
            stale_after_days: stale,
        })
    });
    let inventory = t.table("inventory", |t| {
        let from = match t.optional("path", path) {
            Some(path) => InventoryFrom::Recording {
                path: path.into_inner(),
            },
            None => InventoryFrom::Account,
        };
        let regions = t.list("regions", region).map(Spanned::into_inner);
        Some(InventorySource {
            from,
            regions: regions
                .unwrap_or_default()
                .into_iter()
                .map(Spanned::into_inner)
                .collect(),
        })
    });
    let sources = LinkedSources {
        tables: tables.into_iter().map(Spanned::into_inner).collect(),
        handoffs,
        inventory,
        environment: t
            .table("environment", |t| Some(environment::listed(t)))
            .unwrap_or_default(),
    };
    links::one_part_each(t, &sources.tables);
    sources
}

fn document(t: &mut Table<'_>) -> Option<Linked<DocumentSettings>> {
    let id = t.required("id", "\"ceo\"", parsed::<crate::id::DocumentId>("bad-id"));
    let template = t.required("template", "\"ceo\"", line);
    let entity = t.optional("entity", parsed::<crate::id::EntityId>("bad-id"));
    let title = t.required("title", "\"CEO brief\"", line);
    let recipients = t.required_list("recipients", "[\"ceo@example.com\"]", mailbox);
    let unknown_policy = unknown_policy(t);
    if let Some(list) = &recipients {
        links::recipients(t, list);
    }
    let id = id?;
    let (key, id, place) = (keep(&id), id.into_inner(), template.as_ref().map(keep));
    let linked = entity.as_ref().map(keep);
    let value = || {
        Some(DocumentSettings {
            id,
            template: template?.into_inner(),
            entity: entity.map(Spanned::into_inner),
            title: title?.into_inner(),
            recipients: recipients?
                .into_inner()
                .into_iter()
                .map(Spanned::into_inner)
                .collect(),
            unknown_policy,
        })
    };
    Some(Linked {
        id: key,
        entity: linked,
        template: place,
        value: value(),
    })
}

fn rule(t: &mut Table<'_>) -> Option<(Spanned<String>, Rule)> {
    let id = t.required("id", "\"payroll_covered\"", line);
    let title = t.required("title", "\"Never miss payroll\"", line);
    let sql = t.required("sql", "\"select … as ok, … as reason\"", block);
    let id = id?;
    let rule = Rule {
        id: id.get_ref().clone(),
        title: title?.into_inner(),
        sql: sql?.into_inner(),
    };
    Some((id, rule))
}

fn mute(t: &mut Table<'_>) -> Option<(Spanned<String>, Mute)> {
    let fact = t.required("fact", "\"check:waf.absent:distribution/E1\"", line);
    let until = t.required("until", "2027-03-31", date);
    let reason = t.required("reason", "\"budgeted for the first quarter\"", line);
    let fact = fact?;
    let mute = Mute {
        fact: fact.get_ref().clone(),
        until: until?.into_inner(),
        reason: reason?.into_inner(),
    };
    Some((fact, mute))
}
