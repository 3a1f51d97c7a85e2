//! From the table of calls to rows: list, then a row's details, then its metrics. Start at [`Walk::table`].

use std::sync::Arc;

use futures::{StreamExt, future::BoxFuture, stream};
use jiff::civil::Date;
use jmespath::{Rcvar, Variable};

use super::{
    calls::{Detail, Service, Table},
    client::{CallError, Client},
    context::{ARN, null, object, row_value},
    expression::{cell, elements},
    metrics, policy,
    rows::{Gap, Row, set, text},
    secrets::Scanner,
};
use crate::sources::inventory::tables::columns_of;

/// Rows whose details are asked for at once; the client bounds the calls.
const ROWS_AT_ONCE: usize = 8;

/// What does not change while an account is read.
pub struct Walk<'a> {
    /// Makes the calls.
    pub client: &'a Client,
    /// The account's id.
    pub account: Option<String>,
    /// The business date.
    pub as_of: Date,
    /// The day of the reading, in UTC.
    pub today: Date,
    /// Looks for secrets.
    pub scanner: &'a Scanner,
}

/// What one table, or a part of it, came to.
#[derive(Debug, Default)]
pub struct Found {
    /// Rows by table; a table that is here was read, in this region at least.
    pub rows: Vec<(&'static str, Vec<Row>)>,
    /// Calls without an answer.
    pub gaps: Vec<Gap>,
}

/// A table in a region.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Whose calls.
    pub service: &'static Service,
    /// Which table.
    pub table: &'static Table,
    /// Where requests are signed for.
    pub region: &'a str,
    /// What rows and gaps say: the region, or `global`.
    pub shown: &'a str,
}

impl Place<'_> {
    fn gap(&self, operation: &str, error: &CallError) -> Gap {
        Gap::new(&self.service.service, self.shown, operation, error)
    }
}

