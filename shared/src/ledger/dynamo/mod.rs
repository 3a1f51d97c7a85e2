//! The ledger on DynamoDB, the embedded one or the real one: conditional writes only, on one table.
//!
//! Rows: `RUN#r`/`META` (one a run), `RUN#r`/`PART#p#gN` (how far one is that is being read), `RUN#r`/`MAIL#d#rid#eN` (one a delivery), `RUN#r`/`AUDIT#…`, those of the mail
//! service's events (see [`feedback`]), `CTRL`/… (see [`control`]), `DECIDE#p`/… (see [`decided`]), and `PORTFOLIO#p`/`RUN#date`, which names a portfolio's runs in order and says
//! nothing else. Start at [`runs`], whose join rule is the heart of it. The index `due` has the runs that have not ended,
//! by when somebody is to look at them. A set that loses its last member is an absent attribute: DynamoDB has no empty
//! sets.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{put_item::builders::PutItemFluentBuilder, update_item::builders::UpdateItemFluentBuilder},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ReturnValue, ReturnValuesOnConditionCheckFailure::AllOld, ScalarAttributeType,
    },
};
use jiff::{Timestamp, civil::Date};

use super::{
    AnalysisRecorded, AuditEntry, Begun, Completed, DeliveryKey, DeliveryRow, Ledger, LedgerError, Outcome,
    PartAttempt, PartRef, Planned, Requeue, Requeued, RunPlan, RunRow, RunState, Settled,
};
use crate::{
    id::{DocumentId, Generation, MailEpoch, PartId, PortfolioId, RunId},
    message::Input,
};

mod audit;
mod control;
mod decided;
mod deliveries;
mod feedback;
mod item;
mod parts;
mod runs;

use item::Item;

/// The ledger in a table with the key `PK`, `SK` (both strings).
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
}

/// What became of a conditional write.
enum Write {
    /// Written; the row as it is now (of an update).
    Done(Item),
    /// The condition did not hold; the row as it is, if there is one.
    Refused(Option<Item>),
}

impl DynamoLedger {
    /// Over an existing table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
        }
    }

    /// Makes the table, for local use; the cloud's is made by the template. One that is there already is fine.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub async fn create_table(&self) -> Result<(), LedgerError> {
        let what = "create its table";
        let mut request = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest);
        let key = |names: [&str; 2]| {
            let elements = names.into_iter().zip([KeyType::Hash, KeyType::Range]);
            let element = |(name, role)| {
                let element = KeySchemaElement::builder().attribute_name(name);
                element.key_type(role).build()
            };
            elements.map(element).collect::<Result<Vec<_>, _>>()
        };
        for name in ["PK", "SK", "open", "due_at"] {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
            request = request.attribute_definitions(attribute.map_err(unavailable(what))?);
        }
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
        let index = GlobalSecondaryIndex::builder()
            .index_name(runs::open::INDEX)
            .set_key_schema(Some(key(["open", "due_at"]).map_err(unavailable(what))?))
            .projection(keys_only.build())
            .build();
        request = request
            .set_key_schema(Some(key(["PK", "SK"]).map_err(unavailable(what))?))
            .global_secondary_indexes(index.map_err(unavailable(what))?);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_resource_in_use_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable(what)(error)),
        }
    }

    async fn update(
        &self,
        what: &'static str,
        request: UpdateItemFluentBuilder,
    ) -> Result<Write, LedgerError> {
        use aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException;
        let request = request.table_name(&self.table).return_values(ReturnValue::AllNew);
        match request
            .return_values_on_condition_check_failure(AllOld)
            .send()
            .await
        {
            Ok(output) => Ok(Write::Done(output.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                ConditionalCheckFailedException(refused) => Ok(Write::Refused(refused.item)),
                error => Err(unavailable(what)(error)),
            },
            Err(error) => Err(unavailable(what)(error)),
        }
    }

    async fn put(&self, what: &'static str, request: PutItemFluentBuilder) -> Result<Write, LedgerError> {
        use aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException;
        let request = request
            .table_name(&self.table)
            .return_values_on_condition_check_failure(AllOld);
        match request.send().await {
            Ok(_) => Ok(Write::Done(Item::new())),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                ConditionalCheckFailedException(refused) => Ok(Write::Refused(refused.item)),
                error => Err(unavailable(what)(error)),
            },
            Err(error) => Err(unavailable(what)(error)),
        }
    }

    /// One row, strongly consistent.
    async fn get(&self, what: &'static str, pk: &str, sk: &str) -> Result<Option<Item>, LedgerError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let request = request.key("PK", item::s(pk)).key("SK", item::s(sk));
        Ok(request.send().await.map_err(unavailable(what))?.item)
    }

    /// All rows of a partition whose sort key begins so, in its order, strongly consistent.
    async fn list(&self, what: &'static str, pk: &str, prefix: &str) -> Result<Vec<Item>, LedgerError> {
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request.key_condition_expression("PK = :pk AND begins_with(SK, :prefix)");
        let request = request.expression_attribute_values(":pk", item::s(pk));
        let request = request.expression_attribute_values(":prefix", item::s(prefix));
        request
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(unavailable(what))
    }
}

