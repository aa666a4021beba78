//! The grantor: everything there is to grant, and what each policy was given of it.
//!
//! What a policy was given outlives its revisions: connections and counts stay, and
//! the number of requests at once is bounded for all of them together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;

use super::grants::{Effective, Grants};
use super::{Config, Configs, PolicyName};
use crate::capabilities::dataset::{Dataset, Look};
use crate::capabilities::granted::Granted;
use crate::capabilities::http::{self, FileConfig, Transport, TransportError};
use crate::capabilities::key_value::{Own, Sqlite, Store, Totals};
use crate::capabilities::secrets::{Hidden, Secret, SecretSource};

/// Between two looks at datasets and secrets.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// What there is to grant, as it is configured.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The environment's variables that secrets are bound to, as far as they are there.
    pub variables: BTreeMap<String, Hidden>,
    /// The datasets that are declared.
    pub datasets: BTreeMap<String, Arc<Dataset>>,
    /// What requests go through.
    pub http: FileConfig,
}

/// Gives policies what they are granted. Clones are the same.
#[derive(Clone, Default)]
pub struct Grantor(Arc<Inner>);

#[derive(Default)]
struct Inner {
    offer: Offer,
    /// Where buckets are; `None` if there are none, or nowhere to keep them.
    store: Option<Arc<Sqlite>>,
    /// What requests go through; `None` where none is made.
    transport: Option<Transport>,
    given: Mutex<BTreeMap<PolicyName, (Grants, Arc<Granted>)>>,
}

impl Grantor {
    /// Opens what is granted to any policy, and reads all datasets. `buckets` is the file
    /// of what policies keep; without one, or with one that cannot be opened, that is
    /// unavailable. Blocks while it reads. What policies send goes through the runtime
    /// that this is called on.
    ///
    /// # Errors
    ///
    /// Requests cannot be made.
    pub fn open(
        offer: Offer,
        configs: &Configs,
        buckets: Option<&Path>,
    ) -> Result<Self, TransportError> {
        let is_granted = |is_granted: fn(&Grants) -> bool| {
            let Configs { default, named } = configs;
            let mut named = named.values();
            is_granted(&default.grants) || named.any(|config| is_granted(&config.grants))
        };
        let transport = is_granted(|grants| !grants.http.is_empty())
            .then(|| Transport::new(&offer.http, Handle::current()))
            .transpose()?;
        let store = is_granted(|grants| grants.key_value)
            .then(|| open_store(buckets?))
            .flatten();
        let grantor = Self(Arc::new(Inner {
            offer,
            store,
            transport,
            given: Mutex::default(),
        }));
        grantor.refresh();
        Ok(grantor)
    }

    /// One that has given a policy this for these grants, and has nothing else.
    #[must_use]
    pub fn of_one(policy: PolicyName, grants: Grants, granted: Arc<Granted>) -> Self {
        Self(Arc::new(Inner {
            given: Mutex::new(BTreeMap::from([(policy, (grants, granted))])),
            ..Inner::default()
        }))
    }

    /// What a policy is granted; the same as before if its grants are. Reads files.
    #[must_use]
    pub fn grant(&self, policy: &PolicyName, has: &Effective, config: &Config) -> Arc<Granted> {
        let mut given = self.given();
        if let Some((grants, granted)) = given.get(policy)
            && *grants == has.grants
        {
            for secret in granted.secrets.values() {
                secret.look();
            }
            return Arc::clone(granted);
        }
        let granted = Arc::new(self.give(policy, &has.grants, config));
        given.insert(policy.clone(), (has.grants.clone(), Arc::clone(&granted)));
        granted
    }

