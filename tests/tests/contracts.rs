//! Every embedded adapter keeps its port's contract. The cloud's adapters are held to the same suites in `wire.rs`.

/// The ledger on dynoxide, in memory.
mod ledger_in_memory {
    use shared::{embedded::EmbeddedDynamo, ledger::DynamoLedger};

    async fn ledger() -> Option<DynamoLedger> {
        let dynamo = EmbeddedDynamo::memory().expect("SQLite opens in memory");
        let ledger = DynamoLedger::new(dynamo.client(), "ledger");
        ledger.create_table().await.expect("the table is made");
        Some(ledger)
    }

    shared::ledger_contract!(ledger());
}
