//! Decisions from both places where they are made: portfolio.toml, and the ledger by way of the snapshot's table. Start at [`all`].

use jiff::civil::Date;
use shared::{
    facts::QueryProblem,
    manifest::DECISIONS_TABLE,
    portfolio::{Decided, Decision, FILE, NoAction},
};

use super::super::Night;
use crate::{
    engine::{Rows, SqlError},
    warehouse::problem,
};

/// A decision, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What was decided.
    pub decision: Decision,
    /// `portfolio.toml`, or the collected table.
    file: &'static str,
    /// Where in it.
    entry: String,
}

impl Made {
    /// Says what is wrong with it.
    pub fn report(&self, night: &Night<'_>, message: String, suggestion: &str) {
        report(night, self.file, &self.entry, message, suggestion);
    }
}

/// All decisions in the order of their days, so that of several about one action the last one stands; of one day those of
/// portfolio.toml first, as they stand there, and then the ledger's, as they were made. A row of the ledger that is no decision
/// is reported, and the others stand.
pub async fn all(night: &Night<'_>) -> Vec<Made> {
    let here = night.portfolio.decisions.iter().map(|decision| Made {
        decision: decision.clone(),
        file: FILE,
        entry: "decisions".to_owned(),
    });
    let mut all: Vec<Made> = here.collect();
    match of_ledger(night).await {
        Ok(rows) => all.extend(rows),
        Err(error) => night.warehouse.report(problem(DECISIONS_TABLE, None, &error)),
    }
    all.sort_by_key(|made| made.decision.on);
    all
}

/// The table's rows that are decisions. None where it was not collected: that the source failed, its report says.
async fn of_ledger(night: &Night<'_>) -> Result<Vec<Made>, SqlError> {
    if night.warehouse.was_collected(DECISIONS_TABLE) != Some(true) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select id, action, state, decided_on, until, reason from {DECISIONS_TABLE} order by whole(seq), id"
    );
    let rows = night
        .warehouse
        .select(DECISIONS_TABLE, &sql, night.warehouse.parameters())
        .await?
        .rows()?;
    let mut made = Vec::with_capacity(rows.rows.len());
    for at in 0..rows.rows.len() {
        let entry = text(&rows, at, "id").unwrap_or_else(|| format!("row {}", at + 1));
        match decision(&rows, at) {
            Ok(decision) => made.push(Made {
                decision,
                file: DECISIONS_TABLE,
                entry,
            }),
            Err(why) => {
                let message = format!("a decision cannot be read and does not count: {why}");
                let suggestion = "decide again; the codes are beside the actions of the agenda";
                report(night, DECISIONS_TABLE, &entry, message, suggestion);
            }
        }
    }
    Ok(made)
}

/// A cell that says something.
fn text(rows: &Rows, at: usize, column: &str) -> Option<String> {
    rows.cell(&rows.rows[at], column).text().map(str::to_owned)
}

fn decision(rows: &Rows, at: usize) -> Result<Decision, String> {
    let required = |column: &str| text(rows, at, column).ok_or_else(|| format!("it has no {column}"));
    let day = |text: String| text.parse::<Date>().map_err(|_| format!("{text:?} is no day"));
    let action = required("action")?;
    let until = text(rows, at, "until").map(day).transpose()?;
    let decided = match (required("state")?.as_str(), until) {
        ("done", None) => Decided::Done,
        ("snoozed", Some(until)) => Decided::Snoozed(until),
        ("accepted", Some(until)) => Decided::Accepted(until),
        ("done", Some(_)) => return Err("what is done has no last day".to_owned()),
        ("snoozed" | "accepted", None) => return Err("it has no until".to_owned()),
        (state, _) => return Err(format!("{state:?} is none of done, snoozed, accepted")),
    };
    Ok(Decision {
        action: action.parse().map_err(|error: NoAction| error.to_string())?,
        decided,
        on: day(required("decided_on")?)?,
        reason: text(rows, at, "reason"),
    })
}

fn report(night: &Night<'_>, file: &str, entry: &str, message: String, suggestion: &str) {
    night.warehouse.report(QueryProblem {
        file: file.to_owned(),
        entry: Some(entry.to_owned()),
        line: None,
        message,
        suggestion: Some(suggestion.to_owned()),
    });
}
