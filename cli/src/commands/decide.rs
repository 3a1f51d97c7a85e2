//! `quarterdeck decide`: a `[[decisions]]` at the end of portfolio.toml.
//!
//! The file stays its owner's: nothing in it is laid out anew, and what is written is read back before it stays.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use jiff::civil::Date;
use shared::{
    clock::{Clock, SystemClock},
    facts::{Action, Analysis, Unit},
    portfolio::{ActionCode, ActionRef, Bundle, FILE, Portfolio, zone},
};

use crate::{
    args::{DecideArgs, Verb},
    exit::{ConfigErrors, Exit},
    local::{Local, read_portfolio},
    output::{self, cell},
};

/// Writes a decision, or lists what can be decided about.
///
/// # Errors
/// A portfolio with errors, an action that the newest night does not have, fields that do not fit, or a file that cannot be
/// written; then it is as it was.
pub async fn decide(args: &DecideArgs, json: bool) -> anyhow::Result<Exit> {
    let (_, portfolio) = read_portfolio(&args.place.portfolio)?;
    let newest = newest(args).await;
    let (Some(action), Some(verb)) = (&args.action, args.decision) else {
        let newest = newest.context("there is no night here whose actions could be listed: run one first")?;
        list(&newest, json)?;
        return Ok(Exit::Ok);
    };
    let title = match &newest {
        Some(analysis) => Some(found(analysis, action)?.title.clone()),
        None => None,
    };
    let on = match args.on {
        Some(on) => on.0,
        None => {
            let zone = zone(&portfolio.timezone).context("the portfolio's time zone is not known")?;
            SystemClock.now().to_zoned(zone).date()
        }
    };
    let written = text(args, action, verb, on, title.as_deref())?;
    append(&args.place.portfolio, &written)?;
    if json {
        output::json(&serde_json::json!({
            "action": action.to_string(), "title": title, "state": verb.state(), "on": on,
            "until": until(args, on)?, "reason": args.reason,
        }))?;
    } else {
        output::say(written.trim())?;
        let file = args.place.portfolio.join(FILE);
        output::say(format!(
            "\nWritten to {}. It counts from the night of {on} on{}.",
            file.display(),
            if newest.is_some() {
                ""
            } else {
                "; no night is here to look the action up in"
            }
        ))?;
    }
    Ok(Exit::Ok)
}

/// The newest night here, if there is one.
async fn newest(args: &DecideArgs) -> Option<Analysis> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out)
        .await
        .ok()?;
    let row = local.find_run(None).await.ok()?;
    local.analysis(&row).await.ok()
}

fn found<'a>(analysis: &'a Analysis, action: &ActionRef) -> anyhow::Result<&'a Action> {
    let mut meant = analysis.actions.iter().filter(|a| action.is(&a.fact));
    let date = analysis.run.business_date;
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => bail!(
            "there is no action {action} in the night of {date}; `quarterdeck decide PORTFOLIO` lists what there is"
        ),
        (Some(one), Some(other)) => bail!(
            "{action} is the code of {} and of {}: name the one that is meant by its fact id",
            one.fact,
            other.fact
        ),
    }
}

fn until(args: &DecideArgs, on: Date) -> anyhow::Result<Option<Date>> {
    match (args.until, args.days) {
        (Some(until), _) => Ok(Some(until.0)),
        (None, Some(span)) => Ok(Some(on.checked_add(span).context("that is too far ahead")?)),
        (None, None) => Ok(None),
    }
}

/// The lines to add.
fn text(
    args: &DecideArgs,
    action: &ActionRef,
    verb: Verb,
    on: Date,
    title: Option<&str>,
) -> anyhow::Result<String> {
    let until = until(args, on)?;
    match (verb, until) {
        (Verb::Done, Some(_)) => {
            bail!("what is done is done for good: leave --until and --for out, or snooze it")
        }
        (Verb::Snooze | Verb::Accept, None) => bail!("until when? Add --until 2027-03-31 or --for 2w"),
        (Verb::Accept, _) if args.reason.is_none() => {
            bail!("why? Add --reason \"budgeted for the first quarter\"")
        }
        _ => {}
    }
    // What JSON escapes in a string TOML escapes the same way.
    let quoted = |text: &str| serde_json::to_string(text).context("failed to quote a text");
    let mut lines = vec!["[[decisions]]".to_owned()];
    let comment = title.map(|t| t.chars().filter(|c| !c.is_control()).collect::<String>());
    let comment = comment.map_or_else(String::new, |c| format!(" # {c}"));
    lines.push(format!("action = {}{comment}", quoted(&action.to_string())?));
    lines.push(format!("state = {}", quoted(verb.state())?));
    lines.push(format!("on = {on}"));
    lines.extend(until.map(|until| format!("until = {until}")));
    if let Some(reason) = &args.reason {
        lines.push(format!("reason = {}", quoted(reason)?));
    }
    Ok(format!("\n{}\n", lines.join("\n")))
}

/// Adds to portfolio.toml, and takes it back where the file is then none that a night could read.
fn append(folder: &Path, written: &str) -> anyhow::Result<()> {
    // Where it really is, also of a link.
    let file = folder.join(FILE);
    let file = fs::canonicalize(&file).with_context(|| format!("failed to find {}", file.display()))?;
    let before = fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let newline = if before.ends_with('\n') { "" } else { "\n" };
    let write = |text: &str| {
        // Beside it and then in its place: a full disk leaves the old file.
        let beside = file.with_extension("toml.new");
        fs::write(&beside, text)
            .and_then(|()| fs::set_permissions(&beside, fs::metadata(&file)?.permissions()))
            .and_then(|()| fs::rename(&beside, &file))
            .with_context(|| format!("failed to write {}", file.display()))
    };
    write(&format!("{before}{newline}{written}"))?;
    let read = || -> anyhow::Result<()> {
        let bundle = Bundle::read(folder).context("failed to read the portfolio back")?;
        match Portfolio::parse(&bundle) {
            Ok(_) => Ok(()),
            Err(problems) => Err(ConfigErrors { problems, bundle }.into()),
        }
    };
    read().or_else(|error| write(&before).and(Err(error)))
}

fn list(analysis: &Analysis, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&analysis.actions);
    }
    let row = |a: &Action| {
        let due = a.due.map_or_else(|| "no date".to_owned(), |d| d.to_string());
        let impact = a.impact.as_ref().map_or_else(String::new, |v| {
            analyzer::functions::format::value(v, Unit::Money)
        });
        vec![
            ActionCode::of(&a.fact).to_string(),
            cell(&serde_json::json!(a.state)),
            due,
            a.owner.clone(),
            impact,
            a.entity.clone().unwrap_or_default(),
            a.title.clone(),
        ]
    };
    output::say(output::table(
        &["CODE", "STATE", "DUE", "OWNER", "AT STAKE", "ENTITY", "ACTION"],
        analysis.actions.iter().map(row).collect(),
        &[4],
    ))
}
