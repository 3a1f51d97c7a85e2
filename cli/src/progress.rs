//! Progress of a night: one bar a stage on a terminal, nothing elsewhere.
//!
//! Fed by two decorators that know nothing of each other: the sender counts what is asked for, the driver what is done.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use async_trait::async_trait;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::queue::{QueueError, Sender, Stage};

/// The bars.
#[derive(Debug, Clone)]
pub struct Progress {
    bars: [ProgressBar; 4],
    all: MultiProgress,
}

impl Progress {
    /// Bars on standard error if it is a terminal and nobody asked for JSON.
    pub fn new(json: bool) -> Self {
        let visible = !json && std::io::stderr().is_terminal();
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let all = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{prefix:<8} {bar:24} {pos:>3}/{len:<3} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars = Stage::ALL.map(|stage| {
            let bar = all.add(
                ProgressBar::new(0)
                    .with_style(style.clone())
                    .with_prefix(stage.name()),
            );
            if visible {
                bar.enable_steady_tick(Duration::from_millis(100));
            }
            bar
        });
        Self { bars, all }
    }
    /// More work was asked for.
    pub fn asked(&self, stage: Stage, count: usize) {
        self.bars[stage as usize].inc_length(count as u64);
    }
    /// A message was handled.
    pub fn done(&self, stage: Stage, item: &str) {
        let bar = &self.bars[stage as usize];
        bar.inc(1);
        bar.set_message(item.to_owned());
    }
    /// Takes the bars off the terminal.
    pub fn clear(&self) {
        for bar in &self.bars {
            bar.finish_and_clear();
        }
        let _ = self.all.clear();
    }
}

/// Counts what is sent.
pub struct CountingSender<S> {
    /// Who sends.
    pub inner: Arc<S>,
    /// Who is told.
    pub progress: Progress,
}

#[async_trait]
impl<S: Sender> Sender for CountingSender<S> {
    async fn send(&self, stage: Stage, bodies: &[String]) -> Result<(), QueueError> {
        self.inner.send(stage, bodies).await?;
        self.progress.asked(stage, bodies.len());
        Ok(())
    }
}
