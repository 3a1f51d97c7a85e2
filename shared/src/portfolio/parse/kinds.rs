//! Kinds of values that only a portfolio has.

use toml::de::DeValue;

use crate::{
    mail::{AddressError, Mailbox, reply::ReplyDomain},
    money::{Currency, MoneyError},
    portfolio::{Parameter, zones},
    problem::{
        kinds::{date, decimal, line, string},
        nearest,
        reader::{Fault, type_name},
    },
};

type Kind<T> = Result<T, Fault>;

/// The version of the file's format.
pub(super) fn schema(value: &DeValue<'_>) -> Kind<()> {
    match value {
        DeValue::Integer(number) if number.as_str() == "1" => Ok(()),
        DeValue::Integer(number) => Err(Fault::new(
            "bad-schema",
            format!("{number} is from another version; this one reads 1"),
        )),
        other => Err(Fault::wrong_type("1", other)),
    }
}

/// An IANA time zone, in its canonical spelling.
pub(super) fn timezone(value: &DeValue<'_>) -> Kind<String> {
    let name = string(value)?;
    if zones::zone(&name).is_some() {
        return Ok(name);
    }
    let fault = Fault::new("bad-zone", format!("{name:?} is no IANA time zone"));
    let known = zones::names().collect::<Vec<_>>();
    Err(match nearest(&name, known.iter().map(String::as_str)) {
        Some(zone) => fault.suggest(format!("did you mean \"{zone}\"?")),
        None => fault.suggest("write region and city, such as \"America/Los_Angeles\""),
    })
}

/// A currency.
pub(super) fn currency(value: &DeValue<'_>) -> Kind<Currency> {
    let text = string(value)?;
    text.parse().map_err(|error: MoneyError| {
        let fault = Fault::new("bad-currency", error.to_string());
        let upper = text.trim().to_ascii_uppercase();
        if upper.parse::<Currency>().is_ok() {
            fault.suggest(format!("write \"{upper}\""))
        } else {
            fault
        }
    })
}

/// A sender's or recipient's mailbox.
pub(super) fn mailbox(value: &DeValue<'_>) -> Kind<Mailbox> {
    let text = string(value)?;
    text.parse().map_err(|error: AddressError| {
        Fault::new("bad-mailbox", format!("{text:?} is {error}")).suggest(AddressError::REMEDY)
    })
}

/// The domain that answers are mailed to.
pub(super) fn reply_domain(value: &DeValue<'_>) -> Kind<ReplyDomain> {
    let text = string(value)?;
    text.parse().map_err(|_: AddressError| {
        Fault::new(
            "bad-domain",
            format!("{text:?} is no domain that mail can be sent to"),
        )
        .suggest("write it alone, such as \"reply.example.com\"")
    })
}

/// A path below the portfolio's folder: relative, with forward slashes, going nowhere else.
pub(super) fn path(value: &DeValue<'_>) -> Kind<String> {
    let text = line(value)?;
    let stays = !text.starts_with('/')
        && !text.contains(['\\', ':'])
        && text
            .trim_end_matches('/')
            .split('/')
            .all(|piece| !matches!(piece, "" | "." | ".."));
    if stays {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    let fault = Fault::new(
        "bad-path",
        format!("{text:?} is no path below the portfolio's folder"),
    );
    Err(fault
        .suggest("write it relative, with forward slashes and without `.` or `..`, such as \"handoffs\""))
}

/// The name of a DynamoDB table: the service's own rule, short enough to be part of a part's id.
pub(super) fn table(value: &DeValue<'_>) -> Kind<String> {
    let text = string(value)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (3..=150).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text);
    }
    let message = format!("{text:?} is no table name: use 3 to 150 of A-Z, a-z, 0-9, -, _ and .");
    Err(Fault::new("bad-table", message))
}

/// A region's name, such as `us-west-2` or `us-gov-east-1`.
pub(super) fn region(value: &DeValue<'_>) -> Kind<String> {
    let text = string(value)?;
    let pieces: Vec<&str> = text.split('-').collect();
    let is_word = |piece: &&str| !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_lowercase());
    let is_region = match pieces.split_last() {
        Some((number, words)) => {
            (2..=3).contains(&words.len()) && words.iter().all(is_word) && number.parse::<u8>().is_ok()
        }
        None => false,
    };
    if is_region {
        return Ok(text);
    }
    let fault = Fault::new("bad-region", format!("{text:?} is no AWS region"));
    Err(fault.suggest("write its code, such as \"us-west-2\""))
}

/// A role's ARN.
pub(super) fn role(value: &DeValue<'_>) -> Kind<String> {
    let text = string(value)?;
    let pieces: Vec<&str> = text.splitn(6, ':').collect();
    let is_role = match pieces[..] {
        ["arn", partition, "iam", "", account, name] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && name.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    if is_role {
        return Ok(text);
    }
    let fault = Fault::new("bad-role", format!("{text:?} is no ARN of a role"));
    Err(fault.suggest("write it whole, such as \"arn:aws:iam::123456789012:role/quarterdeck-read\""))
}

/// A scalar for SQL.
pub(super) fn parameter(value: &DeValue<'_>) -> Kind<Parameter> {
    match value {
        DeValue::Integer(_) | DeValue::Float(_) => decimal(value).map(Parameter::Number),
        DeValue::Datetime(_) => date(value).map(Parameter::Date),
        DeValue::String(text) => Ok(Parameter::Text(text.to_string())),
        other => {
            let message = format!(
                "is {}; a parameter is a number, a date or a string",
                type_name(other)
            );
            let fault = Fault::new("bad-parameter", message);
            Err(if other.is_bool() {
                fault.suggest("write 1 or 0 and compare with it in SQL")
            } else {
                fault
            })
        }
    }
}
