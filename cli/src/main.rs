//! Parses the command line and hands over; see the library.

use std::process::ExitCode;

use clap::Parser;
use cli::{args::Cli, commands, exit};
use tracing_subscriber::EnvFilter;

/// Many small values: a fifth of a night was spent in the system allocator (`perf record`, docs/decisions/005).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("error: the async runtime cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::dispatch(&cli)) {
        Ok(code) => code.into(),
        Err(e) => exit::report(&e, cli.json).into(),
    }
}
