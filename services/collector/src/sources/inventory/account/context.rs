//! What the expressions and templates of a call see: items, rows, the place and the dates. Start at [`Walk::context`].

use std::{collections::BTreeMap, sync::Arc};

use jmespath::{Rcvar, Variable};

use super::{rows::Row, walk::Walk};

impl Walk<'_> {
    /// What templates of a call see.
    pub fn context(&self, region: &str, more: &[(&str, Rcvar)]) -> Rcvar {
        let mut fields: BTreeMap<String, Rcvar> = self.here(region);
        fields.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), Arc::clone(value))),
        );
        Arc::new(Variable::Object(fields))
    }

    fn here(&self, region: &str) -> BTreeMap<String, Rcvar> {
        let partition = match region {
            r if r.starts_with("cn-") => "aws-cn",
            r if r.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let account = self.account.clone().map_or(null(), |id| string(&id));
        [
            ("region", string(region)),
            ("account", account),
            ("partition", string(partition)),
            ("as_of", string(&self.as_of.to_string())),
            ("today", string(&self.today.to_string())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// An item or an answer as column expressions see it: with `parent`, and the place and the dates as `_`.
    pub(super) fn seen(&self, value: &Rcvar, region: &str, parent: Rcvar) -> Rcvar {
        let Variable::Object(fields) = &**value else {
            return Arc::clone(value);
        };
        let mut fields = fields.clone();
        fields.insert("parent".to_owned(), parent);
        fields.insert("_".to_owned(), Arc::new(Variable::Object(self.here(region))));
        Arc::new(Variable::Object(fields))
    }
}

/// A row's ARN until its tags are joined; no column of any table.
pub const ARN: &str = "\u{0}arn";

/// A row as templates see it.
pub fn row_value(row: &Row) -> Rcvar {
    let cells = row
        .iter()
        .map(|(name, text)| (name.clone(), text.as_deref().map_or(null(), string)));
    Arc::new(Variable::Object(cells.collect()))
}
/// A text.
pub fn string(text: &str) -> Rcvar {
    Arc::new(Variable::String(text.to_owned()))
}
/// Nothing.
pub fn null() -> Rcvar {
    Arc::new(Variable::Null)
}
/// Named values.
pub fn object<const N: usize>(fields: [(&str, Rcvar); N]) -> Rcvar {
    Arc::new(Variable::Object(
        fields.map(|(name, value)| (name.to_owned(), value)).into(),
    ))
}
