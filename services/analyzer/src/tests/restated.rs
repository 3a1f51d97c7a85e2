//! A past that changed: which rows.

use std::sync::Arc;

use shared::{
    catalog::CatalogFiles,
    facts::{Analysis, Change, ChangeKind, RowChange, Value},
    faulty::{Faults, FaultyStore},
    objects::Objects,
    portfolio::Bundle,
};

use super::{bundle, entity, files, kept::night, table};
use crate::{diff::diff, night::to_json, warehouse::LocalTable};

const SCHEMA: &str = r#"
[bookings]
doc = "Trips."
columns = { entity = "text", booking_id = "text", booked_on = "date", gross = "decimal", status = "text", customer = "text" }
money = { columns = ["gross"], dated = ["booked_on"] }
key = ["entity", "booking_id"]
values.status = ["booked", "completed"]
"#;
const PIECE: &str = "select whose as entity, id as booking_id, day(\"on\") as booked_on, money(price) as gross, state as status, \
     who as customer from raw.boat_trips";
const COLUMNS: [&str; 6] = ["whose", "id", "on", "price", "state", "who"];
const KPI: &str = r#"
[[kpi]]
id = "sales.last_month"
title = "Sales"
unit = "money"
better = "up"
grain = "entity"
period = "last_month"
blocks = "x"
fix = "x"
sql = "select entity, sum(gross) as value from bookings where booked_on between $from and $to group by grouping sets ((entity), ())"
"#;
const SOLD: [&str; 6] = ["boat", "B-1", "2026-10-01", "100", "booked", "Jane Roe"];
const ALSO: [&str; 6] = ["boat", "B-2", "2026-10-02", "50", "completed", "John Doe"];

fn with(row: [&'static str; 6], changes: &[(&str, &'static str)]) -> [&'static str; 6] {
    let mut row = row;
    for (column, value) in changes {
        row[COLUMNS.iter().position(|known| known == column).unwrap()] = *value;
    }
    row
}

fn trips(rows: &[[&'static str; 6]]) -> LocalTable {
    let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
    table("boat-trips", &COLUMNS, &rows)
}

fn holding(kpi: &str) -> Bundle {
    let files = [
        ("schema.toml", SCHEMA),
        ("views/bookings.trips.sql", PIECE),
        ("kpis/a.toml", kpi),
    ];
    bundle(&entity("bus", "charter"), &files)
}

/// Two nights in a row.
async fn second(before: &[[&'static str; 6]], after: &[[&'static str; 6]]) -> Analysis {
    let (objects, bundle) = (Objects::memory(), holding(KPI));
    let made = (&files(&bundle), &bundle);
    let first = night(&objects, made, "2026-11-19", trips(before), None).await;
    night(&objects, made, "2026-11-20", trips(after), Some(&first))
        .await
        .analysis
}

fn change<'a>(analysis: &'a Analysis, fact: &str) -> &'a Change {
    let change = analysis.changes.iter().find(|c| c.fact == fact);
    let change = change.unwrap_or_else(|| panic!("{fact} is not in {:?}", analysis.changes));
    assert_eq!(change.kind, ChangeKind::Restated);
    change
}

/// What is said of the rows behind the portfolio's sales.
fn rows(analysis: &Analysis) -> &str {
    let text = &change(analysis, "kpi:sales.last_month").text;
    text.split_once("for the same days: ").unwrap().1
}

