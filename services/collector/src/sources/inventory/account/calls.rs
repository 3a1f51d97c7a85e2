//! Which calls are made and what becomes of their answers: the files of `calls/`, one a service, as data. Start at
//! [`SERVICES`]; docs/decisions/010 says why calls are data and not one more SDK crate a service.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{
    expression::Expression,
    template::{Parameters, Template},
};

/// All services, in the order in which they are read.
pub static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    let read = |(file, text)| toml::from_str(text).unwrap_or_else(|e| panic!("calls/{file}.toml: {e}"));
    FILES.into_iter().map(read).collect()
});

macro_rules! files {
    ($($name:literal),+ $(,)?) => { [$(($name, include_str!(concat!("calls/", $name, ".toml")))),+] };
}
const FILES: [(&str, &str); 24] = files![
    "tagging",
    "lambda",
    "s3",
    "s3control",
    "cloudfront",
    "route53",
    "route53domains",
    "dynamodb",
    "sqs",
    "sesv2",
    "apigateway",
    "apigatewayv2",
    "secretsmanager",
    "acm",
    "logs",
    "cloudwatch",
    "wafv2",
    "iam",
    "ce",
    "sns",
    "scheduler",
    "cloudformation",
    "ec2",
    "sts",
];

/// A service and its calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// As in `inventory_gap.service`: the AWS command's name of it.
    pub service: String,
    /// The prefix of its IAM actions, where it is not `service`.
    iam: Option<String>,
    /// Its name in signatures, where it is not `service`.
    signing: Option<String>,
    /// How requests and answers are written.
    pub protocol: Protocol,
    /// What `X-Amz-Target` begins with (JSON protocols).
    #[serde(default)]
    pub target: String,
    /// The API's version (query protocols).
    #[serde(default)]
    pub version: String,
    /// With `{region}`, and `{account}` where each account has a host of its own.
    pub host: String,
    /// Where it is called.
    pub scope: Scope,
    /// At most so many calls a second and region; well below the account's limits, which others use too.
    pub calls_per_second: std::num::NonZeroU32,
    /// Its tables.
    #[serde(default, rename = "table")]
    pub tables: Vec<Table>,
    /// Calls that are made for other reasons than to fill a table.
    #[serde(default, rename = "call")]
    others: Vec<Call>,
}

impl Service {
    /// The service of that name.
    ///
    /// # Panics
    /// If there is none: names are literals, and a test asks for each.
    pub fn named(name: &str) -> &'static Self {
        let found = SERVICES.iter().find(|service| service.service == name);
        found.unwrap_or_else(|| panic!("calls/ has no {name}"))
    }
    /// Its call of that name that fills no table.
    ///
    /// # Panics
    /// As [`Service::named`].
    pub fn other(&self, operation: &str) -> &Call {
        let found = self.others.iter().find(|call| call.operation == operation);
        found.unwrap_or_else(|| panic!("calls/ has no {operation}"))
    }
    /// All its calls.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        let of_tables = self.tables.iter().flat_map(|table| {
            std::iter::once(&table.list.call).chain(table.details.iter().map(|detail| &detail.call))
        });
        of_tables.chain(&self.others)
    }
    /// Its name in signatures.
    pub fn signing(&self) -> &str {
        self.signing.as_deref().unwrap_or(&self.service)
    }
    /// The IAM actions that a call needs.
    pub fn actions(&self, call: &Call) -> Vec<String> {
        if call.actions.is_empty() {
            let prefix = self.iam.as_deref().unwrap_or(&self.service);
            return vec![format!("{prefix}:{}", call.operation)];
        }
        call.actions.clone()
    }
}

/// How requests and answers are written: <https://smithy.io/2.0/aws/protocols/index.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// AWS JSON 1.0.
    Json10,
    /// AWS JSON 1.1.
    Json11,
    /// A form, answered in XML.
    Query,
    /// EC2's own kind of it.
    Ec2,
    /// REST with JSON.
    RestJson,
    /// REST with XML.
    RestXml,
}

/// Where a service or a table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// In each region.
    Regional,
    /// Once, signed for us-east-1, which is where global services are.
    Global,
    /// In each region, and in us-east-1 whether it is one of them or not: it tells of global resources.
    RegionalAndGlobal,
}

