//! What the documents of one night share: the portfolio, its templates, and the analysis, read and cleaned once. A
//! function that stays warm, like the local runner, makes all of them from one reading. Start at [`Nights::of`].

use std::sync::Arc;

use anyhow::Context as _;
use shared::{
    facts::SourceState,
    id::Sha256,
    message::Input,
    objects::Objects,
    portfolio::{Bundle, Portfolio},
};
use tokio::sync::Mutex;

use crate::{Press, clean, pdf::Paper};

/// A night, ready to be printed.
pub(crate) struct Night {
    pub(crate) bundle: Bundle,
    pub(crate) portfolio: Portfolio,
    pub(crate) analysis: clean::Clean,
    pub(crate) press: Press,
}

impl Night {
    async fn read(objects: &Objects, portfolio: &Input, analysis: &Input) -> anyhow::Result<Self> {
        let (bundle, portfolio) = Portfolio::load(objects, portfolio)
            .await
            .context("failed to load the portfolio")?;
        let bytes = objects.get_checked(analysis).await;
        let bytes = bytes.context("failed to read the analysis")?;
        let analysis = clean::parse(&bytes).with_context(|| format!("{} is no analysis", analysis.key))?;
        let press = Press::new(&bundle, Paper::A4).context("failed to read the templates")?;
        Ok(Self {
            bundle,
            portfolio,
            analysis,
            press,
        })
    }

    /// Why a role's document may not leave by itself: a core source that was not read, or figures that contradict each other.
    pub(crate) fn hold(&self, role: &str) -> Option<String> {
        let failed = |s: &&shared::facts::SourceReport| {
            s.core
                && matches!(
                    s.state,
                    SourceState::Missing | SourceState::Failed | SourceState::Late
                )
        };
        let names: Vec<&str> = self
            .analysis
            .sources
            .iter()
            .filter(failed)
            .map(|s| s.id.as_str())
            .collect();
        let unread = (!names.is_empty()).then(|| format!("core source not read: {}", names.join(", ")));
        let broken = self.analysis.invariants.iter().filter(|i| i.holds_back(role));
        let broken = broken.map(|i| format!("{} ({}): {}", i.title, i.fact, i.reason));
        let reasons: Vec<String> = unread.into_iter().chain(broken).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// The night that was read last, by the digests of its configuration and its analysis.
#[derive(Default)]
pub struct Nights(Mutex<Option<(Sha256, Sha256, Arc<Night>)>>);

impl Nights {
    /// A night; read if it is not the last one. Whoever asks while it is being read waits for that reading.
    pub(crate) async fn of(
        &self,
        objects: &Objects,
        portfolio: &Input,
        analysis: &Input,
    ) -> anyhow::Result<Arc<Night>> {
        let mut last = self.0.lock().await;
        if let Some((bundle, facts, night)) = last.as_ref()
            && (bundle, facts) == (&portfolio.sha256, &analysis.sha256)
        {
            return Ok(Arc::clone(night));
        }
        let night = Arc::new(Night::read(objects, portfolio, analysis).await?);
        *last = Some((
            portfolio.sha256.clone(),
            analysis.sha256.clone(),
            Arc::clone(&night),
        ));
        Ok(night)
    }
}
