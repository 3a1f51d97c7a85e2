use shared::{
    id::{Generation, MailEpoch, Sha256},
    ledger::{DeliveryKey, RunPlan, RunState},
    message::Input,
};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn document(id: &str) -> DocumentId {
    id.parse().unwrap()
}

fn rid(number: usize) -> Rid {
    format!("{number:032x}").parse().unwrap()
}

fn input() -> Input {
    Input {
        key: "k".to_owned(),
        sha256: Sha256::of(b"k"),
        bytes: 1,
    }
}

/// A run that ended so, of which nothing was told.
fn run(state: RunState) -> RunRow {
    let end = at("2026-11-21T10:40:00Z");
    RunRow {
        plan: RunPlan {
            run: "harbor.2026-11-20".parse().unwrap(),
            generation: Generation(0),
            mail_epoch: MailEpoch(1),
            parts: ["handoffs".parse().unwrap()].into(),
            portfolio: input(),
            scheduled_at: at("2026-11-21T10:30:00Z"),
            not_after: end,
            tz: "UTC".to_owned(),
            only: None,
            planned_at: end,
            collect_until: end,
        },
        state,
        pending_parts: [].into(),
        parts: [].into(),
        missing_parts: [].into(),
        late_parts: [].into(),
        analyze_sent_at: None,
        analysis: None,
        pending_documents: [].into(),
        documents: [].into(),
        missing_documents: [document("cto")].into(),
        mail_sent_at: None,
        finished_at: Some(end),
        end_told: None,
        came_back: [].into(),
    }
}

fn delivery(id: &str, number: usize, state: DeliveryState, reason: &str) -> DeliveryRow {
    DeliveryRow {
        key: DeliveryKey {
            run: "harbor.2026-11-20".parse().unwrap(),
            document: document(id),
            rid: rid(number),
            mail_epoch: MailEpoch(1),
        },
        state,
        attempt: 1,
        lease_until: None,
        next_at: None,
        message_id: None,
        reason: Some(reason.to_owned()),
        held_for: None,
        released_at: None,
        possible_duplicate: false,
        by_fallback: false,
        mail: input(),
        not_after: at("2026-11-21T20:00:00Z"),
        updated_at: at("2026-11-21T10:40:00Z"),
    }
}

fn deliveries() -> Vec<DeliveryRow> {
    use DeliveryState::{Bounced, Delivered, Held, Suppressed};
    let mut rows: Vec<_> = (0..7)
        .map(|number| delivery("cfo", number, Bounced, "Bounce Permanent/NoEmail"))
        .collect();
    rows.push(delivery("cfo", 8, Bounced, "Bounce Transient/MessageTooLarge"));
    rows.push(delivery(
        "ceo",
        1,
        Suppressed,
        "Bounce Permanent/NoEmail since yesterday",
    ));
    rows.push(delivery("ceo", 9, Held, "a core source was not read"));
    rows.push(delivery("ceo", 10, Delivered, ""));
    let mut earlier = delivery("ceo", 11, Bounced, "of an earlier epoch");
    earlier.key.mail_epoch = MailEpoch(0);
    rows.push(earlier);
    rows
}

/// The recipients 0 to 6.
fn suppressed() -> BTreeMap<Rid, Verdict> {
    (0..7).map(|number| (rid(number), Verdict::Suppress)).collect()
}

fn lines(notice: &Notice) -> Vec<&str> {
    notice.text.lines().collect()
}

#[test]
fn a_notice_names_the_document_the_cause_the_count_what_follows_and_a_few_of_whom() {
    let (row, rows) = (run(RunState::Degraded), deliveries());
    let notice = notice(&row, &rows, &suppressed(), at("2026-11-21T11:00:00Z"));
    assert_eq!(notice.subject, "Quarterdeck: harbor.2026-11-20 DEGRADED");
    let names: Vec<String> = (0..5).map(|number| rid(number).to_string()).collect();
    let lines = lines(&notice);
    assert_eq!(lines[1], "Documents that were never made: cto");
    assert_eq!(
        lines[2..6],
        [
            "ceo: 1 HELD: a core source was not read".to_owned(),
            format!(
                "ceo: 1 SUPPRESSED: Bounce Permanent/NoEmail since yesterday ({})",
                rid(1)
            ),
            format!(
                "cfo: 7 BOUNCED: Bounce Permanent/NoEmail; nothing is mailed there any more ({}) and 2 more",
                names.join(", ")
            ),
            format!("cfo: 1 BOUNCED: Bounce Transient/MessageTooLarge ({})", rid(8)),
        ]
    );
    assert!(!notice.text.contains("earlier epoch"), "{}", notice.text);
}

#[test]
fn what_comes_back_after_the_end_is_told_of_its_documents_alone() {
    let rows = deliveries();
    let row = RunRow {
        came_back: [document("cfo")].into(),
        ..run(RunState::Finished)
    };
    let notice = notice(&row, &rows, &BTreeMap::new(), at("2026-11-21T11:00:00Z"));
    assert_eq!(notice.subject, "Quarterdeck: harbor.2026-11-20 mail came back");
    let lines = lines(&notice);
    assert_eq!(
        lines[0],
        "The run harbor.2026-11-20 had ended FINISHED when mail of it came back."
    );
    assert!(lines[1].starts_with("cfo: 7 BOUNCED") && lines[2].starts_with("cfo: 1 BOUNCED"));
    assert!(!notice.text.contains("ceo"), "{}", notice.text);
    assert!(
        !notice.text.contains("never made"),
        "its end is nothing to tell of"
    );
}

#[test]
fn a_subject_fits_sns_whatever_the_run_is_called() {
    let mut row = run(RunState::Degraded);
    row.plan.run = format!("{}.2026-11-20", "a".repeat(32)).parse().unwrap();
    for told in [None, row.finished_at] {
        row.end_told = told;
        let subject = notice(&row, &[], &BTreeMap::new(), at("2026-11-21T11:00:00Z")).subject;
        assert!(subject.len() < 100 && subject.is_ascii(), "{subject}");
    }
}

#[test]
fn the_list_is_asked_of_those_whose_mail_came_back_only() {
    let asked = asked_of(&run(RunState::Degraded), &deliveries());
    assert_eq!(asked, (0..7).chain([8]).map(rid).collect::<BTreeSet<_>>());
}
