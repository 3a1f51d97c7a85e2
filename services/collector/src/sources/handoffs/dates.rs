//! Dates as people write them. Values go into the snapshot as written; here is only decided whether they are dates.

use jiff::civil::Date;

/// Formats besides ISO, month before day as elsewhere in the product.
const FORMATS: [&str; 6] = [
    "%m/%d/%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d.%m.%Y",
];

/// The day that a text is; a time after an ISO date does not matter.
pub fn civil(text: &str) -> Option<Date> {
    let text = text.trim();
    let iso = text
        .get(..10)
        .filter(|_| text.len() == 10 || matches!(text.as_bytes()[10], b'T' | b' '));
    if let Some(day) = iso.and_then(|day| day.parse().ok()) {
        return Some(day);
    }
    FORMATS
        .iter()
        .find_map(|format| Date::strptime(format, text).ok())
}

/// Splits a leading date, with its time if there is one, from the rest: `2026-11-18 14:02 - api v3`.
pub fn stamp(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = |words: usize| {
        let mut ends = text
            .char_indices()
            .filter(|(_, c)| c.is_whitespace())
            .map(|(at, _)| at);
        ends.nth(words - 1).unwrap_or(text.len())
    };
    // A date may be followed by punctuation: `2026-11-18: api v3`.
    let bare = |words: usize| text[..end(words)].trim_end_matches([':', ',', ';', '-', '|']);
    let date = [bare(1), bare(3)]
        .into_iter()
        .find(|words| civil(words).is_some())?;
    let after = &text[date.len()..];
    let clock = after.trim_start_matches([' ', '\t']);
    let word = clock
        .split([' ', '\t', ',', ';'])
        .next()
        .unwrap_or_default()
        .trim_end_matches([':', '-']);
    let at = if date.len() == bare(1).len() && is_clock(word) {
        &text[..text.len() - clock.len() + word.len()]
    } else {
        date
    };
    let rest = text[at.len()..].trim_start_matches(|c: char| c.is_whitespace() || ":,;-–—|".contains(c));
    Some((at, rest))
}

/// `14:02`, `14:02:30`, `14:02Z`, `14:02+01:00`.
fn is_clock(word: &str) -> bool {
    let time = word.split(['Z', '+', '-']).next().unwrap_or_default();
    let parts: Vec<_> = time.split(':').collect();
    let number = |part: &&str, below: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|n| n < below);
    matches!(parts.len(), 2 | 3) && number(&parts[0], 24) && parts[1..].iter().all(|part| number(part, 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_known_in_the_forms_that_people_use() {
        for text in [
            "2026-11-16",
            "11/16/2026",
            "16 November 2026",
            "16 Nov 2026",
            "Nov 16, 2026",
            "2026-11-16T10:00Z",
        ] {
            assert_eq!(civil(text).unwrap().to_string(), "2026-11-16", "{text}");
        }
        for text in ["", "soon", "end of May", "2026-02-30", "2026-11", "20261116x"] {
            assert_eq!(civil(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_stamp_is_split_from_what_happened() {
        let of = |text| stamp(text).unwrap();
        assert_eq!(
            of("2026-10-27T11:05 deployed v41"),
            ("2026-10-27T11:05", "deployed v41")
        );
        assert_eq!(of("2026-04-30 13:20 deployed"), ("2026-04-30 13:20", "deployed"));
        assert_eq!(of("2026-04-30 13:20: deployed"), ("2026-04-30 13:20", "deployed"));
        assert_eq!(of("2026-04-30: api — v3"), ("2026-04-30", "api — v3"));
        assert_eq!(of("11/16/2026 – api"), ("11/16/2026", "api"));
        assert_eq!(of("16 Nov 2026 api"), ("16 Nov 2026", "api"));
        assert_eq!(of("2026-04-30"), ("2026-04-30", ""));
        assert_eq!(stamp("deployed on 2026-04-30"), None);
        assert_eq!(stamp("日本 10:00"), None);
    }
}
