//! Which section a heading opens, whatever its level, case and wording.
//!
//! A heading that no list here knows inherits the nearest known one above it; where there is none, the section is the
//! heading's own text in lower case.

use super::lint::cut_to;

/// Characters of a section's name.
pub const LONGEST: usize = 100;

/// Canonical sections and the other words for them, all in lower case.
pub const SECTIONS: [(&str, &[&str]); 18] = [
    (
        "overview",
        &["summary", "about", "status", "introduction", "background"],
    ),
    (
        "financials",
        &[
            "finances",
            "financial",
            "finance",
            "money",
            "costs",
            "budget",
            "economics",
        ],
    ),
    (
        "technical debt",
        &[
            "tech debt",
            "debt",
            "engineering debt",
            "code quality",
            "infrastructure",
        ],
    ),
    (
        "user funnel",
        &[
            "funnel",
            "conversion",
            "conversion funnel",
            "sales funnel",
            "users",
        ],
    ),
    ("security", &["secrets", "vulnerabilities", "security gaps"]),
    (
        "ux",
        &["user experience", "ui", "ui/ux", "ux/ui", "design", "usability"],
    ),
    (
        "channels",
        &["channel", "sales channels", "listings", "otas", "distribution"],
    ),
    ("milestones", &["milestone", "roadmap", "goals", "timeline"]),
    ("risks", &["risk", "risk register", "risk log", "threats"]),
    (
        "deploy log",
        &[
            "deploys",
            "deployments",
            "deployment log",
            "deployment history",
            "releases",
            "release log",
            "changelog",
        ],
    ),
    (
        "tasks",
        &[
            "task",
            "todo",
            "to do",
            "to-do",
            "todos",
            "next steps",
            "actions",
            "action items",
            "open tasks",
            "backlog",
        ],
    ),
    ("assets", &["asset", "equipment", "vessels", "fleet"]),
    ("equity", &["ownership", "shares", "cap table", "shareholders"]),
    ("people", &["team", "staff", "crew", "contacts", "roles"]),
    ("operations", &["ops", "processes", "runbook", "how it runs"]),
    ("customers", &["customer", "clients", "guests", "accounts"]),
    (
        "legal",
        &["compliance", "permits", "licenses", "licences", "insurance"],
    ),
    ("decisions", &["decision log", "open questions", "questions"]),
];

/// The canonical section that a heading names.
pub fn canonical(heading: &str) -> Option<&'static str> {
    let heading = normalise(heading);
    exact(&heading)
        // "Risks & mitigations", "Security: gaps"
        .or_else(|| {
            heading
                .split([':', '&', '/', ',', '–', '—'])
                .find_map(|part| exact(part.trim()))
        })
        .or_else(|| heading.split(" and ").find_map(exact))
        // The last word says what it is ("known risks"), the first one less surely ("security posture").
        .or_else(|| suffixes(&heading).find_map(exact))
        .or_else(|| prefixes(&heading).find_map(exact))
}

/// Whether a heading is one of the list's own words, and no more than that.
pub fn is_name(heading: &str) -> bool {
    exact(&normalise(heading)).is_some()
}

/// The known heading that this one was probably meant to be; only for one that [`canonical`] does not know.
pub fn near_miss(heading: &str) -> Option<&'static str> {
    let heading = normalise(heading);
    let names = SECTIONS.iter().map(|(name, _)| (*name, 0));
    // Of the other words only the longer ones: "posts" is no slip of "costs", nor "rules" of "roles".
    let others = SECTIONS
        .iter()
        .flat_map(|(_, others)| others.iter().map(|name| (*name, 6)));
    let near = names.chain(others).filter_map(|(name, at_least)| {
        let most = name.len() / 4;
        // The distance is at least the difference in length, and costly to compute for a heading of a megabyte.
        let is_possible = name.len() >= at_least && heading.len().abs_diff(name.len()) <= most;
        let distance = is_possible.then(|| strsim::osa_distance(&heading, name))?;
        (distance <= most).then_some((distance, name))
    });
    near.min().map(|(_, name)| name)
}

fn exact(text: &str) -> Option<&'static str> {
    let found = SECTIONS
        .iter()
        .find(|(name, others)| *name == text || others.contains(&text));
    found.map(|(name, _)| *name)
}

/// Lower case; no numbering, emoji, closing colon or remark in parentheses.
fn normalise(heading: &str) -> String {
    let heading = heading
        .split(['(', '['])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let trimmed = heading.trim_matches(|c: char| !c.is_alphanumeric());
    let unnumbered = trimmed.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let text = if unnumbered.starts_with(char::is_whitespace) {
        unnumbered.trim_start()
    } else {
        trimmed
    };
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['-', '_'], " ")
}

fn suffixes(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(' ').map(|(at, _)| &text[at + 1..])
}
fn prefixes(text: &str) -> impl Iterator<Item = &str> {
    text.rmatch_indices(' ').map(|(at, _)| &text[..at])
}

/// The headings that are open at a line.
#[derive(Debug, Default)]
pub struct Outline {
    open: Vec<(u8, String, bool)>,
}

impl Outline {
    /// Opens a heading; answers its section.
    pub fn open(&mut self, level: u8, heading: &str) -> &str {
        self.open.retain(|(above, ..)| *above < level);
        let (section, known) = match (canonical(heading), self.open.last()) {
            (Some(name), _) => (name.to_owned(), true),
            (None, Some((_, inherited, true))) => (inherited.clone(), true),
            // It is in every row below: a heading of half a megabyte would be written a thousand times.
            (None, _) => (cut_to(&heading.to_lowercase(), LONGEST), false),
        };
        self.open.push((level, section, known));
        self.section().unwrap_or_default()
    }
    /// The section at this point.
    pub fn section(&self) -> Option<&str> {
        self.open.last().map(|(_, section, _)| section.as_str())
    }
    /// Whether this point is in a section of that canonical name.
    pub fn is_in(&self, name: &str) -> bool {
        self.section() == Some(name)
    }
}

#[cfg(test)]
mod tests;