#[tokio::test]
async fn a_row_of_the_past_that_changed_is_named_with_what_it_was_and_is() {
    let analysis = second(&[SOLD, ALSO], &[with(SOLD, &[("price", "150")]), ALSO]).await;
    let change = change(&analysis, "kpi:sales.last_month@boat");
    assert_eq!(
        change.text,
        "Sales (Boat) is now $200.00, and was given as $150.00 for the same days: \
         bookings B-1 gross was $100.00 and is $150.00"
    );
    assert_eq!(
        rows(&analysis),
        "bookings B-1 (Boat) gross was $100.00 and is $150.00",
        "of the portfolio's figure whose row it is is said"
    );
    let restated = change.restated.as_ref().unwrap();
    let row = &restated.rows[0];
    assert_eq!(
        (restated.rows.len(), restated.more, &restated.unknown),
        (1, 0, &None)
    );
    assert_eq!(
        (
            row.table.as_str(),
            row.key.as_deref(),
            row.entity.as_deref(),
            row.what
        ),
        ("bookings", Some("B-1"), Some("boat"), RowChange::Changed)
    );
    let dollars = |minor| Value::Money {
        minor,
        currency: "USD".into(),
    };
    let column = &row.columns[0];
    assert_eq!(
        (column.column.as_str(), &column.before, &column.after),
        ("gross", &dollars(10_000), &dollars(15_000))
    );
}

#[tokio::test]
async fn the_rows_behind_a_restated_figure_are_in_the_difference_of_its_night_and_the_one_before() {
    let (objects, bundle) = (Objects::memory(), holding(KPI));
    let made = (&files(&bundle), &bundle);
    let raised = with(SOLD, &[("price", "150")]);
    let first = night(&objects, made, "2026-11-18", trips(&[SOLD]), None).await;
    let same = night(&objects, made, "2026-11-19", trips(&[SOLD]), Some(&first)).await;
    let third = night(&objects, made, "2026-11-20", trips(&[raised]), Some(&same)).await;
    let rows = |before: &Analysis| {
        let found = diff(before, &third.analysis).facts;
        let sales = found.into_iter().find(|f| f.fact == "kpi:sales.last_month");
        let fields = sales.unwrap().fields;
        fields.into_iter().find(|field| field.field == "restated")
    };
    let field = rows(&same.analysis).unwrap();
    assert_eq!(field.after["rows"][0]["key"], "B-1");
    assert!(field.shown.1.ends_with("gross was $100.00 and is $150.00"));
    assert!(
        rows(&first.analysis).is_none(),
        "what changed since a night that was not compared with nobody looked up"
    );
}

#[tokio::test]
async fn rows_of_the_past_that_came_and_went_are_named() {
    let new = with(SOLD, &[("id", "B-3"), ("on", "2026-10-05"), ("price", "70")]);
    let analysis = second(&[SOLD, ALSO], &[ALSO, new]).await;
    assert_eq!(
        rows(&analysis),
        "bookings B-1 (Boat) of 1 Oct 2026 is gone, gross $100.00; bookings B-3 (Boat) of 5 Oct 2026 is new, gross $70.00"
    );
    let rows = &change(&analysis, "kpi:sales.last_month")
        .restated
        .as_ref()
        .unwrap()
        .rows;
    let whats: Vec<_> = rows.iter().map(|row| row.what).collect();
    assert_eq!(whats, [RowChange::Removed, RowChange::Added]);
}

#[tokio::test]
async fn rows_after_the_days_of_a_figure_are_not_named_and_those_before_them_last() {
    let later = with(SOLD, &[("id", "B-8"), ("on", "2026-11-05")]);
    let earlier = with(SOLD, &[("id", "B-9"), ("on", "2026-09-01")]);
    let before = [SOLD, later, earlier];
    let after = [
        with(SOLD, &[("price", "150")]),
        with(later, &[("price", "5000")]),
        with(earlier, &[("price", "900")]),
        with(SOLD, &[("id", "B-10"), ("on", "2026-11-20")]),
    ];
    assert_eq!(
        rows(&second(&before, &after).await),
        "bookings B-1 (Boat) gross was $100.00 and is $150.00; bookings B-9 (Boat) gross was $100.00 and is $900.00"
    );
}

