//! The analyzer: SQL over a night's snapshot, and what the catalog makes of it.
//!
//! Start at [`night::analyze`], the whole path readable from top to bottom: [`catalog`] (what to compute, as data) over
//! [`warehouse`] (the snapshot as tables, on [`engine`] and [`functions`]) by [`evaluate`] (queries to facts), put
//! together by [`report`] (verdicts, agenda, changes). [`handler`] is the queue's side of it.

pub mod catalog;
pub mod engine;
pub mod evaluate;
pub mod functions;
pub mod handler;
pub mod night;
pub mod report;
pub mod warehouse;

pub use handler::{Deps, handle};
