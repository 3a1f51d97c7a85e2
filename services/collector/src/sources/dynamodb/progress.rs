//! How far a part is, so that a killed or stopped one goes on where it was. Start at [`Progress::begin`].
//!
//! Data first, then the pointer: runs of sorted rows are stored, then the checkpoint that names them, then the ledger points
//! to the checkpoint, if no later attempt has begun (decision 009).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::{
    clock::Clock,
    id::{Generation, PartId, RunId},
    ledger::{Ledger, PartAttempt},
    manifest::TableManifest,
    objects::{ObjectError, Objects},
};

use super::pages::{Description, Split, Token};
use crate::snapshot::runs::{Position, Run, WorkFolder};

/// Where a part's progress is kept.
pub struct Progress {
    /// Points to it.
    pub ledger: Arc<dyn Ledger>,
    /// Holds it.
    pub objects: Objects,
    /// For the ledger's rows.
    pub clock: Arc<dyn Clock>,
    /// Of which run,
    pub run: RunId,
    /// generation
    pub generation: Generation,
    /// and part.
    pub part: PartId,
}

/// How far a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Of the table that was read.
    identity: Option<String>,
    /// As the rows of the runs are ordered.
    pub keys: Vec<String>,
    /// The columns by number, as the runs have them.
    pub columns: Vec<String>,
    /// What is to be read, and how far it is.
    pub splits: Vec<(Split, Standing)>,
    /// What was read, sorted.
    pub runs: Vec<Run>,
    /// What is being done.
    pub step: Step,
}

/// How far a split is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing of it is read.
    New,
    /// All before this is in the runs.
    Behind(Token),
    /// All of it is.
    Ended,
}

/// What is done with a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Pages are read, until all splits have ended.
    Reading,
    /// There are more runs than can be merged at once: the first of them become one.
    Reducing {
        /// Where they stand.
        at: Vec<Position>,
        /// The one.
        into: Run,
    },
    /// All runs become the table's files.
    Writing {
        /// Where they stand.
        at: Vec<Position>,
        /// The files.
        table: TableManifest,
    },
}

impl Checkpoint {
    /// Nothing is read yet.
    pub fn new(description: &Description) -> Self {
        let Description {
            identity,
            keys,
            splits,
            ..
        } = description;
        Self {
            identity: identity.clone(),
            keys: keys.clone(),
            columns: Vec::new(),
            splits: splits
                .iter()
                .map(|split| (split.clone(), Standing::New))
                .collect(),
            runs: Vec::new(),
            step: Step::Reading,
        }
    }

    /// Whether it is of this very table, not of one that was deleted and made anew meanwhile.
    pub fn is_of(&self, description: &Description) -> bool {
        self.identity == description.identity && self.keys == description.keys
    }
}

/// One delivery's attempt at a part.
pub struct Attempt<'a> {
    progress: &'a Progress,
    number: u32,
    /// How many attempts have begun without getting further, this one included; 0 once it has.
    pub without_progress: u32,
    /// For its objects.
    pub work: WorkFolder,
}

/// A later attempt at the same part has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overtaken;

impl Progress {
    /// Begins an attempt, with what the last one left.
    ///
    /// # Errors
    /// When the ledger or the store cannot be used, or holds something that is no checkpoint.
    pub async fn begin(&self) -> anyhow::Result<(Attempt<'_>, Option<Checkpoint>)> {
        let begun = self
            .ledger
            .begin_part(&self.run, self.generation, &self.part, self.clock.now());
        let PartAttempt {
            number,
            without_progress,
            checkpoint,
        } = begun.await?;
        let work = WorkFolder::new(&self.objects, &self.run, self.generation, &self.part, number);
        let saved = match checkpoint {
            None => None,
            Some(input) => match self.objects.get_checked(&input).await {
                Ok(bytes) => Some(serde_json::from_slice(&bytes)?),
                Err(error) if error.is_not_found() => gone(&error),
                Err(error) => return Err(error.into()),
            },
        };
        let attempt = Attempt {
            progress: self,
            number,
            without_progress,
            work,
        };
        Ok((attempt, saved))
    }
}

/// The bucket's rule for `work/` has taken it: days have passed, and reading anew is right.
fn gone(error: &ObjectError) -> Option<Checkpoint> {
    tracing::warn!(error = %error, "the checkpoint is gone, the part is read from its beginning");
    None
}

impl Attempt<'_> {
    /// Saves how far the part is.
    ///
    /// # Errors
    /// When the ledger or the store cannot be used.
    pub async fn save(&mut self, checkpoint: &Checkpoint) -> anyhow::Result<Result<(), Overtaken>> {
        let input = self
            .work
            .put("json", serde_json::to_vec(checkpoint)?.into())
            .await?;
        let Progress {
            ledger,
            clock,
            run,
            generation,
            part,
            ..
        } = self.progress;
        let noted = ledger.checkpoint_part(run, *generation, part, self.number, &input, clock.now());
        if noted.await? {
            self.without_progress = 0;
            Ok(Ok(()))
        } else {
            Ok(Err(Overtaken))
        }
    }
}
