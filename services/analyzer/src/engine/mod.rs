//! Runs one query at a time over tables in memory: DataFusion, set up for many small, deterministic queries.
//!
//! Start at [`Engine::run`], whose steps are its body: parse, replace parameters, plan, label, optimize, count, execute.
//! [`Engine::prepare`] goes as far as the optimized plan, to be run for several periods; [`limits`] ends what takes too much,
//! [`halves`] uses both cores for one large table, [`totals`] reads it once for an entity's figures and their total.
//! [`unions`] keeps rows in order. [`error`] turns DataFusion's errors into ones with a place and a suggestion, [`cells`] its
//! results into plain rows.

use std::sync::Arc;

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    catalog::{MemTable, MemorySchemaProvider, TableProvider},
    common::TableReference,
    execution::{SessionState, SessionStateBuilder, runtime_env::RuntimeEnv},
    logical_expr::LogicalPlan,
    physical_optimizer::{
        PhysicalOptimizerRule, ensure_coop::EnsureCooperative, ensure_requirements::EnsureRequirements,
        join_selection::JoinSelection, limit_pushdown::LimitPushdown,
        output_requirements::OutputRequirements, projection_pushdown::ProjectionPushdown,
        sanity_checker::SanityCheckPlan, update_aggr_exprs::OptimizeAggregateOrder,
    },
    physical_plan::displayable,
    prelude::{SQLOptions, SessionConfig, SessionContext},
    sql::{
        parser::Statement as DfStatement,
        sqlparser::{ast::Statement, dialect::GenericDialect, parser::Parser},
    },
};
use futures::future::join_all;
use shared::facts::Unreadable;

use crate::functions::{self, Reading, tolerant};

pub mod cells;
pub mod error;
mod halves;
pub mod limits;
pub mod parameters;
mod prepared;
#[cfg(test)]
mod test_tables;
mod totals;
mod unions;

pub use cells::{Cell, Rows};
pub use error::SqlError;
pub use limits::Limits;
pub use parameters::Parameters;
pub use prepared::Prepared;

/// The schema of a business's own tables.
pub const RAW: &str = "raw";

/// A session over tables in memory.
#[derive(Clone)]
pub struct Engine {
    ctx: SessionContext,
    limits: Limits,
}

/// What a query answered.
#[derive(Debug)]
pub struct Answer {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
    /// What tolerant functions could not read in it.
    pub unreadable: Vec<Unreadable>,
}

/// Which statements are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// `SELECT` (and `WITH`, `VALUES`): what the catalog holds.
    Select,
    /// `EXPLAIN` and `SHOW` too: what a person asks.
    Ask,
}

impl Engine {
    /// An empty session, within the [`Limits`] of a function.
    ///
    /// # Errors
    /// If DataFusion refuses its own options.
    pub fn new(reading: Reading) -> Result<Self, SqlError> {
        Self::within(reading, Limits::default())
    }

