//! Whose a file is: by its front matter, else by its name.

use shared::{portfolio::Portfolio, problem::nearest};

/// The entities of a portfolio, by the names that people give them.
#[derive(Debug)]
pub struct Entities {
    /// (plain name, id), ids before titles.
    names: Vec<(String, String)>,
    /// Names that mean the portfolio itself.
    whole: Vec<String>,
}

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One business's.
    Entity(String),
    /// The whole portfolio's.
    Portfolio,
    /// Nobody's that is known.
    Unknown,
}

impl Whose {
    /// The entity's id, if it is one's.
    pub fn entity(&self) -> Option<&str> {
        match self {
            Self::Entity(id) => Some(id),
            Self::Portfolio | Self::Unknown => None,
        }
    }
}

impl Entities {
    /// Of a portfolio.
    pub fn of(portfolio: &Portfolio) -> Self {
        let entities = || portfolio.entities.iter();
        let ids = entities().map(|entity| (plain(entity.id.as_str()), entity.id.to_string()));
        let titles = entities().map(|entity| (plain(&entity.title), entity.id.to_string()));
        Self {
            names: ids.chain(titles).collect(),
            whole: vec![
                "portfolio".to_owned(),
                plain(portfolio.id.as_str()),
                plain(&portfolio.title),
            ],
        }
    }

    /// Of (id, title) pairs.
    #[cfg(test)]
    pub fn for_tests(entities: &[(&str, &str)]) -> Self {
        let ids = entities.iter().map(|(id, _)| (plain(id), (*id).to_owned()));
        let titles = entities
            .iter()
            .map(|(id, title)| (plain(title), (*id).to_owned()));
        Self {
            names: ids.chain(titles).collect(),
            whole: vec!["portfolio".to_owned(), "harbor".to_owned()],
        }
    }

    /// By a name that somebody gave: an id or a title, in any case.
    pub fn named(&self, name: &str) -> Whose {
        let name = plain(name);
        if self.whole.contains(&name) {
            return Whose::Portfolio;
        }
        let found = self.names.iter().find(|(known, _)| *known == name);
        found.map_or(Whose::Unknown, |(_, id)| Whose::Entity(id.clone()))
    }

    /// By a file's name: the folder it lies in counts where the file is a README; the longest name that it begins with
    /// (`qos-guest-pages.md` is about `qos`).
    pub fn of_file(&self, file: &str) -> Whose {
        let stem = stem(file);
        let exact = self.named(stem);
        if exact != Whose::Unknown {
            return exact;
        }
        let stem = words(stem);
        let begins = |known: &str| stem.starts_with(known) && stem[known.len()..].starts_with('-');
        let mut found: Vec<_> = self
            .names
            .iter()
            .filter(|(known, _)| !known.is_empty() && begins(known))
            .collect();
        found.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
        found
            .first()
            .map_or(Whose::Unknown, |(_, id)| Whose::Entity(id.clone()))
    }

    /// The id that a name was probably meant to be.
    pub fn near(&self, name: &str) -> Option<&str> {
        nearest(name, self.names.iter().map(|(_, id)| id.as_str()))
    }
}

/// `jada` of `notes/jada.md`, `jada` of `jada/README.md`.
pub fn stem(file: &str) -> &str {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let last = folder.rsplit('/').next().unwrap_or_default();
    if ["readme", "index", "handoff"].contains(&stem.to_lowercase().as_str()) && !last.is_empty() {
        last
    } else {
        stem
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words in lower case with `-` between them.
fn words(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests;
