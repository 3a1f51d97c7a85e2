//! Starts a night: which configuration it has, which day it reports on, and then its plan. Start at [`run`].
//!
//! Both are settled here, once. A night that is started again, after a push of another configuration even, finds its run
//! planned, and the first plan stands.

use anyhow::{Context, ensure};
use shared::{
    message::Start,
    portfolio::{Portfolio, pointer},
};

use crate::{Deps, plan};

/// Plans the night's run with the configuration that was pushed last.
///
/// # Errors
/// When the portfolio was never pushed, naming the key that is not there; otherwise when its configuration cannot be read
/// or a port fails. The message comes back, and in the end goes to the DLQ, where a push and a redrive mend it.
pub async fn run(deps: &Deps, start: &Start) -> anyhow::Result<()> {
    let id = &start.portfolio;
    let bundle = pointer::read(&deps.objects, id)
        .await
        .context("failed to read which configuration is current")?;
    let bundle = bundle.with_context(|| {
        format!(
            "portfolio {id} was never pushed: there is no object {}; run `quarterdeck push` with its folder",
            pointer::key(id)
        )
    })?;
    let (_, portfolio) = Portfolio::load(&deps.objects, &bundle).await?;
    ensure!(
        portfolio.id == *id,
        "{} points to the configuration of portfolio {}, not {id}",
        pointer::key(id),
        portfolio.id
    );
    let envelope = start
        .plan(&portfolio, bundle, deps.clock.now())
        .with_context(|| format!("portfolio {id} has no night at {}", start.scheduled_at))?;
    tracing::Span::current().record("run", tracing::field::display(&envelope.run));
    plan::with(deps, &envelope, &portfolio).await
}
