//! Contracts only: what the services, the local runner and the tests agree on.
//!
//! Start at [`message`] (what travels on a queue), then [`ledger`] (what a run remembers), then [`facts`] (what
//! `analysis.json` says). The ports are [`queue`], [`objects`], [`ledger`], [`mail`], [`notice`] and [`clock`]; each trait's
//! documentation is its contract, and every adapter of a port passes the port's one contract suite
//! (feature `contract`). Adapters stand behind cargo features, so that a bootstrap links only what its ports need.
//!
//! Which error type to use where: a port has its own `thiserror` enum whose variants say what the caller may do
//! (retry, give up, ask); services wrap them in `anyhow` with the run, document or part at the handling boundary,
//! where they are logged once.

pub mod catalog;
pub mod clock;
#[cfg(all(feature = "dynamodb", feature = "sqs", feature = "s3"))]
pub mod cloud;
#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod facts;
#[cfg(feature = "contract")]
pub mod faulty;
#[cfg(feature = "lambda")]
pub mod handler;
pub mod id;
pub mod ledger;
pub mod mail;
pub mod manifest;
pub mod message;
pub mod metrics;
pub mod money;
pub mod notice;
pub mod objects;
pub mod portfolio;
pub mod problem;
pub mod queue;
pub mod telemetry;
