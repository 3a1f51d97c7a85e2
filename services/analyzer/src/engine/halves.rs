//! A plan that takes each row by itself, such as a view piece over a business's own table, is run over the two halves of its
//! input at once. What comes of them, one behind the other, is what comes of the whole, in the same order.

use std::sync::Arc;

use datafusion::{
    arrow::array::RecordBatch,
    datasource::memory::{DataSourceExec, MemorySourceConfig},
    physical_plan::{
        ExecutionPlan, coop::CooperativeExec, execution_plan::replace_children_if_necessary,
        filter::FilterExec, projection::ProjectionExec,
    },
};

/// Rows below which a second task costs more than it saves.
const LEAST: usize = 100_000;

/// The plan over the first half of its rows and over the second; none if a row's result may depend on another row, or there are
/// few.
pub fn of(plan: &Arc<dyn ExecutionPlan>) -> Option<[Arc<dyn ExecutionPlan>; 2]> {
    if plan.fetch().is_some() {
        return None;
    }
    let by_row = plan.is::<ProjectionExec>() || plan.is::<FilterExec>() || plan.is::<CooperativeExec>();
    if by_row && let [input] = plan.children()[..] {
        let over = |input| replace_children_if_necessary(Arc::clone(plan), vec![input]).ok();
        let [first, second] = of(input)?;
        return Some([over(first)?, over(second)?]);
    }
    let source = plan.downcast_ref::<DataSourceExec>()?.data_source();
    let source = source.downcast_ref::<MemorySourceConfig>()?;
    let [batches] = source.partitions() else {
        return None;
    };
    let (first, second) = split(batches)?;
    let half = |batches: &[RecordBatch]| {
        let schema = source.original_schema();
        let exec = MemorySourceConfig::try_new_exec(&[batches.to_vec()], schema, source.projection().clone());
        exec.ok().map(|exec| exec as Arc<dyn ExecutionPlan>)
    };
    Some([half(first)?, half(second)?])
}

/// Between two batches, where half of the rows have come.
fn split(batches: &[RecordBatch]) -> Option<(&[RecordBatch], &[RecordBatch])> {
    let all: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if all < LEAST {
        return None;
    }
    let mut rows = 0;
    let middle = batches.iter().position(|batch| {
        rows += batch.num_rows();
        rows * 2 >= all
    })?;
    let (first, second) = batches.split_at(middle + 1);
    (!second.is_empty()).then_some((first, second))
}

#[cfg(test)]
mod tests;
