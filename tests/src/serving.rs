//! A whole host in this process, with a socket: what `serve` does, without commands,
//! signals and the operator's listener; and the folder that either serves by.

use std::fmt::Write as _;
use std::fs;
use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use hookwarden::config;
use hookwarden::hook::{Hooks, ReplyCache};
use hookwarden::policy::{Folder, Grantor, Loader, Policy, Registry};
use hookwarden::sandbox::{Compiler, Sandbox};
use hookwarden::server::{self, Connections, State};
use hookwarden::telemetry;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::calls::SECRET;

/// A host that listens. It ends with the value.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Serving {
    /// Starts a host by this configuration, with the policies of this folder, each as
    /// `change` makes it. It logs to standard error.
    ///
    /// # Panics
    ///
    /// If it cannot be started, or not all policies can be loaded.
    #[must_use]
    pub fn start(config: &Path, policies: &Path, change: fn(&Policy) -> Policy) -> Self {
        let config = config::load(Some(config)).expect("a configuration");
        telemetry::start(config.log);
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .on_thread_park(telemetry::write_before_parking)
            .build()
            .expect("a runtime");
        let address = runtime.block_on(async {
            let sandbox = Sandbox::start(&config.sandbox, Compiler::InProcess, None);
            let sandbox = sandbox.expect("a sandbox");
            let grantor = Grantor::open(config.offer.clone(), &config.policies, None);
            let loader = Loader::new(sandbox, grantor.expect("a grantor"));
            let (folders, configs) = (
                vec![Folder::only(policies.to_owned())],
                config.policies.clone(),
            );
            let registry = Registry::open(loader.clone(), folders, configs, None);
            let mut registry = registry.await.expect("a folder");
            registry.settled().await;
            let policies = registry.policies().into_iter();
            let policies = policies.map(|policy| Arc::new(change(&policy)));
            let hooks = Hooks::new(policies.collect(), &config.hooks, &config.policies);
            assert!(hooks.unready().is_empty(), "{:?}", hooks.unready());
            let replies = ReplyCache::new(config.reply_cache);
            let authentication = config.authentication.clone();
            let state = State::new(hooks, authentication, &config.okta, replies, &loader);
            let router = server::okta_router(Arc::new(state));
            let listener = TcpListener::bind(config.okta.listen).await;
            let listener = listener.expect("a listener");
            let address = listener.local_addr().expect("an address");
            let connections = Connections {
                limit: config.okta.max_connections,
                head_timeout: config.okta.head_timeout,
                max_head: usize::try_from(config.okta.max_head.as_u64()).expect("a size"),
            };
            tokio::spawn(server::serve(listener, router, connections, pending()));
            tracing::info!(okta = %address, operator = "none", "listening");
            address
        });
        Self {
            address,
            _runtime: runtime,
        }
    }
}

/// Writes what a host serves: policies with their names, and the configuration, to
/// which `more` is added after `[okta]`.
///
/// # Panics
///
/// If the folder cannot be written.
pub fn lay_out(folder: &Path, policies: impl IntoIterator<Item = (String, Vec<u8>)>, more: &str) {
    let secret = folder.join("secret");
    let mut config = "[operator]\nlisten = '127.0.0.1:0'\n".to_owned();
    // Connections wait for their turn while another server is measured.
    let _ = writeln!(
        config,
        "[okta]\nlisten = '127.0.0.1:0'\nhead_timeout = '1h'\nsecrets = [{{ file = '{}' }}]",
        secret.display()
    );
    config += more;
    let to = folder.join("policies");
    fs::create_dir_all(&to).expect("a folder");
    for (name, component) in policies {
        fs::write(to.join(format!("{name}.wasm")), component).expect("written");
    }
    fs::write(secret, SECRET).expect("written");
    fs::write(folder.join("hookwarden.toml"), config).expect("written");
}
