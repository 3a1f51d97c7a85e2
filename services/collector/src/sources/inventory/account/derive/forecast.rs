//! The forecast of the month under way: what it has cost is added to what is to come.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::sources::inventory::account::rows::{Inventory, set, text};

/// A forecast begins today: the days of its month before are added. If one of them is not known, the month has no forecast.
pub fn fill(inventory: &mut Inventory, today: Date) {
    let month = today.first_of_month().to_string();
    let spent = spent(inventory, today);
    for row in inventory.rows_mut("cost_forecast") {
        if text(row, "month") != Some(month.as_str()) {
            continue;
        }
        for column in ["amount", "low", "high"] {
            let whole = text(row, column)
                .and_then(|t| t.parse::<Decimal>().ok())
                .zip(spent)
                .map(|(a, b)| a + b);
            set(row, column, whole.map(|amount| amount.normalize().to_string()));
        }
    }
}

/// What this month has cost before today; none where a day has no row: Cost Explorer is hours behind, and a day that it does
/// not know yet is neither in its figures nor in its forecast from today on.
fn spent(inventory: &Inventory, today: Date) -> Option<Decimal> {
    let (first, end) = (today.first_of_month().to_string(), today.to_string());
    let (mut days, mut sum) = (BTreeSet::new(), Decimal::ZERO);
    for row in inventory.rows("cost_daily") {
        let Some(day) = text(row, "day").filter(|day| (first.as_str()..end.as_str()).contains(day)) else {
            continue;
        };
        sum += text(row, "amount")?.parse::<Decimal>().ok()?;
        days.insert(day);
    }
    let before = usize::try_from(today.day() - 1).ok()?;
    (inventory.tables.contains_key("cost_daily") && days.len() == before).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{column, derived, some};

    const MONTHS: &str = r#"[{"month":"2026-11-01","amount":"10","low":"8","high":"12"},{"month":"2026-12-01","amount":"30"}]"#;

    /// A quarter a day of November, and more around it.
    fn days(of: impl Iterator<Item = u8>) -> String {
        let days = of.map(|day| format!(r#"{{"day":"2026-11-{day:02}","amount":"0.25"}}"#));
        let around = r#"{"day":"2026-10-31","amount":"9"},{"day":"2026-11-21","amount":"7"}"#;
        format!("[{},{around}]", days.collect::<Vec<_>>().join(","))
    }
    fn amounts(days: &str) -> Vec<Option<String>> {
        let inventory = derived(&[("cost_daily", days), ("cost_forecast", MONTHS)]);
        column(&inventory, "cost_forecast", "amount")
    }

    #[test]
    fn a_month_under_way_is_what_it_cost_before_today_and_what_is_to_come() {
        // Today, the 21st, is in the forecast and not counted twice.
        assert_eq!(amounts(&days(1..=20)), [some("15"), some("30")]);
    }

    #[test]
    fn a_month_with_a_day_that_is_not_known_has_no_forecast() {
        assert_eq!(amounts(&days(1..=19)), [None, some("30")]);
        assert_eq!(
            amounts(&days((1..=20).filter(|day| *day != 7))),
            [None, some("30")]
        );
        let unread = derived(&[("cost_forecast", MONTHS)]);
        assert_eq!(column(&unread, "cost_forecast", "amount"), [None, some("30")]);
    }
}
