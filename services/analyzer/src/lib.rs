//! The analyzer: SQL over a night's snapshot, and what the catalog makes of it.

pub mod catalog;
pub mod engine;
pub mod evaluate;
pub mod functions;
pub mod warehouse;
