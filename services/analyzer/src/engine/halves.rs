//! A plan that takes each row by itself, such as a view piece over a business's own table, is run over the two halves of its
//! input at once. What comes of them, one behind the other, is what comes of the whole, in the same order.

use std::sync::Arc;

use datafusion::{
    arrow::array::RecordBatch,
    common::JoinType,
    datasource::memory::{DataSourceExec, MemorySourceConfig},
    physical_plan::{
        ExecutionPlan,
        coop::CooperativeExec,
        execution_plan::replace_children_if_necessary,
        filter::FilterExec,
        joins::{HashJoinExec, PartitionMode},
        projection::ProjectionExec,
        statistics::{StatisticsArgs, StatisticsContext},
        union::UnionExec,
        unnest::UnnestExec,
    },
};

use super::unions::whole;
use crate::in_order;

type Plan = Arc<dyn ExecutionPlan>;

/// Rows on the one side of a join, as estimated, that the other side's rows are looked up in.
const FEW: usize = 10_000;

/// Plans whose rows, one behind the other, are this one's; one, if a row's result may depend on another row, or there are few.
pub fn of(plan: Plan) -> Vec<Plan> {
    parts(&plan).unwrap_or_else(|| vec![whole(plan)])
}

/// None where nothing can be halved.
fn parts(plan: &Plan) -> Option<Vec<Plan>> {
    if plan.fetch().is_some() {
        return None;
    }
    if plan.is::<UnionExec>() {
        let branches = plan.children().into_iter().map(|branch| (branch, parts(branch)));
        let branches: Vec<_> = branches.collect();
        let any = branches.iter().any(|(_, halved)| halved.is_some());
        let or_whole =
            |(branch, halved): (&Plan, Option<_>)| halved.unwrap_or_else(|| vec![whole(Arc::clone(branch))]);
        return any.then(|| branches.into_iter().flat_map(or_whole).collect());
    }
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        return halves(source.data_source().downcast_ref()?);
    }
    // The last input is the one whose rows are taken by themselves.
    if !(takes_each_row(plan) || looks_up_each_row(plan)) {
        return None;
    }
    let mut children: Vec<Plan> = plan.children().into_iter().cloned().collect();
    let over = |part| {
        children.splice(children.len() - 1.., [part]);
        replace_children_if_necessary(Arc::clone(plan), children.clone()).ok()
    };
    parts(plan.children().last()?)?.into_iter().map(over).collect()
}

fn takes_each_row(plan: &Plan) -> bool {
    plan.is::<ProjectionExec>()
        || plan.is::<FilterExec>()
        || plan.is::<UnnestExec>()
        || plan.is::<CooperativeExec>()
}

/// Whether it joins a few rows to each of many, as `entities` to bookings.
fn looks_up_each_row(plan: &Plan) -> bool {
    plan.downcast_ref::<HashJoinExec>().is_some_and(|join| {
        let known = StatisticsContext::new().compute(&**join.left(), &StatisticsArgs::new());
        let few = known.is_ok_and(|known| known.num_rows.get_value().is_some_and(|rows| *rows <= FEW));
        few && *join.join_type() == JoinType::Inner && *join.partition_mode() == PartitionMode::CollectLeft
    })
}

fn halves(source: &MemorySourceConfig) -> Option<Vec<Plan>> {
    let [batches] = source.partitions() else {
        return None;
    };
    let half = |batches: &[RecordBatch]| {
        let schema = source.original_schema();
        let exec = MemorySourceConfig::try_new_exec(&[batches.to_vec()], schema, source.projection().clone());
        exec.ok().map(|exec| exec as Plan)
    };
    in_order::halves(batches)?.map(half).into_iter().collect()
}

#[cfg(test)]
mod tests;
