//! Targets and parameters that `portfolio.toml` does not write down but reads elsewhere, once a night, as a source of
//! its snapshot. Start at [`EnvironmentSource`]. A value is a number and never a secret.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a variable's name begins with. A function's own variables, its credentials among them, do not: no portfolio can
/// have them read, whatever it lists.
pub const VARIABLE_PREFIX: &str = "QUARTERDECK_VALUE_";

/// The collected table that has what was read.
pub const ENVIRONMENT_TABLE: &str = "environment_value";

/// Where one value is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueSource {
    /// An environment variable of the process that collects.
    Variable(String),
    /// A parameter of SSM's Parameter Store, in the deployment's account and region.
    Parameter(String),
}

impl ValueSource {
    /// As in `portfolio.toml` and in the snapshot: `env` or `ssm`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Variable(_) => "env",
            Self::Parameter(_) => "ssm",
        }
    }
    /// What it is called there.
    pub fn name(&self) -> &str {
        let (Self::Variable(name) | Self::Parameter(name)) = self;
        name
    }
}

impl fmt::Display for ValueSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Parameter(name) => write!(f, "SSM parameter {name}"),
        }
    }
}

/// What is read, and what for. Each place is on the portfolio's list, or the portfolio would not have parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentSource {
    /// Targets by KPI id, or `id@entity`.
    pub targets: BTreeMap<String, ValueSource>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, ValueSource>,
}

impl EnvironmentSource {
    /// Whether nothing is read.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.parameters.is_empty()
    }
    /// All places, each once.
    pub fn places(&self) -> BTreeSet<&ValueSource> {
        self.targets.values().chain(self.parameters.values()).collect()
    }
}
