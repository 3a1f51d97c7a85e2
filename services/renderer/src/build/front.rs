//! Page one: are we okay, what changed since last night, what needs a decision.

use std::collections::BTreeSet;

use shared::facts::{
    Action, ActionState, Analysis, Change, ChangeKind, Severity, Shortfall, SourceState, Status, Value,
};

use super::Scope;
use crate::{
    document::{Banner, ChangeLine, Changes, Decision, Mark, Tone, Verdict},
    format::{self, NBSP},
    spec::SectionKind,
};

/// Lines of "since last night" on page one.
pub const MAX_CHANGES: usize = 5;
const MAX_DECISIONS: usize = 3;

/// The verdict line: an audit's is its entity's; a role's follows from the worst thing that the role must know.
pub fn verdict(scope: &Scope) -> Verdict {
    if let Some(audited) = &scope.audited {
        return match audited.as_slice() {
            [] => Verdict {
                mark: Status::Unknown.into(),
                headline: "No business of this portfolio matches this document".to_owned(),
                reason: None,
                fact: None,
            },
            [one] => Verdict {
                mark: one.status.into(),
                headline: one.reason.clone(),
                reason: None,
                fact: one.fact.clone(),
            },
            several => businesses(
                several
                    .iter()
                    .map(|e| (e.status, e.title.as_str(), e.reason.as_str())),
            ),
        };
    }
    if scope.spec.role == "ceo" && !scope.analysis.entities.is_empty() {
        let entities = &scope.analysis.entities;
        return businesses(
            entities
                .iter()
                .map(|e| (e.status, e.title.as_str(), e.reason.as_str())),
        );
    }
    of_role(scope)
}

