//! `quarterdeck`: the local runner on embedded backends, and the operator's tool.
//!
//! Start at [`args::Cli`], then [`commands`], one module a subcommand. [`local`] wires the embedded adapters to the
//! handlers that run in Lambda, and drives them until the queues are quiet.

pub mod args;
pub mod commands;
pub mod exit;
pub mod failures;
pub mod local;
pub mod output;
pub mod progress;
