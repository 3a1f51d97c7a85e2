//! What people decided about actions of the agenda: done, snoozed, accepted.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

use crate::id::Sha256;

/// Crockford's base 32: no letter that is taken for a digit (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters after the `A`: 33 million codes, so that two of a hundred actions share one in 7,000 nights.
const LENGTH: usize = 5;

/// What documents call an action, and people type: `A7K2QX`. It is of the action's fact id alone, so it is the same every
/// night, also after a night without the action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionCode(String);

impl ActionCode {
    /// Of the action with this fact id.
    pub fn of(fact: &str) -> Self {
        let digest = Sha256::of(fact.as_bytes());
        let mut code = String::from("A");
        // Two hex digits, of which five bits count, make a character.
        for pair in digest.as_str().as_bytes().chunks_exact(2).take(LENGTH) {
            let byte = std::str::from_utf8(pair)
                .ok()
                .and_then(|p| usize::from_str_radix(p, 16).ok());
            code.push(char::from(ALPHABET[byte.unwrap_or_default() % ALPHABET.len()]));
        }
        Self(code)
    }
    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ActionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no action: write its code, such as A7K2QX, or its fact id, such as action:shortfall:…")]
pub struct NoAction(pub String);

impl FromStr for ActionCode {
    type Err = NoAction;
    /// In any case; O for 0, and I and L for 1, as people read them.
    fn from_str(text: &str) -> Result<Self, NoAction> {
        let upper = text.trim().to_ascii_uppercase();
        let plain = |c: char| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let rest: Option<String> = upper
            .strip_prefix('A')
            .map(|rest| rest.chars().map(plain).collect());
        match rest {
            Some(rest) if rest.len() == LENGTH && rest.bytes().all(|b| ALPHABET.contains(&b)) => {
                Ok(Self(format!("A{rest}")))
            }
            _ => Err(NoAction(text.to_owned())),
        }
    }
}

/// Which action is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionRef {
    /// By its code.
    Code(ActionCode),
    /// By its fact id.
    Fact(String),
}

impl ActionRef {
    /// Whether it means the action with this fact id.
    pub fn is(&self, fact: &str) -> bool {
        match self {
            Self::Code(code) => *code == ActionCode::of(fact),
            Self::Fact(id) => id == fact,
        }
    }
}

impl ActionRef {
    /// The code of the action that is meant.
    pub fn code(&self) -> ActionCode {
        match self {
            Self::Code(code) => code.clone(),
            Self::Fact(id) => ActionCode::of(id),
        }
    }
}

impl FromStr for ActionRef {
    type Err = NoAction;
    fn from_str(text: &str) -> Result<Self, NoAction> {
        if text.starts_with("action:") {
            return Ok(Self::Fact(text.to_owned()));
        }
        text.parse().map(Self::Code)
    }
}

impl fmt::Display for ActionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            Self::Fact(id) => f.write_str(id),
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It is done.
    Done,
    /// It comes back after this day, and is due then.
    Snoozed(Date),
    /// The risk is taken through this day.
    Accepted(Date),
}

/// A decision about an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// About which.
    pub action: ActionRef,
    /// What.
    pub decided: Decided,
    /// When: a decision counts from that business day on.
    pub on: Date,
    /// Why.
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_the_fact_alone_and_is_read_as_people_type_it() {
        let code = ActionCode::of("action:shortfall:channels.none_live@boat");
        assert_eq!(code, ActionCode::of("action:shortfall:channels.none_live@boat"));
        assert_ne!(code, ActionCode::of("action:shortfall:channels.none_live@bike"));
        assert_eq!(code.as_str().len(), 6);
        assert_eq!(code.to_string().to_lowercase().parse(), Ok(code));
        assert_eq!("aoil01".parse::<ActionCode>(), "A01101".parse());
        for wrong in ["", "A", "17", "A7K2Q", "A7K2QXX", "B7K2QX", "A7K2QU", "Aé2QX1"] {
            assert!(wrong.parse::<ActionCode>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fact_id_says_which_action_too() {
        let fact = "action:task:paint@boat";
        assert!("action:task:paint@boat".parse::<ActionRef>().unwrap().is(fact));
        assert!(
            ActionCode::of(fact)
                .as_str()
                .parse::<ActionRef>()
                .unwrap()
                .is(fact)
        );
        assert!(!"action:task:paint".parse::<ActionRef>().unwrap().is(fact));
    }
}
