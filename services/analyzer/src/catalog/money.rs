//! What of a table is money, and of which day: all that converting it takes. See schema.toml.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is money in the rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Columns of amounts, in the currency of the row's entity.
    pub columns: Vec<String>,
    /// Columns of dates: the first one that a row fills says of which day its rate is. Without any it is the night's.
    #[serde(default)]
    pub dated: Vec<String>,
    /// Values of other columns with which a row's amounts are no money.
    #[serde(default)]
    pub except: BTreeMap<String, Vec<String>>,
    /// The column that names the KPI (`kpi:<id>`) whose unit the amounts have: only with a KPI in money they are money.
    #[serde(default)]
    pub unit_of: Option<String>,
    /// The column that tells what belongs together: amounts of one value and day that come to nothing still do, converted.
    #[serde(default)]
    pub together: Option<String>,
}

impl Money {
    /// Every column that it names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        let amounts = self.columns.iter().chain(&self.dated);
        amounts
            .chain(self.except.keys())
            .chain(&self.unit_of)
            .chain(&self.together)
    }
}