    fn give(&self, policy: &PolicyName, grants: &Grants, config: &Config) -> Granted {
        let Inner {
            offer,
            store,
            transport,
            ..
        } = &*self.0;
        let Offer {
            variables,
            datasets,
            ..
        } = offer;
        let secret = |(name, source): (&String, &SecretSource)| {
            let variable = match source {
                SecretSource::Env(variable) => variables.get(variable),
                SecretSource::File(_) => None,
            };
            let secret = Secret::new(source.clone(), variable.cloned());
            (name.clone(), Arc::new(secret))
        };
        let dataset = |name: &String| Some((name.clone(), Arc::clone(datasets.get(name)?)));
        let bucket = || Own {
            store: store.clone().map(|store| store as Arc<dyn Store>),
            name: Arc::clone(policy.shared()),
            quota: config.key_value.into(),
        };
        let transport = transport.as_ref().filter(|_| !grants.http.is_empty());
        let http = transport.map(|transport| {
            let origins = grants.http.iter().cloned().collect();
            let networks: Vec<_> = grants.networks.iter().copied().collect();
            let client = transport.client(origins, networks.into(), config.http.into());
            http::Granted {
                services: http::Services::Reached(Arc::new(client)),
                requests: config.http.requests,
            }
        });
        Granted {
            secrets: Arc::new(grants.secrets.iter().map(secret).collect()),
            datasets: Arc::new(grants.datasets.iter().filter_map(dataset).collect()),
            key_value: grants.key_value.then(bucket),
            http,
        }
    }

    /// Reads what has changed of datasets and secrets, and says so. Takes as long as
    /// reading does.
    pub fn refresh(&self) {
        for dataset in self.0.offer.datasets.values() {
            say(dataset.name(), &dataset.look());
        }
        let given: Vec<_> = self.given().iter().map(of_policy).collect();
        for (policy, granted) in given {
            for (name, secret) in granted.secrets.iter() {
                if !secret.look() {
                    continue;
                }
                match secret.problem() {
                    None => tracing::info!(%policy, secret = name, "secret read"),
                    Some(problem) => tracing::error!(
                        %policy,
                        secret = name,
                        "secret not read, and goes on as it was: {problem}"
                    ),
                }
            }
        }
    }

    /// Reads what has changed, again and again, beside the threads of the runtime that it is
    /// spawned on.
    pub async fn keep_fresh(self) {
        loop {
            tokio::time::sleep(REFRESH_EVERY).await;
            let own = self.clone();
            let refreshed = tokio::task::spawn_blocking(move || own.refresh());
            if refreshed.await.is_err() {
                tracing::error!(
                    "datasets and secrets are not read again any more; restart the host"
                );
                return;
            }
        }
    }

    /// Whether all secrets of a policy have a value that was loaded, or tried to be.
    #[must_use]
    pub(super) fn has_all_secrets(&self, policy: &PolicyName) -> bool {
        let given = self.given();
        let secrets = given.get(policy).map(|(_, granted)| &granted.secrets);
        secrets.is_some_and(|secrets| secrets.values().all(|secret| secret.value().is_some()))
    }

    /// How much each bucket holds; nothing of buckets that were never written to.
    #[must_use]
    pub fn buckets(&self) -> Vec<(Arc<str>, Totals)> {
        let store = self.0.store.as_deref();
        store.map(Sqlite::totals).unwrap_or_default()
    }

    /// The datasets that are declared, in the order of their names.
    pub fn datasets(&self) -> impl Iterator<Item = &Dataset> {
        self.0.offer.datasets.values().map(|dataset| &**dataset)
    }

    /// What each policy was given that was loaded, in the order of their names.
    #[must_use]
    pub fn all_given(&self) -> Vec<(PolicyName, Arc<Granted>)> {
        self.given().iter().map(of_policy).collect()
    }

    fn given(&self) -> std::sync::MutexGuard<'_, BTreeMap<PolicyName, (Grants, Arc<Granted>)>> {
        self.0.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_store(buckets: &Path) -> Option<Arc<Sqlite>> {
    let store = Sqlite::open(buckets, Arc::new(SystemTime::now));
    let store = store.inspect_err(|error| {
        tracing::error!("what policies keep is unavailable: {error}");
    });
    Some(Arc::new(store.ok()?))
}

fn of_policy(
    (policy, (_, granted)): (&PolicyName, &(Grants, Arc<Granted>)),
) -> (PolicyName, Arc<Granted>) {
    (policy.clone(), Arc::clone(granted))
}

fn say(dataset: &str, look: &Look) {
    match look {
        Look::Same | Look::Settling => {}
        Look::Read { entries, revision } => {
            tracing::info!(dataset, entries, revision, "dataset read");
        }
        Look::Broken(error) => {
            tracing::error!(dataset, "dataset not read, and goes on as it was: {error}");
        }
    }
}

impl std::fmt::Debug for Grantor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grantor").finish_non_exhaustive()
    }
}
