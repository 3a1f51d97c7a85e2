//! Secrets in the environment of functions: which variable, by which rule, and a fingerprint. Start at [`Scanner::scan`].
//!
//! The rules are gitleaks' own file, `gitleaks.toml` (MIT, see `gitleaks.LICENSE`), and one for credentials in a URL. A rule
//! is compiled when a text first has one of its keywords: most never are. A value is looked at here and kept nowhere: what
//! leaves is a keyed fingerprint, by which one can tell that two variables hold the same secret, or that it was changed, and
//! from which nobody without the key can try values.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use hmac::{Hmac, KeyInit, Mac};
use regex::bytes::{Regex, RegexBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;

/// Hex digits of a fingerprint: enough to tell a portfolio's secrets apart.
const FINGERPRINT: usize = 12;
/// Matches any key with a telling name; whatever else matches says more.
const GENERIC: &str = "generic-api-key";

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules: Rules =
        toml::from_str(include_str!("gitleaks.toml")).expect("a test reads the built-in file");
    rules.rules.push(Rule {
        id: "uri-credentials".to_owned(),
        // A user, which may be empty, and a password before the host.
        regex: r"(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]{3,})@".to_owned(),
        keywords: vec!["://".to_owned()],
        ..Rule::default()
    });
    rules
});

#[derive(Debug, Default, Deserialize)]
struct Rules {
    allowlist: Allowlist,
    rules: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    id: String,
    /// Empty for rules about file names.
    regex: String,
    entropy: f64,
    secret_group: usize,
    keywords: Vec<String>,
    allowlists: Vec<Allowlist>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

/// What is no secret although it looks like one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Allowlist {
    condition: String,
    paths: Vec<String>,
    regex_target: String,
    regexes: Vec<String>,
    stopwords: Vec<String>,
    #[serde(skip)]
    compiled: OnceLock<Vec<Regex>>,
}

/// The rules are written for Go, where a `{` that begins no repetition stands for itself.
fn with_literal_braces(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['\\', '{']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        // An escape is copied with what it escapes, and a class such as `\p{L}` with its name.
        let copied = match from.as_bytes() {
            [b'\\', b'p' | b'P' | b'x', b'{', ..] => from.find('}').map_or(from.len(), |end| end + 1),
            [b'\\', ..] => 1 + from[1..].chars().next().map_or(0, char::len_utf8),
            _ => {
                if !is_repetition(from) {
                    out.push('\\');
                }
                1
            }
        };
        out.push_str(&from[..copied]);
        rest = &from[copied..];
    }
    out + rest
}

/// `{2}`, `{2,}` or `{2,5}`.
fn is_repetition(from: &str) -> bool {
    let inside = from[1..].split_once('}').map_or("", |(inside, _)| inside);
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

/// As Go reads it: `\w` is ASCII.
fn compile(pattern: &str) -> Option<Regex> {
    let pattern = with_literal_braces(pattern);
    RegexBuilder::new(&pattern).unicode(false).build().ok()
}

impl Allowlist {
    fn allows(&self, line: &str, matched: &str, secret: &str) -> bool {
        // Those that also want a path are about files.
        if self.condition.eq_ignore_ascii_case("and") && !self.paths.is_empty() {
            return false;
        }
        let target = match self.regex_target.as_str() {
            "line" => line,
            "match" => matched,
            _ => secret,
        };
        let regexes = self
            .compiled
            .get_or_init(|| self.regexes.iter().filter_map(|r| compile(r)).collect());
        let lower = secret.to_lowercase();
        regexes.iter().any(|regex| regex.is_match(target.as_bytes()))
            || self.stopwords.iter().any(|word| lower.contains(word))
    }
}

impl Rule {
    /// The secret in a line, if there is one.
    fn find(&self, line: &str, lower: &str) -> Option<String> {
        if self.regex.is_empty()
            || !(self.keywords.is_empty() || self.keywords.iter().any(|k| lower.contains(k.as_str())))
        {
            return None;
        }
        let regex = self.compiled.get_or_init(|| compile(&self.regex)).as_ref()?;
        regex.captures_iter(line.as_bytes()).find_map(|captures| {
            let matched = String::from_utf8_lossy(captures.get(0)?.as_bytes());
            // As gitleaks: the named group, or the first that is not empty, or all of it.
            let group = match self.secret_group {
                0 => (1..captures.len()).find_map(|i| captures.get(i).filter(|m| !m.is_empty())),
                group => captures.get(group),
            };
            let secret = group.map_or_else(|| matched.clone(), |m| String::from_utf8_lossy(m.as_bytes()));
            let allowed = self
                .allowlists
                .iter()
                .chain([&RULES.allowlist])
                .any(|list| list.allows(line, &matched, &secret));
            (!allowed && entropy(&secret) > self.entropy).then(|| secret.into_owned())
        })
    }
}

/// Shannon's, in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, usize> = HashMap::new();
    text.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let total = text.chars().count() as f64;
    counts
        .values()
        .map(|&count| count as f64 / total)
        .map(|p| -p * p.log2())
        .sum()
}

/// A variable that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which rule says so.
    pub rule: &'static str,
    /// Of the secret, under the scanner's key; `None` where there is no key.
    pub fingerprint: Option<String>,
}

/// Looks for secrets. `Debug` shows no key.
#[derive(Debug, Default)]
pub struct Scanner {
    key: Option<SecretString>,
}

impl Scanner {
    /// With the key of the fingerprints; without one there are none.
    pub fn new(key: Option<SecretString>) -> Self {
        Self { key }
    }

    /// Whether a variable's value looks like a secret: the first rule that says so, and the generic one last.
    pub fn scan(&self, variable: &str, value: &str) -> Option<Hit> {
        // The name of a secret's place is none, whatever its words.
        if value.starts_with("arn:") {
            return None;
        }
        let line = format!("{variable}=\"{value}\"");
        let lower = line.to_lowercase();
        let (generic, specific): (Vec<_>, Vec<_>) = RULES.rules.iter().partition(|rule| rule.id == GENERIC);
        let mut rules = specific.into_iter().chain(generic);
        let (rule, secret) = rules.find_map(|rule| Some((rule, rule.find(&line, &lower)?)))?;
        let fingerprint = self.key.as_ref().map(|key| fingerprint(key, &secret));
        Some(Hit {
            rule: rule.id.as_str(),
            fingerprint,
        })
    }
}

fn fingerprint(key: &SecretString, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    // Recipients' ids are made with the same key: the two never meet.
    mac.update(b"environment secret\0");
    mac.update(secret.as_bytes());
    hex::encode(mac.finalize().into_bytes())
        .chars()
        .take(FINGERPRINT)
        .collect()
}

#[cfg(test)]
mod tests;
