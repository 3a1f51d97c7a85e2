//! `GROUP BY GROUPING SETS ((entity), ())` over a large table: DataFusion takes every row once for each of the sets. Here it is taken
//! once, for all columns of the sets together, and the sets are made of these groups, which are few.

use std::{collections::HashMap, sync::Arc};

use datafusion::{
    common::{
        Result as DfResult,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    datasource::{MemTable, source_as_provider},
    functions_aggregate::sum::sum_udaf,
    logical_expr::{
        Aggregate, Expr, ExprSchemable, GroupingSet, LogicalPlan, Projection, col, expr::AggregateFunction,
        lit, utils::grouping_set_to_exprlist, when,
    },
    optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule},
};

/// Rows of the tables below which a second grouping costs more, in planning, than it saves.
const LEAST: usize = 100_000;

/// The rule that does so.
#[derive(Debug)]
pub struct TotalsOfGroups;

impl OptimizerRule for TotalsOfGroups {
    fn name(&self) -> &'static str {
        "totals_of_groups"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> DfResult<Transformed<LogicalPlan>> {
        if let LogicalPlan::Aggregate(aggregate) = &plan
            && let [Expr::GroupingSet(GroupingSet::GroupingSets(sets))] = &aggregate.group_expr[..]
            // What has been grouped already is few, and may be this rule's own.
            && !matches!(*aggregate.input, LogicalPlan::Aggregate(_))
            && rows_below(&aggregate.input)? >= LEAST
            && let Some(totals) = totals(aggregate, sets)?
        {
            return Ok(Transformed::yes(totals));
        }
        Ok(Transformed::no(plan))
    }
}

/// Rows of all tables in memory that a plan reads.
fn rows_below(plan: &LogicalPlan) -> DfResult<usize> {
    let mut rows = 0;
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = source_as_provider(&scan.source)?.downcast_ref::<MemTable>()
        {
            let parts = table.batches.iter().filter_map(|part| part.try_read().ok());
            rows += parts
                .map(|part| part.iter().map(|batch| batch.num_rows()).sum::<usize>())
                .sum::<usize>();
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(rows)
}

/// The same answer, of groups; none if they may be many, or one of its columns cannot be put together from parts, as a median cannot.
fn totals(aggregate: &Aggregate, sets: &[Vec<Expr>]) -> DfResult<Option<LogicalPlan>> {
    let by = grouping_set_to_exprlist(&aggregate.group_expr)?;
    let by: Vec<Expr> = by.into_iter().cloned().collect();
    // Columns that stand in no set together may make a group of every row.
    let is_whole = |set: &Vec<Expr>| by.iter().all(|column| set.contains(column));
    if by.is_empty() || !sets.iter().any(is_whole) {
        return Ok(None);
    }
    let (mut parts, mut wholes) = (Vec::new(), Vec::new());
    for (number, expr) in aggregate.aggr_expr.iter().enumerate() {
        let (part, name) = (expr.clone().unalias(), format!("__part_{number}"));
        if !is_sum_of_parts(&part, &aggregate.input)? {
            return Ok(None);
        }
        wholes.push(of_parts(&part, &name).alias(format!("__whole_{number}")));
        parts.push(part.alias(name));
    }
    let groups = Aggregate::try_new(Arc::clone(&aggregate.input), by.clone(), parts)?;
    let columns = groups.schema.columns().into_iter().map(Expr::Column);
    let grouped: HashMap<&Expr, Expr> = by.iter().zip(columns).collect();
    let set = |set: &Vec<Expr>| set.iter().filter_map(|expr| grouped.get(expr).cloned()).collect();
    let sets = vec![Expr::GroupingSet(GroupingSet::GroupingSets(
        sets.iter().map(set).collect(),
    ))];
    let totals = Aggregate::try_new(Arc::new(LogicalPlan::Aggregate(groups)), sets, wholes)?;

    // By the names and types that stand above.
    let counts = aggregate.aggr_expr.iter().map(|expr| is(expr, "count"));
    let counts =
        std::iter::repeat_n(false, totals.schema.fields().len() - aggregate.aggr_expr.len()).chain(counts);
    let named = totals
        .schema
        .columns()
        .into_iter()
        .zip(aggregate.schema.iter())
        .zip(counts);
    let named = named.map(|((column, (qualifier, field)), is_count)| {
        let value = Expr::Column(column);
        let value = match is_count {
            // Of no group at all there are none. Written so that the planner sees that it is never NULL, as a count is not.
            true => when(value.clone().is_not_null(), value).otherwise(lit(0_i64))?,
            false => value.cast_to(field.data_type(), &totals.schema)?,
        };
        Ok(value.alias_qualified(qualifier.cloned(), field.name()))
    });
    let named = named.collect::<DfResult<Vec<_>>>()?;
    let named = Projection::try_new(named, Arc::new(LogicalPlan::Aggregate(totals)))?;
    Ok(Some(LogicalPlan::Projection(named)))
}

/// Whether an aggregate of rows is one of the aggregates of their groups. A sum of floating-point numbers is another in another order.
fn is_sum_of_parts(expr: &Expr, input: &LogicalPlan) -> DfResult<bool> {
    let Expr::AggregateFunction(AggregateFunction { params, .. }) = expr else {
        return Ok(false);
    };
    let plain = !params.distinct && params.order_by.is_empty() && params.null_treatment.is_none();
    let kind = expr.get_type(input.schema())?;
    let exact = kind.is_integer() || kind.is_decimal();
    Ok(plain && (is(expr, "count") || is(expr, "min") || is(expr, "max") || (is(expr, "sum") && exact)))
}

fn is(expr: &Expr, name: &str) -> bool {
    matches!(expr.clone().unalias(), Expr::AggregateFunction(of) if of.func.name() == name)
}

/// An aggregate of what it was of each group: of counts, the sum.
fn of_parts(part: &Expr, name: &str) -> Expr {
    let Expr::AggregateFunction(AggregateFunction { func, .. }) = part else {
        return part.clone();
    };
    let func = if func.name() == "count" {
        sum_udaf()
    } else {
        Arc::clone(func)
    };
    Expr::AggregateFunction(AggregateFunction::new_udf(
        func,
        vec![col(name)],
        false,
        None,
        vec![],
        None,
    ))
}

#[cfg(test)]
mod tests;