fn unavailable<E>(what: &'static str) -> impl Fn(E) -> LedgerError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| LedgerError::Unavailable {
        what,
        source: Box::new(source),
    }
}

fn run_pk(run: &RunId) -> String {
    format!("RUN#{run}")
}

// The trait's methods in its order; each is one function of a submodule.
#[async_trait]
impl Ledger for DynamoLedger {
    async fn plan_run(&self, plan: &RunPlan) -> Result<Planned, LedgerError> {
        runs::plan(self, plan).await
    }
    async fn run(&self, run: &RunId) -> Result<Option<RunRow>, LedgerError> {
        runs::read(self, run).await
    }
    async fn runs(&self, portfolio: &PortfolioId, limit: usize) -> Result<Vec<RunRow>, LedgerError> {
        runs::list(self, portfolio, limit).await
    }
    async fn runs_between(
        &self,
        portfolio: &PortfolioId,
        first: Date,
        last: Date,
    ) -> Result<Vec<RunRow>, LedgerError> {
        runs::between(self, portfolio, first, last).await
    }
    async fn begin_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        now: Timestamp,
    ) -> Result<PartAttempt, LedgerError> {
        parts::begin(self, run, generation, part, now).await
    }
    async fn checkpoint_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        attempt: u32,
        checkpoint: &Input,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        parts::checkpoint(self, run, generation, part, attempt, checkpoint, now).await
    }
    async fn complete_part(
        &self,
        run: &RunId,
        generation: Generation,
        part: &PartId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError> {
        runs::join::PARTS
            .complete(self, run, generation, part.as_str(), result)
            .await
    }
    async fn give_up_parts(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<PartId>, LedgerError> {
        runs::join::PARTS.give_up(self, run, generation, now).await
    }
    async fn analyze_sent(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        runs::join::PARTS.sent(self, run, generation, now).await
    }
    async fn record_analysis(
        &self,
        run: &RunId,
        generation: Generation,
        analysis: &Input,
        documents: &BTreeSet<DocumentId>,
    ) -> Result<AnalysisRecorded, LedgerError> {
        runs::record_analysis(self, run, generation, analysis, documents).await
    }
    async fn complete_document(
        &self,
        run: &RunId,
        generation: Generation,
        document: &DocumentId,
        result: &PartRef,
    ) -> Result<Completed, LedgerError> {
        runs::join::DOCUMENTS
            .complete(self, run, generation, document.as_str(), result)
            .await
    }
    async fn mail_sent(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        runs::join::DOCUMENTS.sent(self, run, generation, now).await
    }
    async fn finish_run(
        &self,
        run: &RunId,
        generation: Generation,
        state: RunState,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        runs::finish(self, run, generation, state, now).await
    }
    async fn give_up_documents(
        &self,
        run: &RunId,
        generation: Generation,
        now: Timestamp,
    ) -> Result<BTreeSet<DocumentId>, LedgerError> {
        runs::join::DOCUMENTS.give_up(self, run, generation, now).await
    }
    async fn open_runs(&self, now: Timestamp) -> Result<Vec<RunRow>, LedgerError> {
        runs::open::list(self, now).await
    }
    async fn look_again(
        &self,
        run: &RunId,
        generation: Generation,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        runs::open::look_again(self, run, generation, at).await
    }
    async fn requeue(&self, requeue: &Requeue) -> Result<Requeued, LedgerError> {
        runs::requeue::requeue(self, requeue).await
    }
    async fn plan_delivery(
        &self,
        key: &DeliveryKey,
        mail: &Input,
        not_after: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        deliveries::plan(self, key, mail, not_after, now).await
    }
    async fn begin_delivery(
        &self,
        key: &DeliveryKey,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Begun, LedgerError> {
        deliveries::begin(self, key, owner, now, lease_until).await
    }
    async fn settle_delivery(
        &self,
        key: &DeliveryKey,
        attempt: u32,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Settled, LedgerError> {
        deliveries::settle(self, key, attempt, outcome, now).await
    }
    async fn set_aside(
        &self,
        key: &DeliveryKey,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        deliveries::set_aside(self, key, outcome, now).await
    }
    async fn end_lease(&self, row: &DeliveryRow, now: Timestamp) -> Result<bool, LedgerError> {
        deliveries::end_lease(self, row, now).await
    }
    async fn has_open_deliveries(&self, run: &RunId, mail_epoch: MailEpoch) -> Result<bool, LedgerError> {
        deliveries::any_open(self, run, mail_epoch).await
    }
    async fn deliveries(&self, run: &RunId) -> Result<Vec<DeliveryRow>, LedgerError> {
        deliveries::list(self, run).await
    }
    async fn audit(&self, run: &RunId, entry: &AuditEntry) -> Result<(), LedgerError> {
        audit::add(self, &run_pk(run), entry).await
    }
    async fn audit_end(&self, run: &RunId, entry: &AuditEntry) -> Result<bool, LedgerError> {
        audit::end(self, run, entry).await
    }
    async fn audits(&self, run: &RunId) -> Result<Vec<AuditEntry>, LedgerError> {
        audit::list(self, &run_pk(run)).await
    }
}
