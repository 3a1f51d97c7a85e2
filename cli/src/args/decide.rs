//! Arguments of `decide`.

use clap::{Args, ValueEnum};
use shared::{id::BusinessDate, portfolio::ActionRef};

use super::Place;

/// Arguments of `decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// Place.
    #[command(flatten)]
    pub place: Place,
    /// The action's code, such as A7K2QX, or its fact id; without it the newest night's actions are listed.
    #[arg(requires = "decision")]
    pub action: Option<ActionRef>,
    /// What is decided.
    #[arg(value_enum)]
    pub decision: Option<Verb>,
    /// The last day that it holds, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", conflicts_with = "days")]
    pub until: Option<BusinessDate>,
    /// The same as a time from --on, such as 2w, 10d or 3mo.
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    pub days: Option<jiff::Span>,
    /// Why; needed to accept.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The first business day that it counts for; by default today, in the portfolio's zone.
    #[arg(long, value_name = "DATE")]
    pub on: Option<BusinessDate>,
}

/// What is decided about an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// It is done: for a month the agenda says what it was to bring and what it brought.
    Done,
    /// Put it off; it is due on the last day.
    Snooze,
    /// Take the risk until the last day.
    Accept,
}

impl Verb {
    /// As portfolio.toml has it.
    pub fn state(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Snooze => "snoozed",
            Self::Accept => "accepted",
        }
    }
}

/// Days, weeks, months or years.
fn span(text: &str) -> Result<jiff::Span, String> {
    let span: jiff::Span = text
        .parse()
        .map_err(|_| format!("{text:?} is no time such as 2w, 10d or 3mo"))?;
    let whole_days = span.get_hours() == 0 && span.get_minutes() == 0 && span.get_seconds() == 0;
    if whole_days && span.is_positive() {
        Ok(span)
    } else {
        Err(format!(
            "{text:?} is no time of whole days ahead, such as 2w, 10d or 3mo"
        ))
    }
}
