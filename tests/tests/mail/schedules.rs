//! Random schedules of one delivery against [`Model`]: messages that come twice, late and at once, a service that does
//! whatever it may, events early, late, twice, out of order and forged, leases and doubts that run out, the sweeper, and an
//! operator. After every step the ledger shows what the model says. Seeded: a failure names its schedule.

use cli::{
    args::mail::Include,
    commands::mail::{
        Time,
        list::{suppress_on, unsuppress_on},
        resume::{Asked, Ports, resume_on},
    },
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::date};
use serde_json::{Value, json};
use shared::{
    clock::Clock,
    ledger::{Control, DeliveryRow, DeliveryState, Feedback, Ledger, RunState},
    mail::fake::{Answer, FakeSes},
};

use super::{
    model::{Model, Told},
    world::{Deployment, Night},
};

/// Schedules that share a database: a new one costs more than they do.
const SHARED: u64 = 250;

/// SplitMix64: small, seeded, and good enough to choose steps by.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Message(Answer),
    TwoAtOnce(Answer),
    Wait(i64),
    Told {
        told: Told,
        mail: usize,
        forged: bool,
    },
    Sweep,
    Resume {
        doubt: bool,
    },
    /// An operator puts the recipient on the list, or takes them off.
    List(bool),
}

fn step(random: &mut Random) -> Step {
    let answers = [
        Answer::Accept,
        Answer::Accept,
        Answer::throttle(),
        Answer::throttle(),
        Answer::reject(),
        Answer::account("Daily message quota exceeded."),
        Answer::drop_the_connection(),
        Answer::server_error(true),
        Answer::server_error(false),
        Answer::AcceptAndDie,
        Answer::AcceptAndDie,
    ];
    match random.below(20) {
        0..=6 => Step::Message(random.of(&answers)),
        7 => Step::TwoAtOnce(random.of(&answers)),
        8..=11 => Step::Wait(random.of(&[0, 1, 5, 6, 30, 61, 61, 400])),
        12..=15 => Step::Told {
            told: random.of(&Told::ALL),
            mail: random.below(2),
            forged: random.below(5) == 0,
        },
        16..=17 => Step::Sweep,
        18 if random.below(2) == 0 => Step::List(random.below(3) > 0),
        _ => Step::Resume {
            doubt: random.below(3) == 0,
        },
    }
}

fn event(told: Told, night: &Night, mail: usize, forged: bool) -> Option<String> {
    let mut mail = night.ses.mails().into_iter().nth(mail)?;
    if forged {
        // What a stranger cannot know is the recipient behind the rid.
        mail.to = "stranger@example.com".parse().unwrap();
    }
    let id = format!("feedback-{}-{told:?}{forged}", mail.message_id);
    let who = json!([{"emailAddress": mail.to.address()}]);
    let (kind, detail): (&str, Value) = match told {
        Told::Send => ("Send", json!({})),
        Told::Delay => (
            "DeliveryDelay",
            json!({"delayType": "MailboxFull", "delayedRecipients": who, "timestamp": mail.at.to_string()}),
        ),
        Told::Delivery => ("Delivery", json!({"recipients": [mail.to.address()]})),
        Told::Bounce => (
            "Bounce",
            json!({"bounceType": "Permanent", "bounceSubType": "NoEmail", "feedbackId": id, "bouncedRecipients": who}),
        ),
        Told::Complaint => (
            "Complaint",
            json!({"complaintFeedbackType": "abuse", "feedbackId": id, "complainedRecipients": who}),
        ),
    };
    Some(mail.event(kind, &detail))
}

async fn row(night: &Night) -> DeliveryRow {
    let mut rows = night.rows().await.into_iter();
    rows.find(|row| row.key.rid == Night::rid(0)).unwrap()
}

async fn play(night: &Night, model: &mut Model, step: Step) {
    let now = night.clock.now();
    let message = night.deliver_message(&model.key.rid).to_body();
    let next = format!("{}-{}", night.run.date(), night.ses.mails().len() + 1);
    match step {
        // Of two at once the second may come when the first has sent it once more.
        Step::TwoAtOnce(answer) if model.state != DeliveryState::Unknown => {
            night.ses.next([answer.clone()]);
            futures::join!(night.handle(message.clone()), night.handle(message));
            model.message(&answer, &next, now);
        }
        Step::Message(answer) | Step::TwoAtOnce(answer) => {
            night.ses.next([answer.clone()]);
            night.handle(message).await;
            model.message(&answer, &next, now);
        }
        Step::Wait(minutes) => {
            night.clock.advance(SignedDuration::from_mins(minutes));
        }
        Step::Told { told, mail, forged } => {
            if let Some(body) = event(told, night, mail, forged) {
                night.told([body]).await;
                if !forged {
                    let id = model.taken[mail].clone();
                    model.told(told, &id);
                }
            }
        }
        Step::Sweep => {
            let generation = night.plan.generation;
            night.ledger.reopen(&night.run, generation, now).await.unwrap();
            night.sweep().await;
            model.sweep(now);
        }
        Step::Resume { doubt } => {
            let ports = Ports {
                ledger: &*night.ledger,
                sender: None,
                time: Time::Of(&*night.clock),
            };
            let asked = Asked {
                portfolio: night.run.portfolio(),
                run: Some(&night.run),
                document: None,
                include: if doubt { &[Include::Doubt] } else { &[] },
                reason: "a schedule's",
            };
            resume_on(&ports, &asked).await.unwrap();
            model.resume(doubt, now);
        }
        Step::List(listed) => {
            let (ledger, rid) = (&*night.ledger, &model.key.rid);
            if listed {
                suppress_on(ledger, rid, "asked for it", now).await.unwrap();
            } else {
                unsuppress_on(ledger, rid, "asked for it", now).await.unwrap();
            }
            model.listed = listed;
        }
    }
    night.ses.script.lock().unwrap().clear();
    night.lose_messages();
}

