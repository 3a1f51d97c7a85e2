//! The analyzer: SQL over a night's snapshot, and what the catalog makes of it.
//!
//! Start at [`night::analyze`], the whole path readable from top to bottom: [`catalog`] (what to compute, as data) over
//! [`warehouse`] (the snapshot as tables, on [`engine`] and [`functions`]) by [`evaluate`] (queries to facts), put
//! together by [`report`] (verdicts, agenda, changes), to which `restated` adds the rows of a past that changed. [`history`] hands every fact on to the next night, [`outlook`] judges days and looks ahead. [`explain`] says what one fact of it was made of. [`handler`] is the queue's side of it, [`check`] finds every
//! mistake in a catalog without any data.

pub mod catalog;
pub mod check;
pub mod diff;
pub mod engine;
pub mod evaluate;
pub mod explain;
pub mod functions;
pub mod handler;
pub mod history;
mod in_order;
pub mod night;
pub mod outlook;
pub mod report;
mod restated;
pub mod snapshot;
pub mod warehouse;

#[cfg(test)]
mod tests;

pub use check::{check_catalog, check_catalog_over};
pub use handler::{Deps, handle};
