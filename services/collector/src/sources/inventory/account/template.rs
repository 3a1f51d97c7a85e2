//! Texts and request bodies with places to fill: `{expression}`, over the context of a call.

use std::sync::Arc;

use jmespath::{Rcvar, Variable};
use serde::{Deserialize, Deserializer, de::Error};

use super::expression::{Expression, cell};

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Expression),
}

/// A text with places.
#[derive(Debug, Clone)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads it.
    ///
    /// # Errors
    /// When a place is not closed or holds no expression.
    pub fn parse(mut text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        while let Some((before, rest)) = text.split_once('{') {
            let (place, after) = rest
                .split_once('}')
                .ok_or_else(|| format!("{text:?} lacks a }}"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Place(Expression::parse(place)?));
            text = after;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// Filled, each filling through `encode`.
    ///
    /// # Errors
    /// When a place has no value.
    pub fn text(&self, context: &Rcvar, encode: impl Fn(&str) -> String) -> Result<String, String> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Place(place) => {
                    let value = place.find(context).map_err(|e| e.to_string())?;
                    text.push_str(&encode(
                        &cell(&value).ok_or("a place of the request has no value")?,
                    ));
                }
            }
        }
        Ok(text)
    }

    /// As a value: a place that is all there is keeps its type.
    fn value(&self, context: &Rcvar) -> Result<Rcvar, String> {
        match &self.0[..] {
            [Piece::Place(place)] => place.find(context).map_err(|e| e.to_string()),
            _ => Ok(Arc::new(Variable::String(self.text(context, str::to_owned)?))),
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Parameters of a call: like JSON, with templates for texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Parameters {
    /// A flag.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Parameters>),
    /// Named ones, in the order of their names.
    Named(std::collections::BTreeMap<String, Parameters>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Named(Default::default())
    }
}

impl Parameters {
    /// Filled.
    ///
    /// # Errors
    /// When a place has no value.
    pub fn fill(&self, context: &Rcvar) -> Result<serde_json::Value, String> {
        Ok(match self {
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => (*number).into(),
            Self::Text(template) => {
                serde_json::to_value(&*template.value(context)?).map_err(|e| e.to_string())?
            }
            Self::List(list) => list
                .iter()
                .map(|p| p.fill(context))
                .collect::<Result<Vec<_>, _>>()?
                .into(),
            Self::Named(named) => {
                let fill = |(name, p): (&String, &Self)| Ok::<_, String>((name.clone(), p.fill(context)?));
                serde_json::Value::Object(named.iter().map(fill).collect::<Result<_, _>>()?)
            }
        })
    }
}

#[cfg(test)]
mod tests;
