//! What every [`Ledger`](crate::ledger::Ledger) does. [`runs`] is the join and the run, [`parts`] a part that takes long, [`deliveries`] the mail, [`upkeep`]
//! what the sweeper and an operator do, [`feedback`] what the mail service tells of a mail, [`control`] what stops and releases it, [`decided`] what people decided,
//! [`notices`] what the operator has to be told.

use jiff::{SignedDuration, Timestamp};

use crate::{
    id::{Generation, MailEpoch, RunId, Sha256},
    ledger::{Ledger, PartRef, RunPlan},
    message::Input,
};

pub mod control;
pub mod decided;
pub mod deliveries;
pub mod feedback;
pub mod notices;
pub mod parts;
pub mod runs;
pub mod upkeep;

/// Tests for a ledger: the argument is a future of `Option<impl Ledger>`, a new ledger for each test.
#[macro_export]
macro_rules! ledger_contract {
    ($make:expr) => {
        use $crate::contract::ledger::{
            control as control_sentences, decided as decision_sentences, deliveries as delivery_sentences,
            feedback as feedback_sentences, notices as notice_sentences, parts as part_sentences,
            runs as run_sentences, upkeep as upkeep_sentences,
        };
        $crate::contract_tests!(
            $make,
            run_sentences,
            [
                a_run_is_planned_once,
                a_later_generation_replaces_the_plan_and_an_earlier_one_does_not,
                a_run_reads_back_as_it_was_written,
                runs_are_listed_newest_first,
                runs_between_two_days_are_those_of_both_days_and_no_other,
                of_parts_that_finish_together_exactly_one_is_the_last,
                a_redelivered_part_asks_again_whether_the_next_message_was_sent,
                a_part_of_an_older_generation_is_stale,
                a_part_that_comes_after_it_was_given_up_is_late,
                a_part_that_nobody_planned_is_an_error,
                a_note_that_comes_late_never_moves_the_run_back,
                the_first_analysis_stands_and_another_is_refused,
                documents_join_as_parts_do,
                a_run_ends_once_and_only_in_an_end_state,
                what_was_never_planned_is_named,
                audit_lines_are_kept_in_order_and_the_same_line_once,
                of_two_lines_about_a_runs_end_the_first_stands,
            ]
        );
        $crate::contract_tests!(
            $make,
            part_sentences,
            [
                every_attempt_at_a_part_has_a_number_of_its_own,
                a_checkpoint_is_found_by_the_next_attempt_and_counts_as_progress,
                an_attempt_that_was_overtaken_notes_nothing,
                another_generation_reads_a_part_anew,
            ]
        );
        $crate::contract_tests!(
            $make,
            delivery_sentences,
            [
                a_delivery_is_planned_once,
                of_two_that_begin_a_delivery_at_once_one_gets_it,
                beginning_again_with_the_same_owner_and_lease_is_the_same_attempt,
                a_delivery_whose_lease_is_over_becomes_unknown_and_is_never_begun_again,
                an_owner_that_comes_back_after_its_lease_may_still_say_how_it_ended,
                a_throttled_delivery_waits_until_it_is_due,
                the_outcome_of_an_earlier_attempt_is_fenced,
                settling_twice_is_settled_once,
                a_delivery_that_the_fallback_took_says_so,
                every_outcome_leads_to_its_state,
                a_delivery_that_was_never_planned_is_unknown,
                deliveries_are_listed_by_key,
                a_run_has_open_deliveries_until_the_last_is_at_its_end,
            ]
        );
        $crate::contract_tests!(
            $make,
            upkeep_sentences,
            [
                open_runs_are_those_that_are_due_and_have_not_ended,
                a_run_that_is_looked_at_is_due_again_later_unless_it_has_ended,
                documents_that_never_came_are_given_up_and_late_after_that,
                a_requeue_is_the_next_generation_and_a_second_one_is_told_that_it_moved,
                a_requeue_from_each_stage_keeps_what_is_before_it,
                a_requeue_of_one_document_leaves_the_others_complete,
                a_run_that_cannot_be_taken_up_from_a_stage_says_why,
                a_lease_is_ended_when_it_is_over_and_not_before,
                a_delivery_that_waits_gets_the_mail_of_a_later_generation,
                a_delivery_that_was_set_aside_was_never_begun_and_waits_again_with_a_later_mail,
            ]
        );
        $crate::contract_tests!(
            $make,
            feedback_sentences,
            [
                an_event_is_stored_once_under_its_name,
                an_event_moves_a_delivery_forward_and_never_back,
                an_event_of_an_attempt_under_way_ends_it_and_its_owner_finds_it_settled,
                a_send_event_resolves_a_delivery_in_doubt,
                an_event_of_another_mail_or_of_no_mail_moves_nothing,
                an_event_of_no_delivery_says_so,
                a_quarantined_event_is_listed_by_its_day_once,
                transient_bounces_are_counted_once_an_event,
                the_first_reason_on_the_list_stands_but_a_suppression_replaces_a_hold,
                whoever_is_taken_off_the_list_starts_afresh,
            ]
        );
        $crate::contract_tests!(
            $make,
            control_sentences,
            [
                the_brake_that_is_on_stands_and_one_that_is_over_is_replaced,
                only_the_brake_that_was_seen_is_released,
                a_held_delivery_is_let_go_once_and_says_so,
                a_delivery_held_in_doubt_is_flagged_when_it_is_let_go,
                a_doubt_ends_once_and_a_resend_is_once,
                a_send_event_ends_a_doubt_for_good,
                a_run_is_opened_again_at_its_generation_only,
                the_suppression_list_is_listed,
                the_deployments_audit_is_kept_apart_from_the_runs,
            ]
        );
        $crate::contract_tests!(
            $make,
            decision_sentences,
            [
                a_decision_is_stored_once_under_its_id,
                decisions_are_listed_oldest_first,
                a_decision_reads_back_as_it_was_written,
                decisions_of_another_portfolio_are_not_listed,
            ]
        );
        $crate::contract_tests!(
            $make,
            notice_sentences,
            [
                a_run_that_did_not_end_well_waits_for_its_notice_and_is_told_of_once,
                mail_that_came_back_after_the_end_opens_the_notice_once_a_document,
                mail_that_came_back_before_the_end_is_told_with_it_and_once_more_after_it,
                mail_that_came_back_while_its_notice_was_written_is_not_lost,
                mail_that_comes_back_a_week_after_the_end_opens_nothing,
            ]
        );
    };
}

