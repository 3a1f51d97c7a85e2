//! `quarterdeck diff`.

use analyzer::diff::{Diff, FactDiff, Presence, diff};

use crate::{args::DiffArgs, exit::Exit, local::Local, output};

/// Compares the analyses of two nights.
///
/// # Errors
/// If one of the nights is not there, or has no analysis.
pub async fn compare(args: &DiffArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out).await?;
    let before = local.analysis(&local.find_run(Some(args.before)).await?).await?;
    let after = local.analysis(&local.find_run(Some(args.after)).await?).await?;
    let mut found = diff(&before, &after);
    if let Some(kind) = args.only {
        found.facts.retain(|fact| fact.kind == kind);
    }
    if json {
        output::json(&found)?;
    } else {
        say(&found, args.only.is_none())?;
    }
    Ok(Exit::Ok)
}

fn say(found: &Diff, all: bool) -> anyhow::Result<()> {
    let rows = found.facts.iter().flat_map(rows).collect();
    if !found.facts.is_empty() {
        output::say(output::table(&["FACT", "", "BEFORE", "AFTER"], rows, &[]))?;
        output::say("")?;
    }
    let (before, after) = (&found.before, &found.after);
    let same = |same| if same { "the same" } else { "other" };
    let equal = if all {
        format!(", {} are equal", found.equal)
    } else {
        String::new()
    };
    output::say(format!(
        "{} fact(s) differ between {} and {}{equal}; {} data, {} catalog and settings",
        found.facts.len(),
        before.id,
        after.id,
        same(found.same_snapshot),
        same(found.same_catalog),
    ))
}

/// A line for each field; the fact's id stands in the first.
fn rows(fact: &FactDiff) -> Vec<Vec<String>> {
    let whole = match fact.presence {
        Presence::Added => Some("is new"),
        Presence::Gone => Some("is gone"),
        Presence::Changed => None,
    };
    // Of a fact that is only in one night, what it is called and its first figure say enough.
    let fields = if whole.is_some() { 1 } else { fact.fields.len() };
    let lines = fact.fields.iter().take(fields).enumerate().map(|(line, field)| {
        let (before, mut after) = field.shown.clone();
        if before == after {
            after.push_str(", other figures");
        }
        let name = if line == 0 {
            fact.fact.clone()
        } else {
            String::new()
        };
        vec![name, whole.unwrap_or(field.field).to_owned(), before, after]
    });
    lines.collect()
}