    /// An empty session.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn within(reading: Reading, limits: Limits) -> Result<Self, SqlError> {
        Self::over(reading, limits, limits.runtime()?)
    }

    /// Another empty session that shares this one's memory and disk.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn beside(&self, reading: Reading) -> Result<Self, SqlError> {
        Self::over(reading, self.limits, self.ctx.runtime_env())
    }

    fn over(reading: Reading, limits: Limits, runtime: Arc<RuntimeEnv>) -> Result<Self, SqlError> {
        let mut config = SessionConfig::new()
            // One partition: the order of rows is the order of input, so the same inputs give the same bytes; and for
            // tables of some ten thousand rows it is also the fastest.
            .with_target_partitions(1)
            .with_information_schema(true);
        let options = config.options_mut();
        options.sql_parser.parse_float_as_decimal = true;
        options.sql_parser.map_string_types_to_utf8view = false;
        options.sql_parser.collect_spans = true;
        // The second and third pass find nothing in queries of this size, and planning is most of a night's time.
        options.optimizer.max_passes = 1;
        // A union's branches sorted side by side: which of two equal rows comes first, and which a limit keeps, would be chance.
        options.optimizer.repartition_sorts = false;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_default_features()
            .with_runtime_env(runtime)
            .with_optimizer_rule(Arc::new(totals::TotalsOfGroups))
            .with_physical_optimizer_rules(physical_rules());
        let ctx = SessionContext::new_with_state(state.build());
        if let Some(catalog) = ctx.catalog("datafusion") {
            catalog
                .register_schema(RAW, Arc::new(MemorySchemaProvider::new()))
                .map_err(SqlError::from)?;
        }
        functions::register(&ctx, &Arc::new(reading));
        Ok(Self { ctx, limits })
    }

    /// Registers a table, in place of an earlier one of that name.
    ///
    /// # Errors
    /// If the batches have not this schema.
    pub fn put(
        &self,
        name: TableReference,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), SqlError> {
        let table = MemTable::try_new(schema, vec![batches])?;
        self.put_provider(name, Arc::new(table))
    }

    /// Registers any provider.
    ///
    /// # Errors
    /// If DataFusion refuses it.
    pub fn put_provider(&self, name: TableReference, table: Arc<dyn TableProvider>) -> Result<(), SqlError> {
        self.ctx.deregister_table(name.clone())?;
        self.ctx.register_table(name, table)?;
        Ok(())
    }

    /// The session, for what has no method here.
    pub fn context(&self) -> &SessionContext {
        &self.ctx
    }

    /// Plans a query as far as its types agree, without running it; answers its columns.
    ///
    /// # Errors
    /// [`SqlError`] with the place in `sql`.
    pub async fn check(&self, sql: &str, parameters: &Parameters) -> Result<SchemaRef, SqlError> {
        let state = self.ctx.state();
        let plan = self.plan_in(&state, sql, parameters, Allow::Select).await?;
        // Before optimization, which may prove that there are no rows and forget what the columns were.
        let schema = Arc::new(plan.schema().as_arrow().clone());
        state.optimize(&plan)?;
        Ok(schema)
    }

    /// A query with its parameters' values in it, laid out anew: what can be asked by hand.
    ///
    /// # Errors
    /// [`SqlError`] if it does not parse, or names a parameter that is not known.
    pub fn bound(&self, sql: &str, parameters: &Parameters) -> Result<String, SqlError> {
        let mut statement = parse(sql, Allow::Select)?;
        parameters.replace_in(&mut statement)?;
        Ok(format!("{statement:#}"))
    }

    async fn plan_in(
        &self,
        state: &SessionState,
        sql: &str,
        parameters: &Parameters,
        allow: Allow,
    ) -> Result<LogicalPlan, SqlError> {
        let mut statement = parse(sql, allow)?;
        parameters.replace_in(&mut statement)?;
        let planned = state
            .statement_to_plan(DfStatement::Statement(Box::new(statement)))
            .await;
        let plan = planned.map_err(|e| SqlError::of(e, &self.ctx))?;
        let read_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        read_only.verify_plan(&plan)?;
        Ok(plan)
    }

    /// Runs a query. `source` names it in the counts of unreadable values.
    ///
    /// # Errors
    /// [`SqlError`]; nothing else is touched by it.
    pub async fn run(
        &self,
        source: &str,
        sql: &str,
        parameters: &Parameters,
        allow: Allow,
    ) -> Result<Answer, SqlError> {
        let state = self.ctx.state();
        let plan = self.plan_in(&state, sql, parameters, allow).await?;
        let optimized = state.optimize(&tolerant::label(plan)?)?;
        self.execute(&state, source, optimized).await
    }

    async fn execute(
        &self,
        state: &SessionState,
        source: &str,
        optimized: LogicalPlan,
    ) -> Result<Answer, SqlError> {
        let mut sites = Vec::new();
        let counted = tolerant::count(optimized, &mut sites)?;
        let physical = state
            .query_planner()
            .create_physical_plan(&counted, state)
            .await?;
        tracing::trace!(source, plan = %displayable(physical.as_ref()).one_line(), "planned");
        let schema = physical.schema();
        let collect = |plan| self.limits.collect(plan, self.ctx.task_ctx());
        let parts = join_all(halves::of(physical).into_iter().map(collect)).await;
        let batches: Vec<_> = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(Answer {
            schema,
            batches: batches.concat(),
            unreadable: tolerant::settle(source, sites),
        })
    }
}

/// Of DataFusion's physical rules, in its order, those that a plan over one partition in memory needs: what the others
/// look for (statistics and filters of files, repartitioned inputs, endless streams) is not there to be found, and each
/// walks the plan of every query of a night.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OutputRequirements::new_add_mode()),
        Arc::new(JoinSelection::new()),
        Arc::new(EnsureRequirements::new()),
        Arc::new(OptimizeAggregateOrder::new()),
        Arc::new(OutputRequirements::new_remove_mode()),
        Arc::new(LimitPushdown::new()),
        Arc::new(ProjectionPushdown::new()),
        Arc::new(unions::UnionsInOrder),
        // So that a query that takes too long can be ended.
        Arc::new(EnsureCooperative::new()),
        Arc::new(SanityCheckPlan::new()),
    ]
}

/// Exactly one statement, of an allowed kind.
fn parse(sql: &str, allow: Allow) -> Result<Statement, SqlError> {
    let dialect = GenericDialect {};
    let parsed = Parser::new(&dialect)
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|e| SqlError::syntax(&e))?;
    let statement = match (statements.pop(), statements.len()) {
        (Some(statement), 0) => statement,
        (None, _) => return Err(SqlError::new("there is no query")),
        (Some(_), more) => {
            return Err(SqlError::new(format!(
                "there are {} queries, only one can run",
                more + 1
            )));
        }
    };
    let asks = matches!(
        statement,
        Statement::Explain { .. }
            | Statement::ExplainTable { .. }
            | Statement::ShowTables { .. }
            | Statement::ShowColumns { .. }
            | Statement::ShowVariable { .. }
    );
    match (&statement, allow) {
        (Statement::Query(_), _) => Ok(statement),
        _ if asks && allow == Allow::Ask => Ok(statement),
        (_, Allow::Select) => Err(SqlError::new("only a SELECT can stand here")),
        (_, Allow::Ask) => Err(SqlError::new(
            "only SELECT, EXPLAIN and SHOW can be asked: a snapshot is never written",
        )),
    }
}
