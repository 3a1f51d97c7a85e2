//! Currencies: what counts in another one than the portfolio needs rates, and tables that say what of them is money.

use serde::Deserialize;
use shared::{
    portfolio::{Bundle, FILE},
    problem::Problem,
};
use toml::Spanned;

use super::Check;
use crate::{catalog::ColumnType, warehouse::RATES};

const SCHEMA: &str = "catalog/schema.toml";

/// The places of what is checked here.
#[derive(Deserialize, Default)]
struct Settings {
    #[serde(default)]
    entities: Vec<Entity>,
}

#[derive(Deserialize)]
struct Entity {
    id: String,
    currency: Option<Spanned<String>>,
}

pub(super) fn check(check: &Check<'_>, bundle: &Bundle, problems: &mut Vec<Problem>) {
    let text = bundle.get(FILE).unwrap_or_default();
    let settings: Settings = toml::from_str(text).unwrap_or_default();
    let own = check.portfolio.currency.to_string();
    let others: Vec<_> = settings
        .entities
        .iter()
        .filter_map(|entity| Some((&entity.id, entity.currency.as_ref()?)))
        .filter(|(_, currency)| *currency.get_ref() != own)
        .collect();
    if others.is_empty() {
        return;
    }
    if !check.catalog.pieces.iter().any(|piece| piece.name == RATES) {
        problems.extend(others.iter().map(|(id, currency)| {
            let message = format!(
                "{id} counts in {} and the portfolio in {own}, and no view gives {RATES}: what adds them up is unknown",
                currency.get_ref()
            );
            let suggestion = format!("add catalog/views/{RATES}.<piece>.sql with day, currency, rate, source");
            Problem::warning("no-rates", FILE, message)
                .at(text, currency.span())
                .suggest(suggestion)
        }));
    }
    let text = check.files.get(SCHEMA).unwrap_or_default();
    for (name, table) in &check.catalog.canonical {
        let has = |wanted: &str| table.columns.iter().any(|(column, _)| column == wanted);
        let decimals = table.columns.iter().filter(|(_, t)| *t == ColumnType::Decimal);
        let decimals: Vec<&str> = decimals.map(|(column, _)| column.as_str()).collect();
        if table.money.is_some() || decimals.is_empty() || !has("entity") {
            continue;
        }
        let message = format!(
            "{name} does not say which of its columns are money: {} of {} count in no figure of the portfolio",
            decimals.join(", "),
            others
                .iter()
                .map(|(id, _)| id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        );
        let problem = Problem::warning("no-money", SCHEMA, message).suggest(
            "write money = { columns = [...], dated = [...] }, or money = { columns = [] } if none is",
        );
        let header = format!("[{name}]");
        problems.push(match text.find(&header) {
            Some(at) => problem.at(text, at..at + header.len()),
            None => problem,
        });
    }
}
