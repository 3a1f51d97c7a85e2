//! The command; being wired.
pub mod args;
