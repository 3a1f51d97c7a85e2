//! Parses the command line and hands over; see the library.

use std::process::ExitCode;

use clap::Parser;
use cli::{
    args::Cli,
    commands, exit,
    failures::{self, Failures},
};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

// A night on a laptop is four functions in one process: with the C library's allocator what one of them freed is not given back
// before the next one asks. Its settings are in the Makefile; docs/decisions/016 has the figures.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("QUARTERDECK_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    let log = fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let handlers = Targets::new().with_target(failures::TARGET, LevelFilter::INFO);
    tracing_subscriber::registry()
        .with(log)
        .with(Failures.with_filter(handlers))
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
