//! A night's mailing with everything that carries it on: the mailer, the sweeper, the mail events, and an operator. Start at
//! [`world::Night`]. [`harness`] lets every call fail in every way, [`schedules`] plays random orders of everything against
//! a model, [`operator`] is the command's side, [`scenarios`] are those of docs/SEMANTICS.md that need all of it.

mod harness;
mod model;
mod notice;
mod operator;
mod scenarios;
mod schedules;
mod world;
