//! A list in memory, for tests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{AccountList, Entry, ListError, Mailbox, Reason, forms};
use crate::clock::Clock;

/// One that can be told to refuse.
pub struct MemoryList {
    clock: Arc<dyn Clock>,
    entries: Mutex<BTreeMap<String, Entry>>,
    refusal: Mutex<Option<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryList {
    /// An empty one.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            entries: Mutex::default(),
            refusal: Mutex::default(),
        }
    }
    /// Refuses every call with this code from now on, or none.
    pub fn refuse(&self, code: Option<&str>) {
        *lock(&self.refusal) = code.map(str::to_owned);
    }

    fn asked(&self, what: &'static str) -> Result<MutexGuard<'_, BTreeMap<String, Entry>>, ListError> {
        match lock(&self.refusal).clone() {
            Some(code) => Err(ListError { what, code }),
            None => Ok(lock(&self.entries)),
        }
    }
}

#[async_trait]
impl AccountList for MemoryList {
    async fn put(&self, address: &Mailbox, reason: Reason) -> Result<(), ListError> {
        let entry = Entry {
            reason: Some(reason),
            since: self.clock.now(),
        };
        let mut entries = self.asked("put an address on it")?;
        if let Some(form) = forms(address).into_iter().next() {
            entries.entry(form).or_insert(entry);
        }
        Ok(())
    }
    async fn remove(&self, address: &Mailbox) -> Result<(), ListError> {
        let mut entries = self.asked("take an address off it")?;
        for form in forms(address) {
            entries.remove(&form);
        }
        Ok(())
    }
    async fn get(&self, address: &Mailbox) -> Result<Option<Entry>, ListError> {
        let entries = self.asked("look an address up")?;
        Ok(forms(address).iter().find_map(|form| entries.get(form)).copied())
    }
}
