//! Series in a night: days that surprise, totals ahead, grades, and what is not known.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use shared::facts::{Analysis, ChangeKind, Value};

use super::{PIECE, built_in_night, bundle, night, says, table};
use crate::warehouse::LocalTable;

const SERIES: &str = r#"
[[series]]
id = "trips.daily"
title = "Trips booked"
unit = "count"
better = "up"
roles = ["cmo"]
least = 3.0
needs = ["bookings.booked_on"]
sql = "select entity, booked_on as day, count(*) as value from bookings where booked_on is not null group by entity, booked_on"
[[series]]
id = "sales.daily"
title = "Sales"
unit = "money"
better = "up"
roles = ["cfo"]
least = 50.0
needs = ["bookings.gross"]
sql = "select entity, booked_on as day, sum(gross) as value from bookings where booked_on is not null group by entity, booked_on"
"#;

const WEEK: [usize; 7] = [1, 2, 1, 3, 5, 8, 0];

/// Trips of the days before `end`, in this week's shape, and so many on `end` itself.
fn trips(days: i64, end: Date, last: usize) -> LocalTable {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for back in (0..days).rev() {
        let day = end - back.days();
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap();
        let trips = if back == 0 { last } else { WEEK[weekday] };
        rows.extend((0..trips).map(|_| [day.to_string(), "$100".to_owned(), "completed".to_owned()]));
    }
    let cells: Vec<Vec<&str>> = rows
        .iter()
        .map(|r| r.iter().map(String::as_str).collect())
        .collect();
    let rows: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
    table("boat-trips", &["on", "price", "state"], &rows)
}

async fn at(day: Date, table: LocalTable, previous: Option<&Analysis>) -> Analysis {
    let files = [("views/bookings.trips.sql", PIECE), ("series/a.toml", SERIES)];
    night(&bundle("", &files), &day.to_string(), vec![table], previous).await
}

/// A Thursday.
const END: Date = date(2026, 11, 19);

#[tokio::test]
async fn a_day_out_of_line_is_said_once_with_what_is_usual() {
    let quiet = at(END, trips(100, END, 3), None).await;
    let day = &quiet.days[1];
    assert_eq!(
        (day.fact.as_str(), &day.value, day.surprise),
        ("day:trips.daily@boat", &Value::Int(3), false)
    );
    assert_eq!((day.by.as_deref(), day.n), (Some("stl"), 99));

    let next = END + 1.day();
    let loud = at(next, trips(101, next, 25), Some(&quiet)).await;
    let day = &loud.days[1];
    assert!(day.surprise, "{day:?}");
    let change = loud.changes.iter().find(|c| c.fact == day.fact).unwrap();
    assert_eq!(change.kind, ChangeKind::Better);
    assert!(
        change
            .text
            .starts_with("Trips booked (Boat): 25 on 20 Nov 2026, usually 5"),
        "{}",
        change.text
    );
    // The night is run again with the one of the same day before it, as a later generation might be.
    let again = at(next, trips(101, next, 25), Some(&loud)).await;
    assert!(again.changes.iter().all(|c| c.fact != day.fact), "said already");
}

#[tokio::test]
async fn a_surprise_that_nobody_would_act_on_is_none() {
    let before = at(END, trips(100, END, 3), None).await;
    let next = END + 1.day();
    let night = at(next, trips(101, next, 7), Some(&before)).await;
    let day = &night.days[1];
    let high = day.high.as_ref().and_then(Value::magnitude).unwrap();
    assert!(high < 7.0, "outside of the band: {day:?}");
    assert!(
        !day.surprise,
        "two more than usual, and three would matter: {day:?}"
    );
    assert!(
        night.days[0].surprise,
        "$200 more than usual is more than $50: {:?}",
        night.days[0]
    );
}