fn businesses<'a>(all: impl Iterator<Item = (Status, &'a str, &'a str)> + Clone) -> Verdict {
    let total = all.clone().count();
    let count = |status| all.clone().filter(|(s, ..)| *s == status).count();
    let (bad, watch, unknown) = (count(Status::Bad), count(Status::Watch), count(Status::Unknown));
    let worst = [Status::Bad, Status::Unknown, Status::Watch, Status::Good]
        .into_iter()
        .find(|s| count(*s) > 0)
        .unwrap_or(Status::Unknown);
    let mut parts = Vec::new();
    for (n, word) in [
        (bad, "bad"),
        (unknown, "unknown"),
        (watch, "to watch"),
        (count(Status::Good), "good"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    let headline = match worst {
        Status::Bad if bad == 1 => format!("1 of {total} businesses needs a decision"),
        Status::Bad => format!("{bad} of {total} businesses need a decision"),
        Status::Unknown => format!("{unknown} of {total} businesses cannot be judged"),
        Status::Watch => format!("No business is in trouble; {watch} of {total} to watch"),
        Status::Good if total == 1 => "The business is as it should be".to_owned(),
        Status::Good => format!("All {total} businesses are as they should be"),
    };
    let first = all
        .clone()
        .find(|(s, ..)| *s == worst)
        .filter(|_| worst != Status::Good);
    let reason = first.map(|(_, title, why)| format!("{}. First: {title}: {why}", parts.join(", ")));
    Verdict {
        mark: worst.into(),
        headline,
        reason,
        fact: None,
    }
}

fn of_role(scope: &Scope) -> Verdict {
    let role = scope.spec.role.as_str();
    let analysis = scope.analysis;
    let shows_rules = scope.spec.sections.iter().any(|s| s.kind == SectionKind::Rules);
    let broken = analysis
        .rules
        .iter()
        .find(|r| r.status == Status::Bad && shows_rules);
    if let Some(rule) = broken {
        let reason = Some(rule.reason.clone());
        let headline = format!("A rule is broken: {}", rule.title);
        return Verdict {
            mark: Status::Bad.into(),
            headline,
            reason,
            fact: Some(rule.fact.clone()),
        };
    }
    let mine: Vec<&Shortfall> = analysis.shortfalls.iter().filter(|s| s.role == role).collect();
    let urgent = mine.iter().filter(|s| s.severity <= Severity::High).count();
    let models = scope
        .spec
        .sections
        .iter()
        .filter_map(|s| analysis.models.get(s.model.as_deref()?));
    let model = models.clone().find(|m| m.headline.is_some());
    let worst = mine.iter().min_by_key(|s| (s.severity, s.rank));
    match (worst, model) {
        (Some(worst), _) if worst.severity <= Severity::High => Verdict {
            mark: if worst.severity == Severity::Critical {
                Status::Bad
            } else {
                Status::Watch
            }
            .into(),
            headline: worst.headline.clone(),
            reason: Some(match urgent {
                1 => "The one urgent shortfall of this desk".to_owned(),
                n => format!("First of {n} urgent shortfalls of this desk"),
            }),
            fact: Some(worst.fact.clone()),
        },
        (_, Some(model)) => Verdict {
            mark: model.status.into(),
            headline: model.headline.clone().unwrap_or_default(),
            reason: None,
            fact: Some(model.fact.clone()),
        },
        (Some(worst), None) => Verdict {
            mark: Status::Watch.into(),
            headline: worst.headline.clone(),
            reason: None,
            fact: Some(worst.fact.clone()),
        },
        (None, None) => Verdict {
            mark: Status::Unknown.into(),
            headline: "Nothing that this document rests on could be computed".to_owned(),
            reason: Some("See the missing KPIs and the sources below".to_owned()),
            fact: None,
        },
    }
}

/// What a mail program shows beside the subject.
pub fn preheader(scope: &Scope, verdict: &Verdict) -> String {
    let changes = concerning(scope).count();
    let since = match changes {
        0 => "nothing changed since last night".to_owned(),
        1 => "1 change since last night".to_owned(),
        n => format!("{n} changes since last night"),
    };
    match &verdict.reason {
        Some(reason) => format!("{}: {reason}; {since}", verdict.mark.word),
        None => format!("{}; {since}", verdict.mark.word),
    }
}

/// `31 of 40 KPIs computable (77.5 %), 12 of 13 sources read`.
pub fn coverage(analysis: &Analysis) -> String {
    let c = &analysis.coverage;
    let rate = match c.total {
        n if i64::from(n) < format::MIN_N_FOR_RATES => String::new(),
        n => format!(" ({:.0}{NBSP}%)", f64::from(c.computable) / f64::from(n) * 100.0),
    };
    format!(
        "{} of {} KPIs computable{rate}; {} of {} sources read",
        c.computable, c.total, c.sources_ok, c.sources_total
    )
}

/// A banner for what failed: figures that contradict each other first, then sources, then values that could not be read.
pub fn banners(scope: &Scope) -> Vec<Banner> {
    let analysis = scope.analysis;
    let broken = analysis
        .invariants
        .iter()
        .filter(|i| i.holds_back(&scope.spec.role));
    let mut banners: Vec<Banner> = broken
        .map(|i| Banner {
            mark: Mark::new(Tone::Bad, "Figures"),
            text: format!(
                "{}, and it is not so: {}. Until it is, this is not mailed.",
                i.title, i.reason
            ),
        })
        .collect();
    let down = |s: &&shared::facts::SourceReport| {
        !matches!(s.state, SourceState::Ok | SourceState::Empty)
            && (scope.audited.is_none() || s.entity.is_none() || scope.includes(s.entity.as_deref()))
    };
    for source in analysis.sources.iter().filter(down) {
        let what = match source.state {
            SourceState::Missing => "is missing",
            SourceState::Late => "came too late",
            _ => "could not be read",
        };
        let whose = source
            .entity
            .as_deref()
            .map(|e| format!(" of {}", scope.name(e)))
            .unwrap_or_default();
        let why = source
            .reason
            .as_deref()
            .map(|r| format!(": {r}"))
            .unwrap_or_default();
        let tone = if source.core { Tone::Bad } else { Tone::Watch };
        let text = format!(
            "{}{whose} {what}{why}. Figures from it are unknown, not zero.",
            source.id
        );
        banners.push(Banner {
            mark: Mark::new(tone, "Source"),
            text,
        });
    }
    if let (None, Some(first)) = (&scope.audited, analysis.problems.first()) {
        let more = match analysis.problems.len() - 1 {
            0 => String::new(),
            more => format!(" And {} more: see analysis.json.", more),
        };
        banners.push(Banner {
            mark: Mark::new(Tone::Watch, "Data"),
            text: format!("{}: {}.{more}", first.file, first.message.trim_end_matches('.')),
        });
    }
    let unreadable: u64 = analysis.unreadable.iter().map(|u| u.count).sum();
    if let (None, Some(worst)) = (&scope.audited, analysis.unreadable.iter().max_by_key(|u| u.count)) {
        let example = worst
            .examples
            .first()
            .map(|e| format!(", such as {e:?}"))
            .unwrap_or_default();
        let text = format!(
            "{} could not be read and {} left out; most in {} ({} of {}{example}).",
            plural(unreadable, "value", "values"),
            if unreadable == 1 { "was" } else { "were" },
            worst.source,
            worst.count,
            worst.of
        );
        banners.push(Banner {
            mark: Mark::new(Tone::Watch, "Data"),
            text,
        });
    }
    banners
}

/// The changes that the document's reader is to see, in their order.
pub fn concerning<'a>(scope: &'a Scope) -> impl Iterator<Item = &'a Change> + Clone {
    scope.analysis.changes.iter().filter(|c| match scope.audited {
        Some(_) => scope.includes(c.entity.as_deref()),
        None => c.roles.is_empty() || c.roles.contains(&scope.spec.role),
    })
}