/// A collected table and the calls that fill it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// In `catalog/collected.toml`.
    pub name: String,
    /// Where, if not where its service is.
    pub scope: Option<Scope>,
    /// Its list is asked for once for each row of this table of the same service, as `parent` in templates.
    pub parent: Option<String>,
    /// The rows.
    pub list: List,
    /// The ARN, by which tags are joined; over `row`, `account`, `region`, `partition`.
    pub arn: Option<Template>,
    /// An item's environment variables, which are scanned for secrets and then forgotten.
    pub environment: Option<Expression>,
    /// One call a row, in this order.
    #[serde(default, rename = "detail")]
    pub details: Vec<Detail>,
    /// Columns from CloudWatch.
    #[serde(default, rename = "metric")]
    pub metrics: Vec<Metric>,
}

/// A call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its name.
    pub operation: String,
    /// The IAM actions it needs, where they are not its name.
    #[serde(default)]
    actions: Vec<String>,
    /// Method and path (REST protocols).
    pub request: Option<Template>,
    /// Query string (REST protocols).
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    /// Headers of its own (REST protocols).
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// Body, or form.
    #[serde(default)]
    pub parameters: Parameters,
    /// The parameters by which the next page is asked for, and where an answer has them: null or empty everywhere is the
    /// end. Without any there is one page.
    #[serde(default)]
    pub page: BTreeMap<String, Expression>,
    /// Fields that every answer of its has, also when it lists nothing. One without them is none of its answers.
    #[serde(default)]
    pub always: Vec<String>,
    /// The root element of its answers (REST with XML); without it they are JSON.
    pub root: Option<String>,
    /// The region it is sent to, where it is not the one that is being read.
    pub region: Option<Template>,
}

/// The call whose answer lists a table's resources.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The call.
    pub call: Call,
    /// The list in its answer.
    pub items: Expression,
    /// A list inside each item whose elements are the rows; they see the item as `parent`.
    pub each: Option<Expression>,
    /// Over an item.
    pub columns: BTreeMap<String, Expression>,
    /// Error codes by which the service says that there is no such thing, which is an answer: one row.
    #[serde(default)]
    pub none: Vec<String>,
    /// That row.
    #[serde(default)]
    pub none_columns: BTreeMap<String, String>,
}

/// A call for each row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// The call. If it has pages, its columns see them as `pages`.
    pub call: Call,
    /// Only for rows of which this holds; over the call's context.
    pub when: Option<Expression>,
    /// It is made once for each element of this, as `each`, and its columns see the answers as `answers`; over the call's
    /// context. Where this is null, so are the columns.
    pub each: Option<Expression>,
    /// Over the answer; the row is `parent`. If the call fails they are NULL, whatever the list said.
    pub columns: BTreeMap<String, Expression>,
    /// Error codes by which the service says that there is no such thing, which is an answer.
    #[serde(default)]
    pub none: Vec<String>,
    /// What the columns are then.
    #[serde(default)]
    pub none_columns: BTreeMap<String, String>,
}

/// A column from CloudWatch's daily data points.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Where it goes. Several metrics of one column are added up, and the newest ones of the newest day.
    pub column: String,
    /// A column for what of it is this metric's own; of the newest day, like the column itself.
    pub part: Option<String>,
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Such as `Invocations`.
    pub metric: String,
    /// Such as `Sum` or `p95`.
    pub stat: String,
    /// Over `row` and so on.
    #[serde(default)]
    pub dimensions: BTreeMap<String, Template>,
    /// Of so many days, the business date the last.
    #[serde(default = "fortnight")]
    pub days: i64,
    /// What is made of the days.
    pub reduce: Reduce,
    /// The figure is multiplied by this.
    #[serde(default = "one")]
    pub scale: f64,
    /// Decimals that it is rounded to.
    #[serde(default)]
    pub decimals: usize,
    /// The column where there is no data point at all; NULL without it. For counters, which are silent at zero.
    pub none: Option<String>,
}

impl Metric {
    /// The columns that it fills.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.column).chain(&self.part)
    }
}

fn fortnight() -> i64 {
    14
}
fn one() -> f64 {
    1.0
}

/// What is made of data points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduce {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// Their mean.
    Mean,
    /// The newest.
    Last,
    /// The last day with a figure above zero.
    LastDay,
}

#[cfg(test)]
mod tests;
