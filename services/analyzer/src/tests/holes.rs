//! A source that was not read: what rests on it is unknown, and nothing of it is mended.

use shared::facts::{Analysis, ChangeKind, Status};

use super::{built_in_night, bundle, entity, rows, says, table, value};

/// What the boat's own table gives: overdue invoices and leads, of which one source tells.
const INVOICES: &str = "select 'boat' as entity, id as invoice_id, 'c' as customer, day(issued) as issued_on, day(due) as due_on, \
    money(amount) as amount, cast(0 as decimal(38, 4)) as paid, 'open' as status from raw.boat_trips";
const LEADS: &str = "select 'boat' as entity, id as lead_id, day(issued) as created_on, 'enquiry' as step, money(amount) as value \
    from raw.boat_trips";

async fn night(date: &str, came: bool, previous: Option<&Analysis>) -> Analysis {
    let columns = "entity invoice_id customer issued_on due_on amount paid status";
    let (van, invoices) = rows(
        "invoices",
        columns,
        &["van v1 W 2026-09-01 2026-10-01 300 0 open"],
    );
    let (_, leads) = rows(
        "leads",
        "entity lead_id created_on step value",
        &["van l1 2026-11-01 enquiry 100"],
    );
    let files = [
        (van.as_str(), invoices.as_str()),
        ("views/invoices.boat.sql", INVOICES),
        ("views/leads.van.sql", leads.as_str()),
        ("views/leads.boat.sql", LEADS),
    ];
    let trips: &[&[&str]] = &[
        &["1", "2026-11-01", "2026-11-02", "15060"],
        &["2", "2026-11-05", "2026-11-08", "1000"],
    ];
    let tables = vec![table("boat-trips", &["id", "issued", "due", "amount"], trips)];
    let tables = if came { tables } else { Vec::new() };
    let more = entity("van", "hauling") + "[targets]\n\"receivables.overdue\" = 2500\n";
    built_in_night(&bundle(&more, &files), date, tables, previous).await
}

fn changes(analysis: &Analysis) -> Vec<(ChangeKind, &str, &str)> {
    let all = analysis.changes.iter();
    all.map(|c| (c.kind, c.fact.as_str(), c.text.as_str())).collect()
}

#[tokio::test]
async fn rows_of_an_entity_whose_source_was_not_read_are_unknown_with_the_reason() {
    let analysis = night("2026-11-20", false, None).await;
    for fact in ["receivables.overdue@boat", "leads.created_30d@boat"] {
        assert_eq!(value(&analysis, fact), "-", "{fact}");
        let kpi = analysis
            .kpis
            .iter()
            .find(|k| k.fact == format!("kpi:{fact}"))
            .unwrap();
        assert_eq!(kpi.note.as_deref(), Some("unknown: boat-trips was not read"));
        assert_eq!(kpi.status, Status::Unknown);
    }
    assert_eq!(value(&analysis, "receivables.overdue@van"), "$300.00");
    let all = analysis
        .kpis
        .iter()
        .find(|k| k.fact == "kpi:receivables.overdue")
        .unwrap();
    assert_eq!(value(&analysis, "receivables.overdue"), "$300.00");
    assert_eq!(all.note.as_deref(), Some("without Boat: boat-trips was not read"));
    assert_eq!(
        all.status,
        Status::Unknown,
        "a part below the target says nothing of the whole"
    );
    let boat = &analysis.entities[0];
    assert_eq!(
        (boat.status, boat.reason.as_str()),
        (Status::Unknown, "boat-trips was not read, so it cannot be judged")
    );
    let note = analysis.models["ageing"].note.as_deref().unwrap();
    assert!(
        note.starts_with("Without Boat: boat-trips was not read."),
        "{note}"
    );
}