/// The instant that the suite's nights begin at.
fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T08:00:00.000000007Z".parse().expect("a literal");
    start + SignedDuration::from_secs(seconds)
}

fn run() -> RunId {
    "harbor.2026-11-20".parse().expect("a literal")
}

fn input(key: &str) -> Input {
    Input {
        key: key.to_owned(),
        sha256: Sha256::of(key.as_bytes()),
        bytes: key.len() as u64,
    }
}

fn result(key: &str) -> PartRef {
    PartRef {
        input: input(key),
        rows: 3,
        failure: None,
    }
}

fn plan(parts: &[&str]) -> RunPlan {
    RunPlan {
        run: run(),
        generation: Generation(0),
        mail_epoch: MailEpoch(0),
        parts: parts
            .iter()
            .map(|part| part.parse().expect("a literal"))
            .collect(),
        portfolio: input("bundle.json"),
        scheduled_at: at(0),
        not_after: at(12 * 3600),
        tz: "America/Los_Angeles".to_owned(),
        only: None,
        planned_at: at(1),
        collect_until: at(1 + 1800),
    }
}

const G0: Generation = Generation(0);

/// A run with these parts, planned.
async fn planned(ledger: &dyn Ledger, parts: &[&str]) {
    ledger.plan_run(&plan(parts)).await.expect("planned");
}