#[tokio::test]
async fn rows_of_other_businesses_are_not_behind_a_figure_of_one() {
    let bus = with(SOLD, &[("whose", "bus"), ("id", "C-1")]);
    let raised = with(bus, &[("price", "130")]);
    let analysis = second(&[SOLD, bus], &[with(SOLD, &[("price", "110")]), raised]).await;
    let of = |fact| change(&analysis, fact).text.split_once("days: ").unwrap().1;
    assert_eq!(
        of("kpi:sales.last_month@boat"),
        "bookings B-1 gross was $100.00 and is $110.00"
    );
    assert_eq!(
        of("kpi:sales.last_month@bus"),
        "bookings C-1 gross was $100.00 and is $130.00"
    );
    assert_eq!(
        of("kpi:sales.last_month"),
        "bookings C-1 (The bus) gross was $100.00 and is $130.00; bookings B-1 (Boat) gross was $100.00 and is $110.00",
        "the largest amount first"
    );
}

#[tokio::test]
async fn five_rows_are_named_the_largest_first_and_the_others_counted_whatever_order_they_came_in() {
    let ids = ["B-1", "B-2", "B-3", "B-4", "B-5", "B-6", "B-7"];
    let prices = ["101", "102", "103", "104", "105", "106", "107"];
    let before = ids.map(|id| with(SOLD, &[("id", id)]));
    let mut after = before;
    for (row, price) in after.iter_mut().zip(prices) {
        *row = with(*row, &[("price", price)]);
    }
    let analysis = second(&before, &after).await;
    let change = change(&analysis, "kpi:sales.last_month");
    let restated = change.restated.as_ref().unwrap();
    let keys: Vec<_> = restated
        .rows
        .iter()
        .filter_map(|row| row.key.as_deref())
        .collect();
    assert_eq!(
        (keys, restated.more),
        (vec!["B-7", "B-6", "B-5", "B-4", "B-3"], 2)
    );
    assert!(change.text.ends_with("; 2 rows more"), "{}", change.text);

    after.reverse();
    let again = second(&before, &after).await;
    let of = |analysis: &Analysis| {
        let change = analysis.changes.iter().find(|c| c.fact == "kpi:sales.last_month");
        serde_json::to_string(&change).unwrap()
    };
    assert_eq!(of(&again), of(&analysis));
    after.reverse();
    let bytes = to_json(&analysis).unwrap();
    assert_eq!(bytes, to_json(&second(&before, &after).await).unwrap());
    let read: Analysis = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(to_json(&read).unwrap(), bytes, "and it survives JSON and back");
}

#[tokio::test]
async fn words_that_somebody_wrote_are_not_repeated_and_a_row_named_like_a_person_has_no_name() {
    let named = with(SOLD, &[("id", "Jane Roe jane@example.com"), ("on", "2026-10-07")]);
    let rows_before = [SOLD, named];
    let mail = "mallory@example.com <script>";
    let rows_after = [
        with(SOLD, &[("price", "150"), ("who", mail)]),
        with(named, &[("price", "120")]),
    ];
    let analysis = second(&rows_before, &rows_after).await;
    assert_eq!(
        rows(&analysis),
        "bookings B-1 (Boat) gross was $100.00 and is $150.00, customer changed; \
         a row of bookings (Boat) of 7 Oct 2026 gross was $100.00 and is $120.00"
    );
    let json = String::from_utf8(to_json(&analysis).unwrap()).unwrap();
    for word in ["Jane", "mallory", "<script"] {
        assert!(!json.contains(word), "{word}");
    }
    let restated = change(&analysis, "kpi:sales.last_month")
        .restated
        .as_ref()
        .unwrap();
    assert_eq!(restated.rows[0].unshown, ["customer"]);
}