impl Walk<'_> {
    /// Reads a table in a region, and the tables that hang on its rows. `parent` is the row it hangs on itself.
    pub fn table<'b>(&'b self, place: Place<'b>, parent: Option<Row>) -> BoxFuture<'b, Found> {
        Box::pin(async move {
            let mut found = Found::default();
            let table = place.table;
            let context = self.context(
                place.region,
                &[("parent", parent.as_ref().map_or(null(), row_value))],
            );
            let (items, mut rows) = match self.list(place, &context).await {
                Ok(listed) => listed,
                Err(error) => {
                    found.gaps.push(place.gap(&table.list.call.operation, &error));
                    return found;
                }
            };
            if let Some(environment) = &table.environment {
                let (secrets, gaps) = self.scan(place, environment, &items, &rows);
                found.rows.push(("lambda_env_secret", secrets));
                found.gaps.extend(gaps);
            }
            // Collected first: a stream over a borrowing iterator is no future that may move between threads.
            let of_rows: Vec<_> = items
                .into_iter()
                .zip(std::mem::take(&mut rows))
                .map(|(item, row)| self.details(place, item, row))
                .collect();
            let detailed: Vec<_> = stream::iter(of_rows).buffered(ROWS_AT_ONCE).collect().await;
            for (row, gaps) in detailed {
                rows.push(row);
                found.gaps.extend(gaps);
            }
            found.gaps.extend(metrics::fill(self, place, &mut rows).await);
            for child in place
                .service
                .tables
                .iter()
                .filter(|t| t.parent.as_ref() == Some(&table.name))
            {
                let below = Place {
                    table: child,
                    ..place
                };
                let of_rows: Vec<_> = rows
                    .iter()
                    .cloned()
                    .map(|row| self.table(below, Some(row)))
                    .collect();
                let parts: Vec<_> = stream::iter(of_rows).buffered(ROWS_AT_ONCE).collect().await;
                // Without any parent there is nothing to ask for, and so no row: that is known.
                if rows.is_empty() {
                    found.rows.push((child.name.as_str(), Vec::new()));
                }
                for part in parts {
                    found.rows.extend(part.rows);
                    found.gaps.extend(part.gaps);
                }
            }
            found.rows.push((table.name.as_str(), rows));
            found
        })
    }

    /// The items of a table and their rows. A list whose last page fails, or of which an item looks otherwise than documented,
    /// is no list: what is missing from it would be taken for not there.
    async fn list(&self, place: Place<'_>, context: &Rcvar) -> Result<(Vec<Rcvar>, Vec<Row>), CallError> {
        let list = &place.table.list;
        let region = self.region(&list.call.region, place.region, context)?;
        let pages = match self
            .client
            .pages(place.service, &list.call, &region, context)
            .await
        {
            Err(CallError::Refused(code)) if list.none.contains(&code) => {
                let cells = list.none_columns.iter();
                let row = cells.map(|(column, text)| (column.clone(), Some(text.clone())));
                return Ok((vec![null()], vec![row.collect()]));
            }
            pages => pages?,
        };
        let unreadable = |_| CallError::Unreadable;
        let mut items = Vec::new();
        for page in &pages {
            for item in elements(&list.items.find(page).map_err(unreadable)?) {
                match &list.each {
                    None => items.push(self.seen(&item, place.region, context.get_field("parent"))),
                    Some(each) => {
                        let inner = each.find(&item).map_err(unreadable)?;
                        if inner.is_null() {
                            return Err(CallError::Unreadable);
                        }
                        items.extend(
                            elements(&inner)
                                .iter()
                                .map(|i| self.seen(i, place.region, Arc::clone(&item))),
                        );
                    }
                }
            }
        }
        let columns = columns_of(place.table.name.as_str()).unwrap_or_default();
        let mut rows = Vec::new();
        for item in &items {
            let mut row = Row::new();
            for (column, expression) in &list.columns {
                set(
                    &mut row,
                    column,
                    cell(&*expression.find(item).map_err(unreadable)?),
                );
            }
            if columns.iter().any(|c| c == "region")
                && text(&row, "region").is_none()
                && !list.columns.contains_key("region")
            {
                set(&mut row, "region", Some(place.shown.to_owned()));
            }
            rows.push(row);
        }
        Ok((items, rows))
    }

    async fn details(&self, place: Place<'_>, item: Rcvar, mut row: Row) -> (Row, Vec<Gap>) {
        let mut gaps = Vec::new();
        for detail in &place.table.details {
            let context = self.context(
                place.region,
                &[("item", Arc::clone(&item)), ("row", row_value(&row))],
            );
            let holds = |when: &super::expression::Expression| {
                when.find(&context).is_ok_and(|value| value.is_truthy())
            };
            if detail.when.as_ref().is_some_and(|when| !holds(when)) {
                continue;
            }
            match self.detail(place, detail, &context).await {
                Ok(cells) => row.extend(cells),
                Err(error) => {
                    row.extend(detail.columns.keys().map(|column| (column.clone(), None)));
                    gaps.push(place.gap(&detail.call.operation, &error));
                }
            }
        }
        if let Some(arn) = &place.table.arn {
            let context = self.context(place.region, &[("row", row_value(&row))]);
            set(&mut row, ARN, arn.text(&context, str::to_owned).ok());
        }
        (row, gaps)
    }

    async fn detail(&self, place: Place<'_>, detail: &Detail, context: &Rcvar) -> Result<Row, CallError> {
        let region = self.region(&detail.call.region, place.region, context)?;
        if let Some(each) = &detail.each {
            let answers = self.answers(place, detail, &region, context, each).await?;
            let answer = object([("answers", Arc::new(Variable::Array(answers)))]);
            return self.cells(place, detail, &answer, context);
        }
        let pages = match self
            .client
            .pages(place.service, &detail.call, &region, context)
            .await
        {
            Err(CallError::Refused(code)) if detail.none.contains(&code) => {
                let none = detail.none_columns.iter();
                return Ok(none
                    .map(|(column, text)| (column.clone(), Some(text.clone())))
                    .collect());
            }
            pages => pages?,
        };
        let answer = match &pages[..] {
            [page] if detail.call.page.is_empty() => Arc::clone(page),
            _ => object([("pages", Arc::new(Variable::Array(pages)))]),
        };
        self.cells(place, detail, &answer, context)
    }

    /// The answers to a detail call that is made for several things of a row; of a thing that has nothing there is none.
    async fn answers(
        &self,
        place: Place<'_>,
        detail: &Detail,
        region: &str,
        context: &Rcvar,
        each: &super::expression::Expression,
    ) -> Result<Vec<Rcvar>, CallError> {
        let each = each.find(context).map_err(|_| CallError::Unreadable)?;
        if each.is_null() {
            return Err(CallError::NotCalled);
        }
        let mut answers = Vec::new();
        for one in elements(&each) {
            let mut fields = context.as_object().cloned().unwrap_or_default();
            fields.insert("each".to_owned(), one);
            let context = Arc::new(Variable::Object(fields));
            match self
                .client
                .pages(place.service, &detail.call, region, &context)
                .await
            {
                Err(CallError::Refused(code)) if detail.none.contains(&code) => {}
                pages => answers.extend(pages?),
            }
        }
        Ok(answers)
    }

    fn cells(
        &self,
        place: Place<'_>,
        detail: &Detail,
        answer: &Rcvar,
        context: &Rcvar,
    ) -> Result<Row, CallError> {
        let answer = self.seen(answer, place.region, context.get_field("row"));
        let mut row = Row::new();
        for (column, expression) in &detail.columns {
            set(
                &mut row,
                column,
                cell(&*expression.find(&answer).map_err(|_| CallError::Unreadable)?),
            );
        }
        Ok(row)
    }

    /// Secrets in the environments of items, and gaps where the service could not decrypt one.
    fn scan(
        &self,
        place: Place<'_>,
        environment: &super::expression::Expression,
        items: &[Rcvar],
        rows: &[Row],
    ) -> (Vec<Row>, Vec<Gap>) {
        let (mut found, mut gaps) = (Vec::new(), Vec::new());
        for (item, row) in items.iter().zip(rows) {
            let refused = item
                .get_field("Environment")
                .get_field("Error")
                .get_field("ErrorCode");
            if let Some(code) = refused.as_string() {
                gaps.push(place.gap(policy::DECRYPT, &CallError::Refused(code.clone())));
            }
            let variables = environment.find(item).unwrap_or_else(|_| null());
            for (variable, value) in variables.as_object().into_iter().flatten() {
                let Some(hit) = value
                    .as_string()
                    .and_then(|value| self.scanner.scan(variable, value))
                else {
                    continue;
                };
                let cells = [
                    ("function", text(row, "name").map(str::to_owned)),
                    ("region", Some(place.shown.to_owned())),
                    ("variable", Some(variable.clone())),
                    ("rule", Some(hit.rule.to_owned())),
                    ("fingerprint", hit.fingerprint),
                    // For the join of tags only.
                    (ARN, text(row, "arn").map(str::to_owned)),
                ];
                found.push(cells.map(|(name, text)| (name.to_owned(), text)).into());
            }
        }
        (found, gaps)
    }

    fn region(
        &self,
        of_call: &Option<super::template::Template>,
        region: &str,
        context: &Rcvar,
    ) -> Result<String, CallError> {
        match of_call {
            None => Ok(region.to_owned()),
            Some(template) => template
                .text(context, str::to_owned)
                .map_err(|_| CallError::NotCalled),
        }
    }
}