#[tokio::test]
async fn totals_are_given_for_a_day_a_week_and_four_and_graded_when_their_days_are_over() {
    let first = at(END, trips(200, END, 3), None).await;
    let totals: Vec<(&str, &Value)> = first
        .forecasts
        .iter()
        .map(|f| (f.fact.as_str(), &f.value))
        .collect();
    let money = |minor| Value::Money {
        minor,
        currency: "USD".into(),
    };
    assert_eq!(
        totals,
        [
            ("forecast:sales.daily@boat#1d", &money(50_000)),
            ("forecast:sales.daily@boat#7d", &money(200_000)),
            ("forecast:sales.daily@boat#28d", &money(800_000)),
            ("forecast:trips.daily@boat#1d", &Value::Int(5)),
            ("forecast:trips.daily@boat#7d", &Value::Int(20)),
            ("forecast:trips.daily@boat#28d", &Value::Int(80)),
        ]
    );
    assert_eq!(first.grades, []);
    let next = END + 1.day();
    let second = at(next, trips(201, next, 9), Some(&first)).await;
    let grades: Vec<_> = second
        .grades
        .iter()
        .map(|g| (g.forecast.fact.as_str(), &g.actual, &g.miss, g.within))
        .collect();
    assert_eq!(
        grades,
        [
            (
                "forecast:sales.daily@boat#1d",
                &money(90_000),
                &money(40_000),
                Some(false)
            ),
            (
                "forecast:trips.daily@boat#1d",
                &Value::Int(9),
                &Value::Int(4),
                Some(false)
            ),
        ]
    );
    assert_eq!(second.grades[0].forecast.made_on, END);
}

#[tokio::test]
async fn without_its_table_a_series_is_unknown_and_nothing_is_said_of_days_to_come() {
    let known = at(END, trips(100, END, 3), None).await;
    let files = [("views/bookings.trips.sql", PIECE), ("series/a.toml", SERIES)];
    let next = END + 1.day();
    let blind = night(&bundle("", &files), &next.to_string(), Vec::new(), Some(&known)).await;
    assert_eq!(blind.days.len(), 2);
    for day in &blind.days {
        assert_eq!((&day.value, day.surprise), (&Value::Null, false));
        assert!(day.gap.is_some());
    }
    assert_eq!((blind.forecasts.len(), blind.grades.len()), (0, 0));
}

#[tokio::test]
async fn a_query_that_fails_is_named_and_stops_no_other() {
    let bad = SERIES.replacen("count(*) as value", "cuont(*) as value", 1);
    let files = [
        ("views/bookings.trips.sql", PIECE),
        ("series/a.toml", bad.as_str()),
    ];
    let night = night(
        &bundle("", &files),
        &END.to_string(),
        vec![trips(100, END, 3)],
        None,
    )
    .await;
    let problem = night
        .problems
        .iter()
        .find(|p| p.entry.as_deref() == Some("trips.daily"))
        .unwrap();
    assert!(problem.message.contains("cuont"), "{problem:?}");
    let trips = night.days.iter().find(|d| d.series == "trips.daily").unwrap();
    assert!(trips.gap.is_some());
    let sales = night.days.iter().find(|d| d.series == "sales.daily").unwrap();
    assert!(sales.gap.is_none() && sales.usual.is_some());
}

#[tokio::test]
async fn where_most_days_are_empty_a_week_is_judged_by_weeks_and_said_once() {
    // A trip every fifth day; five in the last week.
    let trips = |end: Date, burst: bool| {
        let days: Vec<String> = (0..300)
            .rev()
            .flat_map(|back: i64| {
                let trips = if burst && back < 5 {
                    4
                } else {
                    usize::from(back % 5 == 0)
                };
                std::iter::repeat_n((end - back.days()).to_string(), trips)
            })
            .collect();
        let rows: Vec<[&str; 3]> = days.iter().map(|d| [d.as_str(), "$100", "completed"]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|r| r.as_slice()).collect();
        table("boat-trips", &["on", "price", "state"], &rows)
    };
    let quiet = at(END, trips(END, false), None).await;
    let day = &quiet.days[1];
    assert_eq!(
        (day.days, day.surprise, day.by.as_deref()),
        (7, false, Some("weekday"))
    );
    let next = END + 1.day();
    let loud = at(next, trips(next, true), Some(&quiet)).await;
    assert_eq!((loud.days[1].days, &loud.days[1].value), (7, &Value::Int(21)));
    let said = |night: &Analysis| {
        night
            .changes
            .iter()
            .filter(|c| c.fact == "day:trips.daily@boat")
            .count()
    };
    assert_eq!(said(&loud), 1);
    let text = &loud
        .changes
        .iter()
        .find(|c| c.fact == "day:trips.daily@boat")
        .unwrap()
        .text;
    assert!(
        text.starts_with("Trips booked (Boat): 21 in the 7 days to 20 Nov 2026, usually "),
        "{text}"
    );
    let later = next + 1.day();
    assert_eq!(
        said(&at(later, trips(later, true), Some(&loud)).await),
        0,
        "the same week, for the most part"
    );
}