#[tokio::test]
async fn rows_of_a_night_that_are_gone_or_damaged_are_said_to_be_and_stop_nothing() {
    let (bundle, raised) = (holding(KPI), [with(SOLD, &[("price", "150")])]);
    let made = (&files(&bundle), &bundle);
    let gone = "the rows of the night before are no longer there to compare";
    let damaged = "the rows of the night before cannot be read to compare";
    for (what, said) in [
        ("table", gone),
        ("manifest", gone),
        ("damaged", damaged),
        ("others", damaged),
    ] {
        let objects = Objects::memory();
        let mut first = night(&objects, made, "2026-11-19", trips(&[SOLD]), None).await;
        let table = &first.tables[0].key;
        match what {
            "table" => objects.delete(table).await.unwrap(),
            "manifest" => objects.delete(&first.manifests[0].key).await.unwrap(),
            "damaged" => objects.replace(table, "no Parquet".into()).await.unwrap(),
            _ => first.manifests = Vec::new(),
        }
        let analysis = night(&objects, made, "2026-11-20", trips(&raised), Some(&first))
            .await
            .analysis;
        assert_eq!(rows(&analysis), said, "{what}");
        let restated = change(&analysis, "kpi:sales.last_month")
            .restated
            .as_ref()
            .unwrap();
        assert_eq!((restated.rows.len(), restated.more), (0, 0));
        assert_eq!(restated.unknown.as_deref(), Some(said));
    }
}

#[tokio::test]
async fn the_night_before_is_read_only_where_the_past_changed() {
    let faults = Arc::new(Faults::default());
    let store = FaultyStore {
        inner: Objects::memory().store(),
        faults: Arc::clone(&faults),
    };
    let (objects, bundle) = (Objects::new(Arc::new(store)), holding(KPI));
    let made = (&files(&bundle), &bundle);
    let first = night(&objects, made, "2026-11-17", trips(&[SOLD]), None).await;
    let calls = faults.calls();
    let new = with(SOLD, &[("id", "B-2"), ("on", "2026-11-18")]);
    let quiet = night(&objects, made, "2026-11-18", trips(&[SOLD, new]), Some(&first)).await;
    let of_quiet = faults.calls() - calls;
    assert_eq!(of_quiet, 3, "two objects written, and one read");
    let raised = with(SOLD, &[("price", "150")]);
    night(&objects, made, "2026-11-19", trips(&[raised, new]), Some(&quiet)).await;
    assert_eq!(
        faults.calls() - calls - of_quiet,
        of_quiet + 3,
        "the manifest and the table of the night before, and the night's own table again"
    );
}

#[tokio::test]
async fn a_figure_that_only_the_catalog_changed_has_no_row_behind_it() {
    let (objects, before) = (Objects::memory(), holding(KPI));
    let after = holding(&KPI.replace("sum(gross)", "sum(gross) * 2"));
    let first = night(
        &objects,
        (&files(&before), &before),
        "2026-11-19",
        trips(&[SOLD]),
        None,
    )
    .await;
    let made = (&files(&after), &after);
    let analysis = night(&objects, made, "2026-11-20", trips(&[SOLD]), Some(&first))
        .await
        .analysis;
    assert_eq!(
        rows(&analysis),
        "no row of bookings up to 31 Oct 2026 has changed, the catalog or the settings have"
    );
}

#[tokio::test]
async fn a_bill_that_aws_corrected_is_told_by_day_and_service() {
    let (objects, bundle) = (Objects::memory(), bundle("", &[]));
    let made = (&CatalogFiles::of(&bundle), &bundle);
    let columns = ["day", "service", "entity", "amount", "currency", "estimated"];
    let bill = |amount, estimated| {
        let corrected = ["2026-10-30", "Amazon S3", "-", amount, "USD", estimated];
        let other = ["2026-10-30", "AWS Lambda", "-", "0.40", "USD", "false"];
        table("cost_daily", &columns, &[&corrected, &other])
    };
    let first = night(&objects, made, "2026-11-01", bill("1.20", "true"), None).await;
    let second = night(&objects, made, "2026-11-02", bill("1.50", "false"), Some(&first)).await;
    assert_eq!(
        change(&second.analysis, "kpi:aws.cost_last_month").text,
        "AWS cost, last complete month is now $1.90, and was given as $1.60 for the same days: \
         cost_daily 2026-10-30 / Amazon S3 amount was $1.20 and is $1.50, estimated was true and is false"
    );
}
