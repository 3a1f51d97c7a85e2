//! Running a query of the catalog in a session: the night's, or one of the books.

use jiff::civil::Date;

use crate::engine::{Allow, Answer, Engine, Parameters, SqlError};

/// Runs a query in a session.
pub(super) async fn run(
    engine: &Engine,
    source: &str,
    sql: &str,
    parameters: &Parameters,
) -> Result<Answer, SqlError> {
    // On a task of its own: queries that do not wait for each other then use all the cores there are.
    let (engine, parameters) = (engine.clone(), parameters.clone());
    let (name, text) = (source.to_owned(), sql.to_owned());
    let task = tokio::spawn(async move { engine.run(&name, &text, &parameters, Allow::Select).await });
    task.await
        .map_err(|panic| SqlError::new(format!("the engine gave up: {panic}")))?
}

/// The same for each of several periods, planned once, up to the first that fails.
pub(super) async fn run_each(
    engine: &Engine,
    source: &str,
    sql: &str,
    parameters: &Parameters,
    periods: &[(Date, Date)],
) -> Vec<Result<Answer, SqlError>> {
    let (engine, parameters) = (engine.clone(), parameters.clone());
    let (name, text, days) = (source.to_owned(), sql.to_owned(), periods.to_vec());
    let task = tokio::spawn(async move {
        let mut answers = Vec::with_capacity(days.len());
        // What cannot be planned without its period may be planned with it; and what cannot says so with its place.
        let prepared = engine.prepare(&text, &parameters).await;
        for (from, to) in days {
            answers.push(match &prepared {
                Ok(plan) => engine.run_during(&name, plan, (from, to)).await,
                Err(_) => {
                    let during = parameters.during(from, to);
                    engine.run(&name, &text, &during, Allow::Select).await
                }
            });
            // What takes too long for one period takes it for all.
            if answers.last().is_some_and(Result::is_err) {
                break;
            }
        }
        answers
    });
    let gave_up = |panic| vec![Err(SqlError::new(format!("the engine gave up: {panic}")))];
    task.await.unwrap_or_else(gave_up)
}
