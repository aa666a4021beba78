//! The ledger: what is known of all buckets without asking the database.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::quota::{Quota, Totals};

/// What is known of all buckets.
#[derive(Debug)]
pub(super) struct Ledger(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// As of the last commit.
    totals: BTreeMap<Arc<str>, Totals>,
    /// The buckets whose entries expire, of those that were used since the start: only
    /// with an operation comes what the operator says now.
    expiring: HashMap<Arc<str>, Quota>,
}

impl Ledger {
    /// One that begins with what was counted before.
    pub(super) fn new(totals: BTreeMap<Arc<str>, Totals>) -> Self {
        let expiring = HashMap::new();
        Self(Mutex::new(Known { totals, expiring }))
    }

    pub(super) fn totals(&self) -> Vec<(Arc<str>, Totals)> {
        let known = self.lock();
        let totals = known.totals.iter();
        totals
            .map(|(name, totals)| (Arc::clone(name), *totals))
            .collect()
    }

    pub(super) fn count(&self, totals: impl IntoIterator<Item = (Arc<str>, Totals)>) {
        self.lock().totals.extend(totals);
    }

    /// Learns from operations whether their buckets' entries expire.
    pub(super) fn learn<'a>(&self, quotas: impl Iterator<Item = (&'a Arc<str>, Quota)>) {
        let expiring = &mut self.lock().expiring;
        for (bucket, quota) in quotas {
            if quota.expire_after.is_none() {
                expiring.remove(bucket);
            } else if expiring.get(bucket) != Some(&quota) {
                expiring.insert(Arc::clone(bucket), quota);
            }
        }
    }

    pub(super) fn expiring(&self) -> HashMap<Arc<str>, Quota> {
        self.lock().expiring.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
