use jiff::civil::date;

use super::*;

fn rates(into: &str, of: &[(&str, Date, i128)]) -> Rates {
    let mut known = BTreeMap::<Currency, BTreeMap<Date, Rate>>::new();
    for (code, day, per_unit) in of {
        let rate = Rate {
            per_unit: *per_unit,
            day: *day,
            source: None,
        };
        known.entry(code.parse().unwrap()).or_default().insert(*day, rate);
    }
    Rates {
        into: into.parse().unwrap(),
        as_of: date(2026, 11, 20),
        days: 7,
        of: known,
        why: None,
    }
}

#[test]
fn a_rate_stands_for_seven_days_and_a_day_to_come_takes_the_nights() {
    let eur: Currency = "EUR".parse().unwrap();
    let rates = rates(
        "USD",
        &[
            ("EUR", date(2026, 11, 6), 1_100_000_000_000),
            ("EUR", date(2026, 11, 19), 1_200_000_000_000),
        ],
    );
    let of = |day| rates.on(eur, Some(day)).map(|rate| rate.per_unit);
    assert_eq!(of(date(2026, 11, 5)), None);
    assert_eq!(of(date(2026, 11, 13)), Some(1_100_000_000_000));
    assert_eq!(of(date(2026, 11, 14)), None);
    assert_eq!(of(date(2027, 3, 1)), Some(1_200_000_000_000));
    assert_eq!(rates.on(eur, None).map(|rate| rate.day), Some(date(2026, 11, 19)));
    assert_eq!(
        rates.lack(eur, date(2026, 11, 14)),
        "no exchange rate of EUR for 14 Nov 2026: the newest is of 6 Nov 2026, more than 7 days before"
    );
}

#[test]
fn halves_are_rounded_away_from_zero_to_the_minor_unit_of_the_portfolios_currency() {
    let day = date(2026, 11, 20);
    let into = |code: &str, per_unit: i128, amount: i128| {
        let rates = rates(code, &[("EUR", day, per_unit)]);
        let rate = rates.on("EUR".parse().unwrap(), None).unwrap().clone();
        rates.convert(amount, 4, &rate)
    };
    // 0.5000 at 1.01 is 0.505 dollars; 10.01 at 1.0857 is 10.867857.
    assert_eq!(into("USD", 1_010_000_000_000, 5_000), Some(5_100));
    assert_eq!(into("USD", 1_010_000_000_000, -5_000), Some(-5_100));
    assert_eq!(into("USD", 1_085_700_000_000, 100_100), Some(108_700));
    // A yen has no parts: 1.00 at 162.5 is 163.
    assert_eq!(into("JPY", 162_500_000_000_000, 10_000), Some(1_630_000));
    assert_eq!(into("USD", 1_085_700_000_000, i128::MAX / 2), None);
}
