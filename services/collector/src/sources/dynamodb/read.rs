//! Reads all splits, page by page, several at once, and keeps what is read as sorted runs. Start at [`Reading::read`].
//!
//! Memory holds one chunk and one page of each split that is being read. A chunk that is full becomes a run, and with it the
//! checkpoint moves: a page is in the runs, or its split stands before it.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;

use super::{
    Stopped,
    budget::{Budget, Timer},
    item,
    pages::{Item, Page, Pages, ReadError, Split, Token},
    progress::{Attempt, Checkpoint, Standing},
};
use crate::snapshot::{
    chunk::{Chunk, Columns},
    runs::Run,
};

/// So many pages are on their way at once. A page of small items takes 5 to 8 MB when it is parsed.
const AT_ONCE: usize = 8;
/// So often a page is asked for again when the service errs, and when it throttles: seconds, and half a minute in all.
const TRIES: u32 = 3;
const THROTTLED_TRIES: u32 = 10;
/// The first wait before that; each next one is twice as long, up to the longest.
const BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);
/// Attributes of a table by name. More of them are data, not columns, and each takes memory in every file.
pub const MAX_COLUMNS: usize = 4096;

/// What reads the pages, and within what limits.
pub struct Reading<'a> {
    /// The pages.
    pub pages: &'a dyn Pages,
    /// The table's capacity.
    pub budget: Mutex<Budget>,
    /// For waiting.
    pub timer: &'a dyn Timer,
    /// When to stop, and save.
    pub ends: Option<Timestamp>,
}

/// What became of asking for a page.
enum Fetched {
    Page(Page),
    /// Its turn comes after the end of the time.
    NoTime,
}

