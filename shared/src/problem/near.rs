//! Did you mean …? The nearest of the names that would have been right.

/// The candidate that a reader would take `given` for a slip of, if there is one: the same but for case and
/// separators, or near by Jaro-Winkler. Ties go to the first in alphabetical order, so the answer is stable.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let wanted = plain(given);
    // A path such as a zone's is often known by its last piece alone: "Los_Angeles".
    let score = |candidate: &str| {
        let whole = strsim::jaro_winkler(&wanted, &plain(candidate));
        let last = candidate.rsplit('/').next().unwrap_or(candidate);
        if last.len() == candidate.len() {
            whole
        } else {
            whole.max(0.99 * strsim::jaro_winkler(&wanted, &plain(last)))
        }
    };
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let new = score(candidate);
        let better = best.is_none_or(|(old, name)| new > old || (new == old && candidate < name));
        if new >= 0.82 && better {
            best = Some((new, candidate));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let keys = ["timezone", "title", "currency", "reply_to"];
        assert_eq!(nearest("timezon", keys), Some("timezone"));
        assert_eq!(nearest("replyTo", keys), Some("reply_to"));
        assert_eq!(nearest("recipients", keys), None);
    }

    #[test]
    fn a_city_finds_its_zone() {
        let zones = ["America/Los_Angeles", "America/Lima", "Europe/Berlin"];
        assert_eq!(nearest("Los Angeles", zones), Some("America/Los_Angeles"));
        assert_eq!(nearest("America/Los_Angelos", zones), Some("America/Los_Angeles"));
    }
}
