//! One contract suite for each port, which every adapter passes: a fake that is not held to the contract lies.
//!
//! A suite is a module of functions whose names are the contract's sentences. A test crate makes tests of them for an
//! adapter with the port's macro, e.g. `shared::ledger_contract!(make())` inside a module: `make()` is a future of
//! `Option<adapter>`, a new one for each sentence; `None` skips, so it must say why. What a sentence needs beside the
//! port, such as a way to let time pass, is a trait of its module.

pub mod account_list;
pub mod ledger;
pub mod logs;
pub mod mail;
pub mod objects;
pub mod queue;

/// Tests of one suite for one adapter; see the ports' macros.
#[macro_export]
macro_rules! contract_tests {
    ($make:expr, $suite:ident, [$($sentence:ident),+ $(,)?]) => {$(
        #[tokio::test]
        async fn $sentence() {
            if let Some(adapter) = $make.await {
                $suite::$sentence(&adapter).await;
            }
        }
    )+};
}
