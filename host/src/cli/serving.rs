//! What serving commands share: the sandbox, both listeners, and their end.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::Config;
use crate::hook::{Hooks, ReplyCache};
use crate::policy::{Grantor, Loader};
use crate::sandbox::{self, Allocator, Compiler, Sandbox};
use crate::server::{self, Connections, State};
use crate::storage::{As, Storage};

/// Both listeners, bound and not served yet: nothing listens for a host that
/// cannot have both.
pub(super) struct Serving {
    state: Arc<State>,
    okta: TcpListener,
    operator: TcpListener,
    connections: Connections,
    grace: Duration,
}

/// Opens the host's own folder. Without one, or with one that cannot be written,
/// the host serves all the same.
pub(super) fn open_storage(path: &Path) -> Option<Storage> {
    let (storage, problem) = match Storage::open(path, As::Host) {
        Ok((storage, problem)) => (Some(storage), problem),
        Err(error) => (None, Some(error)),
    };
    if let Some(error) = problem {
        tracing::error!(
            "nothing is kept for the next start, neither compiled code nor good revisions nor what policies keep (`state_dir`): {error}"
        );
    }
    storage
}

/// Opens what policies are granted. What they keep is in the host's own folder.
pub(super) fn open_grantor(config: &Config, storage: Option<&Storage>) -> anyhow::Result<Grantor> {
    let storage = storage.filter(|storage| storage.is_writable());
    let buckets = storage.map(|storage| storage.path("key-value.sqlite"));
    Grantor::open(config.offer.clone(), &config.policies, buckets.as_deref())
        .context("policies are granted requests to services, and none can be made")
}

/// Starts the sandbox, and says so if it will be slow.
pub(super) fn start_sandbox(
    config: &sandbox::Config,
    storage: Option<Storage>,
) -> anyhow::Result<Sandbox> {
    let compiler = Compiler::children(config.compile).context("this program is not found")?;
    let compiler = compiler.with(config.priority);
    let sandbox = Sandbox::start(config, compiler, storage)?;
    if let Allocator::OnDemand { because } = sandbox.allocator() {
        tracing::warn!(
            because,
            "no memory could be set aside: every evaluation asks the system for its own, which is several times slower; raise the limit on address space, or lower `sandbox.evaluations`"
        );
    }
    Ok(sandbox)
}

impl Serving {
    /// Binds both listeners.
    pub(super) async fn bind(
        config: &Config,
        hooks: Hooks,
        loader: &Loader,
    ) -> anyhow::Result<Self> {
        let bind = async |key: &str, address| {
            TcpListener::bind(address)
                .await
                .with_context(|| format!("cannot listen on `{address}` (`{key}`)"))
        };
        let okta = bind("okta.listen", config.okta.listen).await?;
        let operator = bind("operator.listen", config.operator.listen).await?;
        let authentication = config.authentication.clone();
        if authentication.is_off() {
            tracing::warn!(
                "no secret is set (`okta.secrets`): calls are taken for Okta's, except to hooks with a secret of their own, so only this machine can make one"
            );
        }
        let replies = ReplyCache::new(config.reply_cache);
        Ok(Self {
            state: Arc::new(State::new(
                hooks,
                authentication,
                &config.okta,
                replies,
                loader,
            )),
            okta,
            operator,
            connections: Connections {
                limit: config.okta.max_connections,
                head_timeout: config.okta.head_timeout,
                max_head: usize::try_from(config.okta.max_head.as_u64()).unwrap_or(usize::MAX),
            },
            grace: config.shutdown_grace,
        })
    }

    /// What the handlers share.
    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    /// Where this machine reaches Okta's listener.
    pub(super) fn okta_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(super::reachable(self.okta.local_addr()?))
    }

    /// Serves until `stop` is done; then lets calls in progress finish.
    pub(super) async fn until(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tracing::info!(
            okta = %self.okta.local_addr()?,
            operator = %self.operator.local_addr()?,
            "listening"
        );
        let (stopping, _) = watch::channel(false);
        let stopped = || {
            let mut stopping = stopping.subscribe();
            async move {
                let _ = stopping.wait_for(|stop| *stop).await;
            }
        };
        let okta = server::okta_router(Arc::clone(&self.state));
        let operator = server::operator_router(Arc::clone(&self.state));
        let okta = server::serve(self.okta, okta, self.connections, stopped());
        let operator = server::serve(self.operator, operator, self.connections, stopped());
        let both = async { tokio::join!(okta, operator) };
        let mut both = std::pin::pin!(both);
        tokio::select! {
            _ = &mut both => return Ok(()),
            () = self.state.keep_reporting_refusals() => {}
            () = stop => {}
        }
        tracing::info!("stopping; calls in progress may finish");
        let _ = stopping.send(true);
        if tokio::time::timeout(self.grace, both).await.is_err() {
            tracing::warn!("calls were still in progress after `shutdown_grace`");
        }
        Ok(())
    }
}

/// Done when the process is told to stop. Told from this call on, not only from
/// when somebody waits for it.
pub(super) fn told_to_stop() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    async {
        match (interrupt, terminate) {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            _ => std::future::pending().await,
        }
    }
}
