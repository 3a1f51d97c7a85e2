//! Planning stops at the first column that is not there. A check does not: each such column is taken for a NULL, in the
//! same place, and the rest of the query is planned again.

use datafusion::arrow::datatypes::SchemaRef;

use crate::{
    catalog::entries,
    engine::{Parameters, SqlError, error::Kind},
    warehouse::Warehouse,
};

/// So many columns of one query are said; more would be a query for other tables.
const MOST: usize = 40;

/// The columns of a query's result, or everything that is wrong with it: never an empty list.
pub(super) async fn plan(
    warehouse: &Warehouse,
    sql: &str,
    parameters: &Parameters,
) -> Result<SchemaRef, Vec<SqlError>> {
    let mut text = sql.to_owned();
    let mut errors = Vec::new();
    loop {
        let error = match warehouse.plan(&text, parameters).await {
            Ok(schema) if errors.is_empty() => return Ok(schema),
            Ok(_) => return Err(errors),
            // What else is wrong may come from the NULLs: it is said when the columns are there.
            Err(error) if !errors.is_empty() && error.kind != Kind::UnknownColumn => return Err(errors),
            Err(error) => error,
        };
        let without = (error.kind == Kind::UnknownColumn)
            .then(|| without(&text, error.at))
            .flatten();
        errors.push(error);
        match without {
            Some(next) if errors.len() < MOST => text = next,
            _ => return Err(errors),
        }
    }
}

/// The query with a literal in place of the column at a place. All other places stay where they are.
fn without(sql: &str, at: Option<(u64, u64)>) -> Option<String> {
    let (line, column) = at?;
    let span = entries::offset(sql, line, column);
    let before = sql.get(..span.start)?;
    let of_name = |c: char| c.is_alphanumeric() || "_.\"".contains(c);
    let start = before.trim_end_matches(of_name).len();
    let width = sql.get(start..span.end)?.chars().count();
    let literal = if width < "null".len() { "''" } else { "null" };
    (width >= literal.len()).then(|| format!("{}{literal:width$}{}", &sql[..start], &sql[span.end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_becomes_a_literal_of_the_same_width_with_its_table() {
        let sql = "select 1,\n  money(b.prise) from t";
        let healed = without(sql, Some((2, 11))).unwrap();
        assert_eq!(healed, "select 1,\n  money(null   ) from t");
        assert_eq!(without("select ab", Some((1, 8))).unwrap(), "select ''");
        assert_eq!(without("select a", Some((1, 8))), None);
        assert_eq!(without("select a", None), None);
    }
}