/// A change's mark.
pub fn change_mark(kind: ChangeKind) -> Mark {
    match kind {
        ChangeKind::New => Mark::new(Tone::Watch, "New"),
        ChangeKind::Worse => Mark::new(Tone::Bad, "Worse"),
        ChangeKind::Better => Mark::new(Tone::Good, "Better"),
        ChangeKind::Resolved => Mark::new(Tone::Good, "Resolved"),
        ChangeKind::Restated => Mark::new(Tone::Unknown, "Restated"),
    }
}

/// Since last night, in at most five lines.
pub fn changes(scope: &Scope) -> Changes {
    let analysis = scope.analysis;
    let all: Vec<_> = concerning(scope).collect();
    let lines = all.iter().take(MAX_CHANGES).map(|c| ChangeLine {
        mark: change_mark(c.kind),
        text: c.text.clone(),
        fact: c.fact.clone(),
    });
    let note = match (&analysis.run.previous_run, all.len()) {
        (None, _) => Some("This is the first night: there is nothing to compare with.".to_owned()),
        (Some(_), 0) => Some("Nothing that this document covers has changed.".to_owned()),
        (Some(_), n) if n > MAX_CHANGES => {
            let listed = scope.spec.sections.iter().any(|s| s.kind == SectionKind::Changes);
            let place = if listed { "below" } else { "in analysis.json" };
            Some(format!("{} more {place}.", n - MAX_CHANGES))
        }
        _ => None,
    };
    Changes {
        lines: lines.collect(),
        note,
    }
}

/// At most three decisions: the best-ranked open actions that are urgent and the reader's. To the one who answers for
/// all of them the largest money comes first, whoever does the work; her own before others' where it is the same.
pub fn decisions(scope: &Scope) -> Vec<Decision> {
    let role = scope.spec.role.as_str();
    let mine = |a: &&Action| {
        let theirs = match &scope.audited {
            Some(_) => scope.includes(a.entity.as_deref()),
            None => a.owner == role || role == "ceo",
        };
        theirs && a.state.is_to_do() && (a.severity <= Severity::High || a.state == ActionState::Slipped)
    };
    let mut picked: Vec<&Action> = scope.analysis.actions.iter().filter(mine).collect();
    // Amounts of several currencies only the analyzer can compare: then its order stands.
    let money = picked.iter().filter_map(|a| a.impact.as_ref()?.as_money());
    let currencies: BTreeSet<_> = money.map(|m| m.currency).collect();
    if scope.audited.is_none() && role == "ceo" && currencies.len() < 2 {
        let stake = |a: &Action| a.impact.as_ref().and_then(Value::as_money).map(|m| m.minor);
        picked.sort_by_key(|a| (std::cmp::Reverse(stake(a)), a.owner != role));
    }
    let decision = |a: &Action| {
        let mut meta = Vec::new();
        meta.extend(scope.label(a.entity.as_deref()));
        meta.push(format!("owner {}", role_name(&a.owner)));
        meta.push(match (a.due, a.state) {
            (Some(due), ActionState::Slipped) => format!("slipped, was due {}", format::day(due)),
            (Some(due), _) => format!("by {}", format::day(due)),
            (None, _) => "no date yet".to_owned(),
        });
        if let Some(impact) = scope.money(a.impact.as_ref()) {
            meta.push(format!("{impact} per 30{NBSP}days at stake"));
        }
        meta.extend(Some(a.code.clone()).filter(|code| !code.is_empty()));
        match picked.iter().filter(|b| b.title == a.title).count() - 1 {
            0 => {}
            more => meta.push(format!("and {more} more to do so, see the agenda")),
        }
        Decision {
            text: a.title.clone(),
            meta,
            fact: a.fact.clone(),
        }
    };
    // The same thing to do for three businesses is one decision: the first is the largest.
    let mut titles = BTreeSet::new();
    let different = picked.iter().filter(|a| titles.insert(a.title.as_str()));
    different.take(MAX_DECISIONS).map(|a| decision(a)).collect()
}

/// A role as readers write it.
pub fn role_name(role: &str) -> String {
    match role {
        "ceo" | "cto" | "cfo" | "cmo" | "coo" => role.to_uppercase(),
        "accounting" => "Accounting".to_owned(),
        "unassigned" => "unassigned".to_owned(),
        other => other.to_owned(),
    }
}

/// `1 value`, `2 values`, `1,200 values`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    let word = if n == 1 { one } else { many };
    format!(
        "{}{NBSP}{word}",
        format::grouped(rust_decimal::Decimal::from(n), 0)
    )
}