#[tokio::test]
async fn nothing_gets_better_and_nothing_is_resolved_for_want_of_a_source() {
    let first = night("2026-11-19", true, None).await;
    assert!(
        first
            .shortfalls
            .iter()
            .any(|s| s.fact == "shortfall:receivables.overdue@boat")
    );
    let second = night("2026-11-20", false, Some(&first)).await;
    let said = changes(&second);
    let good: Vec<_> = said
        .iter()
        .filter(|(kind, _, _)| matches!(kind, ChangeKind::Better | ChangeKind::Resolved | ChangeKind::New))
        .collect();
    assert_eq!(good, Vec::<&(ChangeKind, &str, &str)>::new());
    let overdue = said
        .iter()
        .find(|(_, fact, _)| *fact == "shortfall:receivables.overdue@boat")
        .unwrap();
    assert_eq!(overdue.0, ChangeKind::Worse);
    assert!(
        overdue
            .2
            .starts_with("Cannot be seen any more (boat-trips was not read): Boat: $16,060 is overdue"),
        "{}",
        overdue.2
    );
    let strip = second
        .kpis
        .iter()
        .find(|k| k.fact == "kpi:receivables.overdue")
        .unwrap();
    assert_eq!(
        (&strip.previous, &strip.delta),
        (&None, &None),
        "a part is not compared with the whole"
    );
    // And when it is read again, the whole is not compared with the part.
    let third = night("2026-11-21", true, Some(&second)).await;
    let worse: Vec<_> = changes(&third)
        .into_iter()
        .filter(|(_, f, _)| f.starts_with("kpi:receivables"))
        .collect();
    assert_eq!(worse, []);
    let strip = third
        .kpis
        .iter()
        .find(|k| k.fact == "kpi:receivables.overdue")
        .unwrap();
    assert_eq!(strip.history.len(), 1, "{:?}", strip.history);
}

#[tokio::test]
async fn a_source_that_is_read_and_paid_up_resolves_as_ever() {
    let first = night("2026-11-19", true, None).await;
    let columns = "entity invoice_id customer issued_on due_on amount paid status";
    let (van, invoices) = rows(
        "invoices",
        columns,
        &["van v1 W 2026-09-01 2026-10-01 300 0 open"],
    );
    let files = [
        (van.as_str(), invoices.as_str()),
        ("views/invoices.boat.sql", INVOICES),
    ];
    let rows_of: &[&[&str]] = &[];
    let empty = table("boat-trips", &["id", "issued", "due", "amount"], rows_of);
    let more = entity("van", "hauling");
    let second = built_in_night(&bundle(&more, &files), "2026-11-20", vec![empty], Some(&first)).await;
    let resolved = changes(&second)
        .into_iter()
        .any(|(kind, fact, _)| kind == ChangeKind::Resolved && fact == "shortfall:receivables.overdue@boat");
    assert!(resolved, "{:?}", changes(&second));
    assert!(says(&second, "ageing").starts_with("Bad") || says(&second, "ageing").starts_with("Watch"));
}

#[tokio::test]
async fn an_entity_that_never_filled_a_table_has_no_figure_of_it() {
    let (path, sql) = rows(
        "leads",
        "entity lead_id created_on step value",
        &["van l1 2026-11-01 enquiry 100"],
    );
    let columns = "entity booking_id booked_on service_from status gross";
    let (bookings, sql2) = rows(
        "bookings",
        columns,
        &["boat b1 2026-10-01 2026-10-02 completed 100"],
    );
    let files = [(path.as_str(), sql.as_str()), (bookings.as_str(), sql2.as_str())];
    let analysis = built_in_night(
        &bundle(&entity("van", "hauling"), &files),
        "2026-11-20",
        Vec::new(),
        None,
    )
    .await;
    // It needs leads.value, and the boat keeps no leads: $0.00 would say that nobody asked.
    assert_eq!(value(&analysis, "bookings.pipeline_value@boat"), "no such fact");
    assert_eq!(value(&analysis, "bookings.pipeline_value"), "$100.00");
}

#[tokio::test]
async fn an_entity_whose_sales_are_invoices_needs_no_bookings() {
    let columns = "entity invoice_id customer issued_on due_on amount paid status";
    let (invoices, sql) = rows(
        "invoices",
        columns,
        &["van v1 W 2026-11-02 2026-12-01 300 0 open"],
    );
    let columns = "entity booking_id booked_on service_from status customer gross";
    let (bookings, sql2) = rows(
        "bookings",
        columns,
        &["boat b1 2026-11-01 2026-11-02 completed c 100"],
    );
    let files = [
        (invoices.as_str(), sql.as_str()),
        (bookings.as_str(), sql2.as_str()),
    ];
    let analysis = built_in_night(
        &bundle(&entity("van", "agency"), &files),
        "2026-11-20",
        Vec::new(),
        None,
    )
    .await;
    assert_eq!(value(&analysis, "bookings.net_revenue_mtd@van"), "$300.00");
    assert_eq!(value(&analysis, "bookings.net_revenue_mtd"), "$400.00");
}