#[tokio::test]
async fn a_business_whose_source_was_not_read_is_not_forgotten_among_the_days() {
    let more = format!(
        "{}[[sources.dynamodb]]\ntable = \"bike-trips\"\nentity = \"bike\"\nattributes = [\"on\", \"price\", \"state\"]\n",
        super::entity("bike", "charter")
    );
    let bikes = PIECE
        .replace("'boat'", "'bike'")
        .replace("boat_trips", "bike_trips");
    let files = [
        ("views/bookings.trips.sql", PIECE),
        ("views/bookings.bikes.sql", bikes.as_str()),
        ("series/a.toml", SERIES),
    ];
    let night = night(
        &bundle(&more, &files),
        &END.to_string(),
        vec![trips(100, END, 3)],
        None,
    )
    .await;
    let of = |entity: &str| {
        let mut days = night.days.iter().filter(|d| d.series == "trips.daily");
        days.find(|d| d.entity.as_deref() == Some(entity)).unwrap()
    };
    assert_eq!(of("boat").value, Value::Int(3));
    assert_eq!(of("bike").value, Value::Null);
    assert_eq!(of("bike").gap.as_deref(), Some("bike-trips was not read"));
    assert!(
        night
            .forecasts
            .iter()
            .all(|f| f.entity.as_deref() == Some("boat"))
    );
}

#[tokio::test]
async fn how_much_can_be_computed_is_compared_with_the_first_night_that_is_remembered() {
    let bundle = bundle("", &[("views/bookings.trips.sql", PIECE)]);
    let first = built_in_night(&bundle, "2026-11-19", vec![trips(60, END, 3)], None).await;
    assert_eq!(
        says(&first, "coverage_trend"),
        "Unknown: there is no earlier night"
    );
    let second = built_in_night(&bundle, "2026-11-20", Vec::new(), Some(&first)).await;
    let said = says(&second, "coverage_trend");
    assert!(
        said.starts_with("Watch: ") && said.contains("; on 19 Nov 2026 it was "),
        "{said}"
    );
    assert_eq!(second.models["coverage_trend"].rows.len(), 2);
}

#[tokio::test]
async fn a_value_that_is_no_number_and_a_day_that_is_text_are_refused_and_no_zeros() {
    for (wrong, right, message) in [
        (
            "count(*) as value",
            "'x' as value",
            "column `value` is Utf8, no number",
        ),
        (
            "booked_on as day, count(*)",
            "cast(booked_on as varchar) as day, count(*)",
            "column `day` is Utf8, no date",
        ),
    ] {
        let bad = SERIES.replacen(wrong, right, 1);
        let bundle = bundle(
            "",
            &[
                ("views/bookings.trips.sql", PIECE),
                ("series/a.toml", bad.as_str()),
            ],
        );
        let night = night(&bundle, &END.to_string(), vec![trips(60, END, 3)], None).await;
        let problem = night
            .problems
            .iter()
            .find(|p| p.entry.as_deref() == Some("trips.daily"));
        assert_eq!(problem.unwrap().message, message);
        let day = night.days.iter().find(|d| d.series == "trips.daily").unwrap();
        assert_eq!((&day.value, day.gap.is_some()), (&Value::Null, true));
        let problems = crate::check_catalog(&bundle, &super::portfolio(&bundle)).await;
        assert!(problems.iter().any(|p| p.message == message), "{problems:?}");
    }
}
