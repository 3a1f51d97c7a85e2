//! A query planned once and run for several periods: of what a query of a night takes, planning is four fifths.

use datafusion::{
    common::{
        Result as DfResult, ScalarValue,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{Expr, LogicalPlan, expr::Placeholder, expr_rewriter::NamePreserver},
};
use jiff::civil::Date;

use super::{Allow, Answer, Engine, Parameters, SqlError, parameters::PERIOD};
use crate::functions::{epoch_days, tolerant};

/// An optimized plan in which `$from` and `$to` are still open.
#[derive(Debug, Clone)]
pub struct Prepared(LogicalPlan);

impl Engine {
    /// Plans a query for [`Engine::run_during`].
    ///
    /// # Errors
    /// [`SqlError`] with the place in `sql`; also for a query that cannot be planned without its period, as
    /// `generate_series($from, $to, …)` cannot.
    pub async fn prepare(&self, sql: &str, parameters: &Parameters) -> Result<Prepared, SqlError> {
        let state = self.ctx.state();
        let plan = self
            .plan_in(&state, sql, &parameters.open(), Allow::Select)
            .await?;
        Ok(Prepared(state.optimize(&tolerant::label(plan)?)?))
    }

    /// Runs a prepared query for the days from `from` to `to`. `source` names it in the counts of unreadable values.
    ///
    /// # Errors
    /// [`SqlError`]; nothing else is touched by it.
    pub async fn run_during(
        &self,
        source: &str,
        prepared: &Prepared,
        (from, to): (Date, Date),
    ) -> Result<Answer, SqlError> {
        let [first, last] = PERIOD.map(|name| format!("${name}"));
        let day = |day| ScalarValue::Date32(Some(epoch_days(day)));
        let value = |id: &str| match id {
            id if id == first => Some(day(from)),
            id if id == last => Some(day(to)),
            _ => None,
        };
        let plan = filled(prepared.0.clone(), &value)?;
        self.execute(&self.ctx.state(), source, plan).await
    }
}

/// The plan with its open parameters' values in it. Names stay as they are: what stands above refers to them.
fn filled(plan: LogicalPlan, value: &impl Fn(&str) -> Option<ScalarValue>) -> DfResult<LogicalPlan> {
    let filled = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            let put = expr.transform_up(|expr| match &expr {
                Expr::Placeholder(Placeholder { id, .. }) => Ok(match value(id) {
                    Some(value) => Transformed::yes(Expr::Literal(value, None)),
                    None => Transformed::no(expr),
                }),
                _ => Ok(Transformed::no(expr)),
            })?;
            Ok(if put.transformed {
                put.update_data(|expr| name.restore(expr))
            } else {
                put
            })
        })
    })?;
    Ok(filled.data)
}
