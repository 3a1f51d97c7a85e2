//! What a reader makes of the results: verdicts per business, the agenda, what changed since last night, and all of it
//! put together as `analysis.json`. Start at [`analysis`].

use shared::{
    facts::{Analysis, Change, Coverage, HandoffLint, RunInfo, SCHEMA, SourceReport, SourceState, Value},
    id::Sha256,
    money::Money,
};

use crate::{
    engine::SqlError,
    evaluate::{Night, Results, check, scopes},
};

mod changes;
mod verdicts;

/// The night's analysis.
///
/// # Errors
/// If a table of the engine's own cannot be read: a defect of this program.
pub async fn analysis(
    night: &Night<'_>,
    run: RunInfo,
    sources: Vec<SourceReport>,
    results: Results,
) -> Result<Analysis, SqlError> {
    let Results {
        verdicts,
        kpis,
        shortfalls,
        unseen,
        actions,
        outlook,
        models,
        rules,
        invariants,
    } = results;
    let findings = check::listed(&verdicts);
    let read = sources
        .iter()
        .filter(|s| matches!(s.state, SourceState::Ok | SourceState::Empty))
        .count();
    let coverage = Coverage {
        computable: kpis.computable,
        total: kpis.total,
        sources_ok: u32::try_from(read).unwrap_or(u32::MAX),
        sources_total: u32::try_from(sources.len()).unwrap_or(u32::MAX),
    };
    let mut known = kpis.known;
    known.sort_by(|a, b| (&a.id, &a.entity).cmp(&(&b.id, &b.entity)));
    let mut analysis = Analysis {
        schema: SCHEMA.to_owned(),
        run,
        entities: Vec::new(),
        sources,
        unreadable: night.warehouse.unreadable(),
        problems: night.warehouse.problems(),
        coverage,
        environment: night.warehouse.settings().read.clone(),
        kpis: known,
        missing_kpis: kpis.missing,
        shortfalls: shortfalls.into_iter().map(|f| f.shortfall).collect(),
        findings,
        actions,
        rules,
        invariants,
        changes: Vec::new(),
        handoff_lint: lint(night).await?,
        models,
        days: outlook.days,
        forecasts: outlook.forecasts,
        grades: outlook.grades,
        history: None,
    };
    analysis.entities = verdicts::verdicts(night, &analysis);
    analysis.changes = night
        .previous
        .map(|previous| {
            let history = night.warehouse.history();
            comparable(night, changes::changes(previous, &analysis, &unseen, history))
        })
        .unwrap_or_default();
    Ok(analysis)
}

/// Weighs changes of entities that count in another currency in the portfolio's. What was weighed in no currency, or has no
/// rate, keeps its place.
fn comparable(night: &Night<'_>, mut changes: Vec<Change>) -> Vec<Change> {
    if night.warehouse.books().is_empty() {
        return changes;
    }
    for change in &mut changes {
        let amounts = [&change.after, &change.before];
        let money = amounts.into_iter().flatten().find_map(Value::as_money);
        // Of an action no amounts are told; what AWS costs is in the portfolio's currency.
        let acts = change.fact.starts_with("action:") && !change.fact.starts_with("action:check:");
        let owner = acts.then(|| night.currency(change.entity.as_deref()));
        if let Some(currency) = money.map(|money| money.currency).or(owner) {
            let weight = Value::from(Money {
                minor: change.weight,
                currency,
            });
            change.weight = scopes::weight(night, Some(&weight));
        }
    }
    changes.sort_by(changes::order);
    changes
}

/// What the handoffs' authors should mend.
async fn lint(night: &Night<'_>) -> Result<Vec<HandoffLint>, SqlError> {
    let sql = "select file, entity, line, code, message, fix from handoff_lint";
    let rows = night
        .warehouse
        .select("handoff_lint", sql, night.warehouse.parameters())
        .await?
        .rows()?;
    let mut found: Vec<HandoffLint> = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let text = |name: &str| rows.cell(row, name).text().map(str::to_owned);
        found.push(HandoffLint {
            file: text("file").unwrap_or_default(),
            entity: text("entity"),
            line: text("line").and_then(|l| l.parse().ok()).unwrap_or(1),
            code: text("code").unwrap_or_default(),
            message: text("message").unwrap_or_default(),
            fix: text("fix").unwrap_or_default(),
        });
    }
    found.sort_by(|a, b| (&a.file, a.line, &a.code, &a.message).cmp(&(&b.file, b.line, &b.code, &b.message)));
    Ok(found)
}

/// A digest over named digests, whatever order they came in.
pub fn digest_of<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Sha256 {
    let mut lines: Vec<String> = parts
        .into_iter()
        .map(|(name, digest)| format!("{name} {digest}\n"))
        .collect();
    lines.sort();
    Sha256::of(lines.concat().as_bytes())
}
