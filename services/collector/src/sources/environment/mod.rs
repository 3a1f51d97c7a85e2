//! Targets and parameters that a portfolio reads elsewhere, as the table `environment_value`: read once a night, so that
//! an analysis that is done again has the same figures. Start at [`collect`].
//!
//! A value is a number. What is there and is none is not kept, not even its text: it may be a secret that was put in
//! the wrong place.

use std::time::Duration;

use rust_decimal::Decimal;
use shared::{
    facts::SourceState,
    manifest::Namespace,
    portfolio::{ENVIRONMENT_TABLE, EnvironmentSource, ValueSource},
};

use super::{
    Collected, Delivery, SourceError,
    inventory::{
        account::{Account, parameters::Stored, policy},
        columns_of,
    },
};
use crate::snapshot::{
    PartFolder,
    chunk::{Chunk, Columns},
};

/// How long SSM is asked at most.
const WITHIN: Duration = Duration::from_secs(60);
/// Whatever is larger is no figure about a business, and SQL's numbers end soon after.
const LIMIT: i64 = 1_000_000_000_000_000;

/// Where values are found.
pub struct Means<'a> {
    /// The owner's environment variables.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// The account that has the SSM parameters; there is none locally.
    pub account: Option<&'a Account>,
}

/// A place and its number, or why there is none.
pub type Value<'a> = (&'a ValueSource, Result<Decimal, String>);

/// Reads all places that the portfolio uses, and writes the table.
///
/// # Errors
/// [`SourceError::Later`] when SSM may answer at the next delivery, [`SourceError::Other`] when the snapshot cannot be
/// written.
pub async fn collect(
    source: &EnvironmentSource,
    means: &Means<'_>,
    folder: &PartFolder<'_>,
    delivery: Delivery,
) -> Result<Collected, SourceError> {
    let (mut columns, mut chunk) = (Columns::default(), Chunk::default());
    let mut unknown = Vec::new();
    for (place, value) in read(source, means, delivery).await? {
        let (value, reason) = match value {
            Ok(number) => (Some(number.to_string()), String::new()),
            Err(reason) => (None, reason),
        };
        chunk.begin_row();
        let cells = [
            ("source", Some(place.kind())),
            ("name", Some(place.name())),
            ("value", value.as_deref()),
            ("reason", Some(reason.as_str())),
        ];
        for (name, text) in cells {
            chunk.text_cell(columns.id(name), text);
        }
        if value.is_none() {
            unknown.push(format!("{place} {reason}"));
        }
    }
    let mut table = folder.table(Namespace::Collected, ENVIRONMENT_TABLE);
    table.write(&columns, &chunk).await?;
    let tables = vec![table.finish(columns_of(ENVIRONMENT_TABLE).unwrap_or_default())];
    let reason = unknown.first().map(|first| {
        let (of, all) = (unknown.len(), chunk.len());
        format!("{of} of {all} values unknown: {first}")
    });
    Ok(Collected {
        state: match unknown.len() == chunk.len() {
            true => SourceState::Failed,
            false => SourceState::Ok,
        },
        reason,
        tables,
    })
}

/// The value of every place that the portfolio uses; nothing else is looked at.
///
/// # Errors
/// As [`collect`].
pub async fn read<'a>(
    source: &'a EnvironmentSource,
    means: &Means<'_>,
    delivery: Delivery,
) -> Result<Vec<Value<'a>>, SourceError> {
    let places = source.places();
    let parameters: Vec<&str> = places
        .iter()
        .filter(|place| matches!(place, ValueSource::Parameter(_)))
        .map(|place| place.name())
        .collect();
    let mut stored = match means.account {
        Some(account) if !parameters.is_empty() => account.parameters(&parameters, WITHIN).await,
        _ => Default::default(),
    };
    let passing = stored.values().find_map(|answer| match answer {
        Stored::Failed(error) if error.may_pass() => Some(error),
        _ => None,
    });
    if let Some(error) = passing.filter(|_| !delivery.is_last()) {
        return Err(SourceError::Later(format!("SSM gave no answer ({error})")));
    }
    let mut value = |place: &ValueSource| {
        let text = match place {
            ValueSource::Variable(name) => (means.variable)(name).ok_or("is not set".to_owned()),
            ValueSource::Parameter(name) => text(stored.remove(name)),
        };
        number(&text?)
    };
    Ok(places.into_iter().map(|place| (place, value(place))).collect())
}

/// The text of an SSM parameter, or why there is none.
fn text(stored: Option<Stored>) -> Result<String, String> {
    Err(match stored {
        Some(Stored::Text(text)) => return Ok(text),
        Some(Stored::Absent) => "is not there".to_owned(),
        Some(Stored::Secret) => {
            "is a SecureString, and values are no secrets: store it as a String".to_owned()
        }
        Some(Stored::Failed(error)) if policy::is_denied(&error.to_string()) => {
            format!("may not be read ({error}): its ARN belongs in the template's SourceParameters")
        }
        Some(Stored::Failed(error)) => format!("could not be read ({error})"),
        None => "is not read by a local night, which has no AWS account".to_owned(),
    })
}

/// A number as it stands: what can be read in two ways, such as 25,000, is none.
fn number(text: &str) -> Result<Decimal, String> {
    let text = text.trim();
    // The library would also take underscores.
    let plain = text.chars().all(|c| c.is_ascii_digit() || ".-".contains(c));
    let number = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
    number
        .filter(|number| number.abs() < Decimal::from(LIMIT))
        .ok_or_else(|| {
            "is no number: write digits and at most one point, such as 25000 or 1850.50".to_owned()
        })
}

#[cfg(test)]
mod tests;