async fn schedule(deployment: &Deployment, seed: u64, resends: bool, seen: &mut Seen) {
    let mut random = Random(seed);
    let day = date(1990, 1, 1)
        .checked_add(i64::try_from(seed).unwrap().days())
        .unwrap();
    let start: Timestamp = "2026-11-21T10:30:00Z".parse().unwrap();
    let clock = std::sync::Arc::new(shared::clock::ManualClock::at(start));
    let ses = FakeSes::new(clock.clone()).with_ids(&day.to_string());
    let night = deployment.night_with(&day.to_string(), clock, ses).await;
    night.turn().await;
    night.lose_messages();
    let mut model = Model::new(&row(&night).await, resends);
    let mut steps = Vec::new();
    for _ in 0..8 + random.below(9) {
        let step = step(&mut random);
        steps.push(step.clone());
        play(&night, &mut model, step).await;
        let row = row(&night).await;
        let shown = (
            row.state,
            row.attempt,
            row.held_for,
            row.possible_duplicate,
            row.message_id,
        );
        assert_eq!(shown, model.shown(), "schedule {seed}: {steps:#?}");
        let taken = night.ses.mails().len();
        assert_eq!(taken, model.taken.len(), "schedule {seed}: {steps:#?}");
        assert!(
            taken <= 1 || row.possible_duplicate,
            "schedule {seed}: mailed twice: {steps:#?}"
        );
        seen.note(&model);
    }
    // The next schedule's recipient is the same person, its account the same account, and this run is nobody's business.
    deployment.ledger.unsuppress(&model.key.rid).await.unwrap();
    if let Some(brake) = deployment.ledger.brake().await.unwrap() {
        deployment.ledger.release_brake(&brake).await.unwrap();
    }
    let end = deployment.ledger.finish_run(
        &night.run,
        night.plan.generation,
        RunState::Finished,
        night.clock.now(),
    );
    end.await.unwrap();
}

/// What the schedules came by: a generator that never gets anywhere proves nothing.
#[derive(Debug, Default)]
struct Seen {
    states: std::collections::BTreeMap<DeliveryState, usize>,
    flagged: usize,
    twice: usize,
}

impl Seen {
    fn note(&mut self, model: &Model) {
        *self.states.entry(model.state).or_default() += 1;
        self.flagged += usize::from(model.flagged);
        self.twice += usize::from(model.taken.len() > 1);
    }
}

/// Plays the schedules of these seeds.
async fn schedules(seeds: std::ops::Range<u64>) -> Seen {
    let (mut seen, mut deployment) = (Seen::default(), None);
    for seed in seeds {
        // Both policies in turn, each with its own deployment.
        let resends = (seed / SHARED) % 2 == 1;
        if seed % SHARED == 0 || deployment.is_none() {
            let policy = if resends { "resend_once" } else { "hold" };
            deployment = Some(Deployment::new(1, policy).await);
        }
        if let Some(deployment) = &deployment {
            schedule(deployment, seed, resends, &mut seen).await;
        }
    }
    seen
}

/// 20,000 take minutes; `QUARTERDECK_SCHEDULES` says how many are played.
#[tokio::test(flavor = "multi_thread")]
async fn random_schedules_of_a_delivery_come_to_what_the_model_says() {
    let asked = std::env::var("QUARTERDECK_SCHEDULES").ok();
    let all: u64 = asked.map_or(1_000, |text| {
        text.parse().expect("QUARTERDECK_SCHEDULES is a number")
    });
    let half = (all / 2).next_multiple_of(SHARED);
    let first = tokio::spawn(schedules(0..half));
    let second = schedules(half..all.max(half + SHARED)).await;
    let first = first.await.unwrap();
    println!("{all} schedules: {first:?} {second:?}");
    for state in DeliveryState::ALL {
        let count = |seen: &Seen| seen.states.get(&state).copied().unwrap_or(0);
        let reachable = state != DeliveryState::Cancelled;
        assert_eq!(count(&first) + count(&second) > 0, reachable, "{state}");
    }
    assert!(first.flagged + second.flagged > 0 && first.twice + second.twice > 0);
}
