//! Resolving: the addresses of a name.
//!
//! A resolver is asked once for each connection and believed in nothing else: what it
//! answers is checked by whoever connects.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

/// What a resolver promises.
pub type Resolved<'a> = BoxFuture<'a, io::Result<Vec<IpAddr>>>;

/// Knows the addresses of names.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of a name, in the order in which they are best tried. Awaited on
    /// the client's runtime.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a>;
}

/// The resolver of the operating system.
///
/// A lookup cannot be ended, only left alone, and keeps a thread until the system gives
/// up on it. There are never more of them than this resolver was made for, also when
/// nobody waits any longer.
#[derive(Debug)]
pub struct System {
    lookups: Arc<Semaphore>,
}

impl System {
    /// A resolver of at most this many lookups at once.
    #[must_use]
    pub fn new(lookups: usize) -> Self {
        Self {
            lookups: Arc::new(Semaphore::new(lookups.min(Semaphore::MAX_PERMITS))),
        }
    }
}

impl Resolve for System {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a> {
        let lookups = Arc::clone(&self.lookups);
        let name = name.to_owned();
        Box::pin(async move {
            let permit = lookups.acquire_owned().await.map_err(io::Error::other)?;
            let lookup = move || {
                let found = (name.as_str(), 0).to_socket_addrs();
                drop(permit);
                found.map(|addresses| addresses.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(lookup)
                .await
                .map_err(io::Error::other)?
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_system_knows_this_machine() {
        let found = System::new(1).resolve("localhost").await;
        let found = found.expect("every system does");
        assert!(found.iter().any(IpAddr::is_loopback), "{found:?}");
    }

    #[tokio::test]
    async fn a_lookup_waits_for_its_turn() {
        let system = System::new(1);
        let taken = Arc::clone(&system.lookups).acquire_owned().await;
        let mut lookup = system.resolve("localhost");
        assert!(lookup.as_mut().now_or_never().is_none());
        drop(taken);
        assert!(lookup.await.is_ok());
    }
}
