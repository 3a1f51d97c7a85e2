//! The start of a night, as the schedule or a person sends it to the collect queue: whose night, and which instant it was
//! due at. Everything else is derived from the portfolio once, by the collector ([`Start::plan`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cause, Envelope, EnvelopeError, Input, Night, Origin, check, read};
use crate::{
    id::{Generation, MailEpoch, PortfolioId, RunId},
    portfolio::{
        Portfolio,
        schedule::{self, ScheduleError},
    },
    queue::Stage,
};

/// `type` of a start; no other value is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartType {
    /// `"start"`.
    Start,
}

/// A start. Not an envelope: its sender, a schedule with a fixed text, knows neither run nor configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// [`super::VERSION`].
    pub v: u32,
    /// Tells it from an envelope.
    #[serde(rename = "type")]
    pub kind: StartType,
    /// Whose night.
    pub portfolio: PortfolioId,
    /// When it was due. The night is the one of the last local day that was over then.
    pub scheduled_at: Timestamp,
    /// Until when its mails are worth sending, where that is not the portfolio's rule: an operator replays an old night.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_after: Option<Timestamp>,
    /// Why, if it was not the schedule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
}

impl Start {
    /// The plan message of the night, from the configuration that is to be its own. A night that is started late, twice,
    /// or a little off its time is the same run with the same times: they follow from the business date.
    ///
    /// # Errors
    /// [`ScheduleError`], for an instant beyond the calendar.
    pub fn plan(
        &self,
        portfolio: &Portfolio,
        bundle: Input,
        now: Timestamp,
    ) -> Result<Envelope, ScheduleError> {
        let date = schedule::last_complete_day(portfolio, self.scheduled_at)?;
        let scheduled_at = schedule::scheduled_at(portfolio, date)?;
        let cause = self.cause.clone().unwrap_or_else(|| Cause {
            origin: Origin::Schedule,
            by: "schedule".to_owned(),
            reason: "nightly".to_owned(),
        });
        let night = Night {
            run: RunId::new(portfolio.id.clone(), date),
            generation: Generation::default(),
            mail_epoch: MailEpoch::default(),
            bundle,
            tz: portfolio.timezone.clone(),
            scheduled_at,
            not_after: self
                .not_after
                .unwrap_or_else(|| schedule::not_after(portfolio, scheduled_at)),
            only: None,
            now,
            cause,
        };
        Ok(night.plan())
    }
}

/// What the collect queue takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToCollect {
    /// A night is to begin.
    Start(Start),
    /// A plan or a part.
    Work(Box<Envelope>),
}

impl ToCollect {
    /// Reads and checks a body that came from the queue of `stage`, as [`Envelope::parse`] does.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    pub fn parse(stage: Stage, body: &str) -> Result<Self, EnvelopeError> {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "type", default)]
            kind: serde_json::Value,
        }
        check(body)?;
        let Typed { kind } = read(body)?;
        if stage == Stage::Collect && kind == "start" {
            return read(body).map(Self::Start);
        }
        Envelope::parse(stage, body).map(|envelope| Self::Work(Box::new(envelope)))
    }
}

#[cfg(test)]
mod tests;
