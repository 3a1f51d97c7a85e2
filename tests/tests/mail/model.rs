//! What should become of one delivery, as plain arithmetic: no ledger, no messages, no service. The mailer and all that
//! carries it on is held to this by [`super::schedules`].

use jiff::{SignedDuration, Timestamp};
use shared::{
    ledger::{DOUBT, DeliveryKey, DeliveryRow, DeliveryState, HeldFor},
    mail::{MailError, fake::Answer},
};

/// An event that SES may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Send,
    Delay,
    Delivery,
    Bounce,
    Complaint,
}

impl Told {
    pub const ALL: [Self; 5] = [
        Self::Send,
        Self::Delay,
        Self::Delivery,
        Self::Bounce,
        Self::Complaint,
    ];
    fn state(self) -> DeliveryState {
        match self {
            Self::Send => DeliveryState::Accepted,
            Self::Delay => DeliveryState::Delayed,
            Self::Delivery => DeliveryState::Delivered,
            Self::Bounce => DeliveryState::Bounced,
            Self::Complaint => DeliveryState::Complained,
        }
    }
}

/// How far the service has got with a delivery.
fn rank(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Accepted => 1,
        DeliveryState::Delayed => 2,
        DeliveryState::Delivered => 3,
        DeliveryState::Bounced | DeliveryState::Complained | DeliveryState::Failed => 4,
        _ => 0,
    }
}

/// A delivery and what it depends on.
#[derive(Debug, Clone)]
pub struct Model {
    pub key: DeliveryKey,
    pub not_after: Timestamp,
    /// Whether a delivery in doubt is sent once more.
    pub resends: bool,
    pub state: DeliveryState,
    pub attempt: u32,
    pub held_for: Option<HeldFor>,
    pub flagged: bool,
    pub next_at: Option<Timestamp>,
    pub lease_until: Timestamp,
    pub doubtful_since: Timestamp,
    pub message_id: Option<String>,
    pub brake_until: Option<Timestamp>,
    /// The recipient is on the suppression list.
    pub listed: bool,
    /// The ids of the mails that the service took.
    pub taken: Vec<String>,
}

impl Model {
    pub fn new(row: &DeliveryRow, resends: bool) -> Self {
        Self {
            key: row.key.clone(),
            not_after: row.not_after,
            resends,
            state: DeliveryState::Queued,
            attempt: 0,
            held_for: None,
            flagged: false,
            next_at: None,
            lease_until: row.updated_at,
            doubtful_since: row.updated_at,
            message_id: None,
            brake_until: None,
            listed: false,
            taken: Vec::new(),
        }
    }

    /// What of it the ledger shows.
    pub fn shown(&self) -> (DeliveryState, u32, Option<HeldFor>, bool, Option<String>) {
        let id = self.message_id.clone();
        (self.state, self.attempt, self.held_for, self.flagged, id)
    }

    fn hold(&mut self, cause: HeldFor) {
        (self.state, self.held_for) = (DeliveryState::Held, Some(cause));
    }
    fn doubt(&mut self, now: Timestamp) {
        (self.state, self.doubtful_since) = (DeliveryState::Unknown, now);
    }
    /// Ends without a send: of one that may have been sent before, nobody says that it was not.
    fn unsent(&mut self, state: DeliveryState) {
        if self.flagged {
            self.hold(HeldFor::Doubt);
        } else {
            self.state = state;
        }
    }

    /// A message asks for it; the service, if it is asked, answers so. `id` is the next mail's.
    pub fn message(&mut self, answer: &Answer, id: &str, now: Timestamp) {
        let is_braked = self.brake_until.is_some_and(|until| now < until);
        match self.state {
            DeliveryState::Queued if is_braked => {
                self.next_at = None;
                self.hold(HeldFor::Account);
            }
            DeliveryState::Queued if self.next_at.is_none_or(|at| at <= now) => self.attempt(answer, id, now),
            DeliveryState::Sending if self.lease_until <= now => self.doubt(now),
            DeliveryState::Unknown if now >= self.doubtful_since + DOUBT => {
                if self.resends && !self.flagged && now <= self.not_after {
                    (self.state, self.flagged) = (DeliveryState::Queued, true);
                } else {
                    self.hold(HeldFor::Doubt);
                }
            }
            _ => {}
        }
    }

    fn attempt(&mut self, answer: &Answer, id: &str, now: Timestamp) {
        self.attempt += 1;
        self.next_at = None;
        if now > self.not_after {
            return self.unsent(DeliveryState::Expired);
        }
        if self.listed {
            return self.unsent(DeliveryState::Suppressed);
        }
        if !matches!(answer, Answer::Refuse(_)) {
            self.taken.push(id.to_owned());
        }
        match answer {
            Answer::Accept | Answer::Slow(_) => {
                (self.state, self.message_id) = (DeliveryState::Accepted, Some(id.to_owned()));
            }
            Answer::AcceptAndDie => {
                self.state = DeliveryState::Sending;
                self.lease_until = now + SignedDuration::from_mins(5);
            }
            Answer::Refuse(MailError::Throttled(_)) => {
                self.state = DeliveryState::Queued;
                let wait = mailer::attempt::wait(&self.key, self.attempt);
                self.next_at = Some(now + SignedDuration::try_from(wait).unwrap());
            }
            Answer::Refuse(MailError::Rejected { .. }) => self.state = DeliveryState::Failed,
            Answer::Refuse(MailError::Account(_)) => {
                self.hold(HeldFor::Account);
                // Only a quota is told in these schedules.
                self.brake_until = Some(now + SignedDuration::from_hours(1));
            }
            Answer::Refuse(MailError::Ambiguous(_)) | Answer::AcceptAnd(_) => self.doubt(now),
        }
    }

    /// The service tells something of a mail with this id.
    pub fn told(&mut self, told: Told, id: &str) {
        let unsent = matches!(self.state, DeliveryState::Expired | DeliveryState::Suppressed);
        let foreign = self.message_id.as_ref().is_some_and(|known| known != id);
        if unsent || foreign {
            return;
        }
        self.listed |= matches!(told, Told::Bounce | Told::Complaint);
        if rank(told.state()) > rank(self.state) {
            self.state = told.state();
            self.message_id = Some(id.to_owned());
            (self.held_for, self.next_at) = (None, None);
        }
    }

    /// The sweeper looks.
    pub fn sweep(&mut self, now: Timestamp) {
        let is_over = now.duration_since(self.not_after) > SignedDuration::from_hours(1);
        match self.state {
            DeliveryState::Sending if self.lease_until <= now => self.doubt(now),
            DeliveryState::Unknown if is_over => self.hold(HeldFor::Doubt),
            DeliveryState::Queued if is_over && self.next_at.is_none_or(|at| at <= now) => {
                self.attempt += 1;
                self.next_at = None;
                self.unsent(DeliveryState::Expired);
            }
            _ => {}
        }
    }

    /// An operator lets go what may go, and what is in doubt if they say so.
    pub fn resume(&mut self, doubt: bool, now: Timestamp) {
        self.brake_until = None;
        if self.state != DeliveryState::Held || self.not_after < now {
            return;
        }
        let goes = match self.held_for {
            Some(HeldFor::Account) => true,
            Some(HeldFor::Doubt) => doubt,
            _ => false,
        };
        if goes {
            self.flagged |= self.held_for == Some(HeldFor::Doubt);
            (self.state, self.held_for, self.next_at) = (DeliveryState::Queued, None, None);
        }
    }
}
