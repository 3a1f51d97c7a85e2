//! A night's mailing with everything that carries it on: the mailer, the sweeper, the mail events, and an operator. Start at
//! [`world::Night`]. [`harness`] lets every call fail in every way, [`schedules`] plays random orders of everything against
//! a model, [`operator`] and [`account_list`] are the command's side, [`notice`] is what is told of a run, [`failover`] a second
//! service, [`scenarios`] are those of docs/SEMANTICS.md that need all of it.

mod account_list;
mod failover;
mod harness;
mod model;
mod notice;
mod operator;
mod scenarios;
mod schedules;
mod world;
