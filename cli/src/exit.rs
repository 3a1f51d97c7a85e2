//! Exit codes, and how an error that ends a command is told.

use std::process::ExitCode;

use shared::{
    portfolio::Bundle,
    problem::{Problem, render_problems},
};

use crate::output::{Closed, say};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well: for `run`, every document rendered and every delivery ended well.
    Ok,
    /// It could not be done.
    Failed,
    /// The configuration has errors.
    Config,
    /// The night ended, with something missing, held, failed or in doubt.
    Degraded,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Config => 2,
            Exit::Degraded => 3,
        })
    }
}

/// A configuration with errors; carries what is needed to show them.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} error(s)", problems.len())]
pub struct ConfigErrors {
    /// All of them.
    pub problems: Vec<Problem>,
    /// The files that they are in.
    pub bundle: Bundle,
}

/// Prints an error and answers the exit code that goes with it.
pub fn report(error: &anyhow::Error, json: bool) -> Exit {
    if error.is::<Closed>() {
        return Exit::Ok;
    }
    let config = error.downcast_ref::<ConfigErrors>();
    if json {
        let problems = config.map(|c| &c.problems);
        let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
        // Whoever does not read this one sees the exit code.
        let _ = say(serde_json::json!({ "error": chain.join(": "), "problems": problems }));
    } else if let Some(config) = config {
        eprint!(
            "{}",
            render_problems(&config.problems, &config.bundle, crate::output::color())
        );
        eprintln!("error: {error}");
    } else {
        eprintln!("error: {error:#}");
    }
    if config.is_some() {
        Exit::Config
    } else {
        Exit::Failed
    }
}
