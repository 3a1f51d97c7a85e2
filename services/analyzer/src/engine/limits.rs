//! What one query may take: a mistake in a catalog must not take the night with it.

use std::{sync::Arc, time::Duration};

use datafusion::{
    arrow::record_batch::RecordBatch,
    common::{DataFusionError, runtime::SpawnedTask},
    execution::{
        TaskContext,
        memory_pool::FairSpillPool,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    physical_plan::{ExecutionPlan, collect},
};

use super::{SqlError, error::Kind};

const MB: usize = 1_000_000;

/// Of the queries of a session: three run side by side on two cores, and share the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes for sorting, grouping and joining, beside the tables themselves. What needs more spills to disk, if it can.
    pub memory: usize,
    /// Bytes on disk, in the folder for temporary files.
    pub spill: u64,
    /// From its start, which may have to wait for a core, to the last row answered; looked at between two batches of rows.
    pub time: Duration,
}

impl Default for Limits {
    /// What the analyzer's function has to give: 1,769 MB, most of them for the tables; 512 MB in `/tmp`; 300 seconds.
    fn default() -> Self {
        Self {
            memory: 512 * MB,
            spill: 400 * MB as u64,
            time: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// A runtime with that much memory and disk.
    pub(super) fn runtime(&self) -> Result<Arc<RuntimeEnv>, DataFusionError> {
        RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(self.memory)))
            .with_max_temp_directory_size(self.spill)
            .build_arc()
    }

    /// All rows of a plan, in time.
    pub(super) async fn collect(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>, SqlError> {
        let limit = |message: String, suggestion: &str| SqlError {
            suggestion: Some(suggestion.to_owned()),
            kind: Kind::Limit,
            ..SqlError::new(message)
        };
        // On a task of its own: between two batches a join may compute for longer than the query has, and whoever waits for it is
        // told in time all the same, by another thread.
        let task = SpawnedTask::spawn(collect(plan, context));
        match tokio::time::timeout(self.time, task).await {
            Ok(Ok(Ok(batches))) => Ok(batches),
            Ok(Err(panic)) => Err(SqlError::new(format!("the engine gave up: {panic}"))),
            Ok(Ok(Err(error))) if exhausted(&error) => Err(limit(
                format!(
                    "it needs more than the {} MB of memory and {} MB of disk that a query may take",
                    self.memory / MB,
                    self.spill / MB as u64
                ),
                "read fewer columns, and group before joining",
            )),
            Ok(Ok(Err(error))) => Err(error.into()),
            Err(_) => Err(limit(
                format!("it takes longer than {} seconds", self.time.as_secs_f64()),
                "look for a join without a condition",
            )),
        }
    }
}

/// Memory is an error of its own; a full folder of spilled batches one of input and output, which only its text tells.
fn exhausted(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
        || error.to_string().contains("max_temp_directory_size")
}

#[cfg(test)]
mod tests;
