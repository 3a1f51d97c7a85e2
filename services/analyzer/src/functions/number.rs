//! Numbers as people and programs write them, read exactly: no float is ever in between.

/// A decimal: `mantissa` x 10^`exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    mantissa: i128,
    exponent: i32,
}

impl Exact {
    /// The value at a fixed number of digits behind the point, rounded half away from zero; `None` if it has more than
    /// `precision` digits then.
    pub fn at_scale(self, scale: i32, precision: u32) -> Option<i128> {
        let shift = self.exponent + scale;
        let value = match u32::try_from(shift) {
            _ if self.mantissa == 0 => 0,
            Ok(up) => self.mantissa.checked_mul(10_i128.checked_pow(up)?)?,
            Err(_) => match 10_i128.checked_pow(shift.unsigned_abs()) {
                None => 0,
                Some(divisor) => {
                    let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
                    // rest and divisor are below 10^38, so twice the rest may not fit: compare against the other half.
                    if rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs() {
                        quotient + self.mantissa.signum()
                    } else {
                        quotient
                    }
                }
            },
        };
        (value.unsigned_abs() < 10_u128.checked_pow(precision)?).then_some(value)
    }

    /// The value as a whole number, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        if self.exponent == 0 {
            return i64::try_from(self.mantissa).ok();
        }
        let value = self.at_scale(0, 38)?;
        let exact = self
            .at_scale(6, 38)
            .is_none_or(|micro| value.checked_mul(1_000_000) == Some(micro));
        // Digits beyond the sixth would be rounded away: look at them too.
        let tail =
            self.exponent < -6 && self.mantissa % 10_i128.checked_pow(self.exponent.unsigned_abs())? != 0;
        (exact && !tail).then(|| i64::try_from(value).ok()).flatten()
    }

    /// The value with the point moved: `shifted(-2)` is a hundredth.
    pub fn shifted(self, by: i32) -> Self {
        Self {
            exponent: self.exponent + by,
            ..self
        }
    }

    /// The value with the other sign.
    pub fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            ..self
        }
    }
}

/// Reads a number: an optional sign in front, digits with or without grouping, an optional fraction, an optional
/// power of ten. Groups are of three, separated by commas, spaces or apostrophes (`1,840.75`, `1 840.75`), or by points
/// before a decimal comma (`1.840,75`). A lone comma that cannot separate thousands is a decimal one (`12,50`, `0,125`).
pub fn number(text: &str) -> Option<Exact> {
    if let Some(value) = plain(text) {
        return Some(value);
    }
    let text = text.trim();
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, power) = match text.split_once(['e', 'E']) {
        Some((digits, power)) => (digits, power.parse::<i32>().ok().filter(|p| p.abs() <= 60)?),
        None => (text, 0),
    };
    let (whole, fraction) = split_fraction(digits)?;
    let mut mantissa: i128 = 0;
    let mut seen = 0_u32;
    for c in whole.chars().filter(char::is_ascii_digit).chain(fraction.chars()) {
        mantissa = mantissa
            .checked_mul(10)?
            .checked_add(i128::from(c.to_digit(10)?))?;
        seen += 1;
    }
    if seen == 0 {
        return None;
    }
    let value = Exact {
        mantissa,
        exponent: power - i32::try_from(fraction.len()).ok()?,
    };
    Some(if negative { value.negated() } else { value })
}

/// Digits and at most one point, as most cells are, read in one go. `None` for whatever else there is, and for more than 18 characters:
/// so many digits are below 10^18, and nothing here can overflow.
fn plain(text: &str) -> Option<Exact> {
    if text.len() > 18 {
        return None;
    }
    let (mut mantissa, mut digits, mut behind) = (0_i64, 0, None);
    for byte in text.bytes() {
        match (byte, behind) {
            (b'0'..=b'9', _) => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                digits += 1;
                behind = behind.map(|n| n + 1);
            }
            (b'.', None) => behind = Some(0),
            _ => return None,
        }
    }
    (digits > 0).then(|| Exact {
        mantissa: mantissa.into(),
        exponent: -behind.unwrap_or(0),
    })
}

/// The part before and the part behind the decimal sign, groupings checked.
fn split_fraction(text: &str) -> Option<(&str, &str)> {
    let (point, comma) = (text.rfind('.'), text.rfind(','));
    let decimal_at = match (point, comma) {
        (Some(p), Some(c)) => Some(p.max(c)),
        (Some(p), None) if text.matches('.').count() == 1 => Some(p),
        (Some(_), None) => None,
        (None, Some(_)) => text.rfind(',').filter(|_| !grouped(text, ',')),
        (None, None) => None,
    };
    let (whole, fraction) = match decimal_at {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    if !fraction.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    // Behind a decimal comma groups are separated by points, never by commas, and the other way round.
    let decimal = decimal_at.map(|at| text.as_bytes()[at]);
    let separators: &[char] = match decimal {
        Some(b',') => &['.', ' ', '\u{a0}', '\u{202f}', '\''],
        _ => &[',', ' ', '\u{a0}', '\u{202f}', '\'', '.'],
    };
    let plain = whole.chars().all(|c| c.is_ascii_digit());
    (plain || separators.iter().any(|s| grouped(whole, *s))).then_some((whole, fraction))
}

/// Whether a text is digits in groups of three, the first of one to three, and not of zeros alone: `0,125` is an eighth,
/// for nobody groups a thousandth of nothing.
fn grouped(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let digits = |g: &str| g.chars().all(|c| c.is_ascii_digit());
    let first = groups
        .next()
        .is_some_and(|g| (1..=3).contains(&g.len()) && digits(g) && g.chars().any(|c| c != '0'));
    let mut more = groups.peekable();
    first && more.peek().is_some() && more.all(|g| g.len() == 3 && digits(g))
}

#[cfg(test)]
mod tests;
