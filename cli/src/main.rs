//! The command; being wired.
fn main() {}
