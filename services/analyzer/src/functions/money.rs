//! `money`, `ratio`, `rate`, `whole`, `flag`: amounts, shares, exchange rates, counts and yes-or-no as they stand in tables.

use shared::money::Currency;

use super::number::{Exact, number};

/// Digits behind the point of DECIMAL(20,4).
pub const MONEY_SCALE: i8 = 4;
/// Digits in all of DECIMAL(20,4).
pub const MONEY_PRECISION: u8 = 20;
/// Digits behind the point of DECIMAL(18,6).
pub const RATIO_SCALE: i8 = 6;
/// Digits in all of DECIMAL(18,6).
pub const RATIO_PRECISION: u8 = 18;

/// Digits behind the point of DECIMAL(24,12).
pub const RATE_SCALE: i8 = 12;
/// Digits in all of DECIMAL(24,12).
pub const RATE_PRECISION: u8 = 24;

/// Symbols, and the currencies that use them.
const SYMBOLS: [(&str, &[&str]); 5] = [
    ("US$", &["USD"]),
    ("$", &["USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
];

/// Reads an amount in one of the portfolio's currencies, in units of 0.0001. `None`: it cannot be read, which includes
/// an amount that names another currency, for a sum never mixes two.
///
/// Beyond plain numbers: `$1,840.75`, `-$5`, `(12.50)`, `12.50-`, `USD 12`, `12 USD`, `$4K`, `1.2M`, `$4,000/mo`.
pub fn money(text: &str, currencies: &[Currency]) -> Option<i128> {
    let amount = |value: Exact| value.at_scale(i32::from(MONEY_SCALE), u32::from(MONEY_PRECISION));
    // Digits alone name no currency and no period: most cells of a program are that.
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return amount(number(text)?);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    let (text, negative) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let text = strip_month(text);
    let (text, minus) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (rest.trim_start(), true),
        None => match text.strip_suffix('-') {
            Some(rest) => (rest.trim_end(), true),
            None => (text, false),
        },
    };
    // Two ways of saying minus at once are a slip, not a plus.
    if negative && minus {
        return None;
    }
    let text = strip_currency(text, currencies)?;
    if (negative || minus) && text.starts_with(['-', '+', '\u{2212}']) {
        return None;
    }
    let value = scaled(text)?;
    amount(if negative || minus { value.negated() } else { value })
}

/// Zero-width and direction marks, which pasted figures carry along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `/mo` and the like: figures in handoffs are monthly. Any other period makes the amount unreadable.
fn strip_month(text: &str) -> &str {
    for suffix in ["/mo", "/mo.", "/month", " per month", " a month", " monthly"] {
        let at = text
            .len()
            .checked_sub(suffix.len())
            .filter(|at| text.is_char_boundary(*at));
        if let Some(at) = at
            && text[at..].eq_ignore_ascii_case(suffix)
        {
            return text[..at].trim_end();
        }
    }
    text
}

fn strip_currency<'a>(text: &'a str, currencies: &[Currency]) -> Option<&'a str> {
    for (symbol, codes) in SYMBOLS {
        let rest = text.strip_prefix(symbol).or_else(|| text.strip_suffix(symbol));
        if let Some(rest) = rest {
            return codes
                .iter()
                .any(|code| known(code, currencies))
                .then(|| rest.trim());
        }
    }
    let letters = |t: &str| t.len() == 3 && t.bytes().all(|b| b.is_ascii_alphabetic());
    if let Some(code) = text.get(..3).filter(|t| letters(t)) {
        return known(code, currencies).then(|| text[3..].trim());
    }
    let end = text.len().saturating_sub(3);
    match text.get(end..).filter(|t| letters(t)) {
        Some(code) => known(code, currencies).then(|| text[..end].trim()),
        None => Some(text),
    }
}

fn known(code: &str, currencies: &[Currency]) -> bool {
    currencies.iter().any(|c| c.code().eq_ignore_ascii_case(code))
}

/// A number, or one in thousands (`4K`) or millions (`1.2M`).
fn scaled(text: &str) -> Option<Exact> {
    match text.char_indices().last() {
        Some((at, 'k' | 'K')) => Some(number(&text[..at])?.shifted(3)),
        Some((at, 'm' | 'M')) => Some(number(&text[..at])?.shifted(6)),
        _ => number(text),
    }
}

/// Reads a share in units of 0.000001: `0.15`, `15%`, `15 %`.
pub fn ratio(text: &str) -> Option<i128> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => number(percent)?.shifted(-2),
        None => number(text)?,
    };
    value.at_scale(i32::from(RATIO_SCALE), u32::from(RATIO_PRECISION))
}

/// Reads an exchange rate in units of 10^-12: `1.0857`, `0.006712`.
pub fn rate(text: &str) -> Option<i128> {
    number(text.trim())?.at_scale(i32::from(RATE_SCALE), u32::from(RATE_PRECISION))
}

/// Reads a whole number: `12`, `12.0`, `1,200`.
pub fn whole(text: &str) -> Option<i64> {
    number(text)?.as_whole()
}

/// Reads yes or no.
pub fn flag(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "y", "1", "on"]) {
        return Some(true);
    }
    is(&["false", "no", "n", "0", "off"]).then_some(false)
}

#[cfg(test)]
mod tests;