impl Reading<'_> {
    /// Reads what `checkpoint` has not, and answers with the rows that are in no run yet. Reads at least one page, however
    /// little time there is.
    ///
    /// # Errors
    /// Why it stopped; what was read until then is saved, where it is worth it.
    pub(super) async fn read(
        &self,
        attempt: &mut Attempt<'_>,
        checkpoint: &mut Checkpoint,
        columns: &mut Columns,
    ) -> Result<Chunk, Stopped> {
        let (mut chunk, before) = (Chunk::default(), checkpoint.splits.clone());
        let read = self.fill(attempt, checkpoint, columns, &mut chunk).await;
        if let Err(stopped) = read {
            if stopped.is_to_be_gone_on_with() && (checkpoint.splits != before || !chunk.is_empty()) {
                store(attempt, checkpoint, columns, &mut chunk).await?;
            }
            return Err(stopped);
        }
        Ok(chunk)
    }

    async fn fill(
        &self,
        attempt: &mut Attempt<'_>,
        checkpoint: &mut Checkpoint,
        columns: &mut Columns,
        chunk: &mut Chunk,
    ) -> Result<(), Stopped> {
        let open =
            |(n, (_, standing)): (usize, &(Split, Standing))| (*standing != Standing::Ended).then_some(n);
        let mut waiting: VecDeque<usize> = checkpoint.splits.iter().enumerate().filter_map(open).collect();
        let mut seen: HashSet<(usize, Token)> = HashSet::new();
        let mut on_their_way = FuturesUnordered::new();
        let mut is_over = false;
        loop {
            while !is_over && on_their_way.len() < AT_ONCE {
                let Some(n) = waiting.pop_front() else { break };
                let (split, standing) = checkpoint.splits[n].clone();
                on_their_way.push(async move { (n, self.fetch(&split, &standing).await) });
            }
            let Some((n, fetched)) = on_their_way.next().await else {
                break;
            };
            let Fetched::Page(page) = fetched? else {
                waiting.push_front(n);
                is_over = true;
                continue;
            };
            for item in &page.items {
                append(chunk, columns, &checkpoint.keys, item)?;
            }
            checkpoint.splits[n].1 = match page.next {
                None => Standing::Ended,
                Some(token) => {
                    // A service that gives the same end twice would be read for ever.
                    if !seen.insert((n, token.clone()))
                        || checkpoint.splits[n].1 == Standing::Behind(token.clone())
                    {
                        return Err(Stopped::Repeats);
                    }
                    waiting.push_front(n);
                    Standing::Behind(token)
                }
            };
            if chunk.is_full() {
                store(attempt, checkpoint, columns, chunk).await?;
            }
            is_over |= self.is_over();
        }
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(Stopped::Time)
        }
    }

    /// Asks for a page when its turn has come, and again when that may help.
    async fn fetch(&self, split: &Split, standing: &Standing) -> Result<Fetched, Stopped> {
        let after = match standing {
            Standing::Behind(token) => Some(token),
            Standing::New | Standing::Ended => None,
        };
        let (mut failed, mut throttled) = (0, 0);
        loop {
            let turn = self.budget().turn(self.timer.now());
            let reserved = match turn {
                Ok(reserved) => reserved,
                Err(wait) if self.is_too_long(wait) => return Ok(Fetched::NoTime),
                Err(wait) => {
                    self.timer.sleep(wait).await;
                    continue;
                }
            };
            let answer = self.pages.page(split, after).await;
            let now = self.timer.now();
            let wait = match answer {
                Ok(page) => {
                    self.budget().settle(reserved, page.units, now);
                    return Ok(Fetched::Page(page));
                }
                Err(ReadError::Throttled(_)) if throttled + 1 < THROTTLED_TRIES => {
                    self.budget().throttled(reserved, now);
                    throttled += 1;
                    backoff(throttled)
                }
                Err(ReadError::Transient(_)) if failed + 1 < TRIES => {
                    self.budget().settle(reserved, Some(0.0), now);
                    failed += 1;
                    backoff(failed)
                }
                Err(error) => return Err(Stopped::Read(error)),
            };
            if self.is_too_long(wait) {
                return Ok(Fetched::NoTime);
            }
            self.timer.sleep(wait).await;
        }
    }

    /// The read units that this delivery consumed.
    pub(super) fn consumed(&self) -> f64 {
        self.budget().consumed()
    }

    /// Whether it is time to stop.
    pub(super) fn is_over(&self) -> bool {
        self.ends.is_some_and(|ends| self.timer.now() >= ends)
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_too_long(&self, wait: Duration) -> bool {
        let until = self.timer.now().checked_add(wait);
        self.ends
            .is_some_and(|ends| until.map_or(true, |until| until >= ends))
    }
}

fn backoff(tries: u32) -> Duration {
    (BACKOFF * 2_u32.pow(tries - 1)).min(LONGEST_BACKOFF)
}

/// Makes the chunk a run, empties it, and saves how far the part is.
pub(super) async fn store(
    attempt: &mut Attempt<'_>,
    checkpoint: &mut Checkpoint,
    columns: &Columns,
    chunk: &mut Chunk,
) -> Result<(), Stopped> {
    let mut full = std::mem::take(chunk);
    if !full.is_empty() {
        full.sort_by_leading_cells(checkpoint.keys.len());
        let file = attempt.work.put_rows(&full).await?;
        checkpoint.runs.push(Run::of(file));
        checkpoint.columns = columns.names().to_vec();
    }
    attempt.save(checkpoint).await??;
    Ok(())
}

/// The key first, for the order; the other attributes in any order, since a file's columns are sorted.
fn append(chunk: &mut Chunk, columns: &mut Columns, keys: &[String], item: &Item) -> Result<(), Stopped> {
    chunk.begin_row();
    for key in keys {
        match item.get(key) {
            Some(value) => chunk.cell(columns.id(key), |out| item::write_cell(value, out))?,
            None => chunk.text_cell(columns.id(key), None),
        }
    }
    for (name, value) in item.iter().filter(|(name, _)| !keys.contains(name)) {
        chunk.cell(columns.id(name), |out| item::write_cell(value, out))?;
    }
    if columns.count() > MAX_COLUMNS {
        return Err(Stopped::Columns);
    }
    Ok(())
}
