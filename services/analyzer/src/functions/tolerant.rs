//! Counting what a tolerant function could not read.
//!
//! A count must be of values, not of evaluations: the optimizer may copy a call (into a filter and a projection, say), and
//! a query may say `day(x)` twice. So each call gets a *label* (function and argument) right after planning, each
//! remaining call gets a *site* with counters of its own after optimization, and [`settle`] takes, for each label, the
//! site that counted most. Two passes over the plan, and the figures are right whatever the optimizer did.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::{
    arrow::{
        array::{ArrayRef, StringArray},
        datatypes::DataType,
    },
    common::{
        Result,
        cast::as_string_array,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{
        ColumnarValue, Expr, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility, expr::ScalarFunction,
    },
};
use shared::facts::Unreadable;

/// A tolerant function: reads the texts of its first argument; says how many it could not read, and which.
pub trait Read: fmt::Debug + Send + Sync {
    /// In SQL.
    fn name(&self) -> &'static str;
    /// What it gives.
    fn gives(&self) -> DataType;
    /// Whether it takes more than one argument.
    fn variadic(&self) -> bool {
        false
    }
    /// Reads a column; reports each value that it could not read.
    fn read(&self, texts: &[&StringArray], tally: &mut Tally) -> ArrayRef;
}

/// What one evaluation saw.
#[derive(Debug, Default)]
pub struct Tally {
    unreadable: u64,
    seen: u64,
    examples: BTreeSet<String>,
}

/// Examples kept of each column.
const EXAMPLES: usize = 3;
/// Characters kept of each example.
const EXAMPLE_CHARS: usize = 40;

impl Tally {
    /// A value that is not blank, and whether it could be read.
    pub fn count(&mut self, text: &str, readable: bool) {
        self.seen += 1;
        if readable {
            return;
        }
        self.unreadable += 1;
        // The smallest three, not the first three: the order of rows is no part of the result.
        let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        self.examples
            .insert(text.trim().chars().take(EXAMPLE_CHARS).map(clean).collect());
        if self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }

    fn add(&mut self, other: Self) {
        self.unreadable += other.unreadable;
        self.seen += other.seen;
        self.examples.extend(other.examples);
        while self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }
}

type Label = Arc<(String, String)>;

/// One call in an optimized plan.
#[derive(Debug)]
pub struct Site {
    label: Label,
    tally: Mutex<Tally>,
}

/// The SQL function around a [`Read`].
#[derive(Debug, Clone)]
struct Tolerant {
    read: Arc<dyn Read>,
    signature: Signature,
    label: Option<Label>,
    site: Option<Arc<Site>>,
}

// Label and site are no part of a call's identity, or the optimizer could not see that two calls are the same.
impl PartialEq for Tolerant {
    fn eq(&self, other: &Self) -> bool {
        self.read.name() == other.read.name()
    }
}
impl Eq for Tolerant {}
impl Hash for Tolerant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.read.name().hash(state);
    }
}

/// The SQL function.
pub fn udf(read: impl Read + 'static) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::new_from_impl(Tolerant {
        read: Arc::new(read),
        signature,
        label: None,
        site: None,
    })
}

impl ScalarUDFImpl for Tolerant {
    fn name(&self) -> &str {
        self.read.name()
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.read.gives())
    }
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        if types.is_empty() || (types.len() > 1 && !self.read.variadic()) {
            let takes = if self.read.variadic() {
                "a text and keys"
            } else {
                "one argument"
            };
            return datafusion::common::plan_err!(
                "{} takes {takes}, not {} arguments",
                self.read.name(),
                types.len()
            );
        }
        Ok(vec![DataType::Utf8; types.len()])
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let texts = arrays
            .iter()
            .map(|a| as_string_array(a))
            .collect::<Result<Vec<_>>>()?;
        let mut tally = Tally::default();
        let array = self.read.read(&texts, &mut tally);
        if let Some(site) = &self.site {
            site.tally
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(tally);
        }
        if scalar {
            return datafusion::common::ScalarValue::try_from_array(&array, 0).map(ColumnarValue::Scalar);
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// Names each call of the plan, before optimization.
pub fn label(plan: LogicalPlan) -> Result<LogicalPlan> {
    map_calls(plan, &mut |call, args| {
        let argument = args.first().map(argument_name).unwrap_or_default();
        call.label = Some(Arc::new((call.read.name().to_owned(), argument)));
    })
}

/// Gives each call of the plan its counters, after optimization.
pub fn count(plan: LogicalPlan, sites: &mut Vec<Arc<Site>>) -> Result<LogicalPlan> {
    map_calls(plan, &mut |call, args| {
        let unnamed = || {
            Arc::new((
                call.read.name().to_owned(),
                args.first().map(argument_name).unwrap_or_default(),
            ))
        };
        let site = Arc::new(Site {
            label: call.label.clone().unwrap_or_else(unnamed),
            tally: Mutex::default(),
        });
        sites.push(Arc::clone(&site));
        call.site = Some(site);
    })
}

fn map_calls(plan: LogicalPlan, change: &mut impl FnMut(&mut Tolerant, &[Expr])) -> Result<LogicalPlan> {
    let mapped = plan.transform_up_with_subqueries(|node| {
        node.map_expressions(|expr| {
            expr.transform_up(|expr| {
                let Expr::ScalarFunction(ScalarFunction { func, args }) = &expr else {
                    return Ok(Transformed::no(expr));
                };
                let Some(call) = func.inner().downcast_ref::<Tolerant>() else {
                    return Ok(Transformed::no(expr));
                };
                let mut call = call.clone();
                change(&mut call, args);
                let func = Arc::new(ScalarUDF::new_from_impl(call));
                Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction {
                    func,
                    args: args.clone(),
                })))
            })
        })
    })?;
    Ok(mapped.data)
}

/// The columns of an argument: what a reader looks for in the table.
fn argument_name(argument: &Expr) -> String {
    let columns: BTreeSet<String> = argument
        .column_refs()
        .into_iter()
        .map(|c| c.flat_name())
        .collect();
    columns.into_iter().collect::<Vec<_>>().join("\n")
}

/// `charter_date` of `raw.jada_calendar.charter_date`. The result of an aggregate has no name that a reader would find.
fn unqualified(column: &str) -> &str {
    if column.contains('(') {
        return "an expression";
    }
    column.rsplit('.').next().unwrap_or(column)
}

/// What the sites of one query could not read, by function and column.
pub fn settle(source: &str, sites: Vec<Arc<Site>>) -> Vec<Unreadable> {
    let mut most: BTreeMap<(String, String), Unreadable> = BTreeMap::new();
    for site in sites {
        let tally = site.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let found = Unreadable {
            source: source.to_owned(),
            function: site.label.0.clone(),
            column: site
                .label
                .1
                .split('\n')
                .map(unqualified)
                .collect::<Vec<_>>()
                .join(", "),
            count: tally.unreadable,
            of: tally.seen,
            examples: tally.examples.iter().cloned().collect(),
        };
        let slot = most.entry((*site.label).clone()).or_insert_with(|| found.clone());
        if (found.count, found.of) > (slot.count, slot.of) {
            *slot = found;
        }
    }
    most.into_values().filter(|u| u.count > 0).collect()
}
