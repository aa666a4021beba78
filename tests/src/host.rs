//! A host under test: real folder, real loader, real routers; no sockets.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use hookwarden::config;
use hookwarden::hook::{Hooks, ReplyCache};
use hookwarden::policy::{Folder, Grantor, History, Loader, Registry};
use hookwarden::sandbox::{Compiler, Priority, Sandbox};
use hookwarden::server::{self, State};
use hookwarden::storage::{As, Storage};
use hookwarden::telemetry::{Config, Format, Severity, log_to};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// How long a test waits for what must happen. Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(300);

/// The folder of datasets, in that of policies.
const DATA: &str = "data";

/// What policies keep, likewise.
const BUCKETS: &str = "buckets.sqlite";

/// A folder and a configuration that become a host.
pub struct Builder {
    folder: TempDir,
    config: String,
    state: Option<PathBuf>,
    compiler: Option<Compiler>,
    repeats: bool,
    environment: BTreeMap<String, Vec<u8>>,
    has_buckets: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self::on(tempfile::tempdir().expect("a folder"))
    }
}

impl Builder {
    /// A host on a folder that is there already.
    #[must_use]
    pub fn on(folder: TempDir) -> Self {
        Self {
            folder,
            config: String::new(),
            state: None,
            compiler: None,
            repeats: false,
            environment: BTreeMap::new(),
            has_buckets: true,
        }
    }

    /// Keeps what it must know at its next start there.
    #[must_use]
    pub fn state(mut self, path: &Path) -> Self {
        self.state = Some(path.to_owned());
        self
    }

    /// Compiles there, and not in this process.
    #[must_use]
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = Some(compiler);
        self
    }

    /// Takes calls for repeated ones, as a host does.
    #[must_use]
    pub fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Has nowhere to keep what policies keep.
    #[must_use]
    pub fn no_buckets(mut self) -> Self {
        self.has_buckets = false;
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        let value = value.as_bytes().to_owned();
        self.environment.insert(name.to_owned(), value);
        self
    }

    /// Writes a file of a dataset, which is declared with this file.
    #[must_use]
    pub fn data(self, file: &str, content: &str) -> Self {
        let folder = self.folder.path().join(DATA);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(file), content).expect("a file");
        self
    }

    /// Drops a component into the folder, as `<name>.wasm`.
    #[must_use]
    pub fn policy(self, name: &str, component: &str) -> Self {
        fs::copy(component, self.path(name, "wasm")).expect("a component");
        self
    }

    /// Writes a file that is no component, as `<name>.wasm`.
    #[must_use]
    pub fn broken(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.path(name, "wasm"), bytes).expect("a file");
        self
    }

    /// Writes a policy's settings.
    #[must_use]
    pub fn settings(self, name: &str, toml: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name, "toml"), toml).expect("a file");
        self
    }

    /// Adds lines to the configuration.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self.config.push('\n');
        self
    }

    fn path(&self, name: &str, extension: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("{name}.{extension}"))
    }

    /// Loads the folder and opens the routers. What the host logs on this thread
    /// is kept.
    pub async fn start(self) -> TestHost {
        let log = Log::default();
        let everything = Config {
            level: Severity::Debug,
            format: Format::Text,
        };
        let guard = tracing::dispatcher::set_default(&log_to(everything, false, log.clone()));
        let environment = |name: &str| self.environment.get(name).cloned();
        let data_folder = self.folder.path().join(DATA);
        let text = format!("data_folder = {data_folder:?}\n{}", self.config);
        let mut config = config::parse(&text, Path::new("test.toml"), &environment)
            .expect("a configuration that makes sense");
        if config.folders.iter().all(|folder| folder.name.is_none()) {
            config.folders = vec![Folder::only(self.folder.path().to_owned())];
        }
        // Tests that run beside this one must not starve it.
        config.sandbox.priority = Priority::Normal;
        // Most of them make one call again and again.
        if !self.repeats {
            config.reply_cache.keep = Duration::ZERO;
        }
        let storage = match &self.state {
            Some(path) => Some(open(path).await),
            None => None,
        };
        let compiler = self.compiler.unwrap_or(Compiler::InProcess);
        let sandbox = Sandbox::start(&config.sandbox, compiler, storage.clone());
        let sandbox = sandbox.expect("a sandbox");
        let buckets = self.folder.path().join(BUCKETS);
        let grantor = Grantor::open(
            config.offer.clone(),
            &config.policies,
            self.has_buckets.then_some(&*buckets),
        );
        let loader = Loader::new(sandbox, grantor.expect("a grantor"));
        let (folders, configs) = (config.folders.clone(), config.policies.clone());
        let history = storage.map(History::new);
        let registry = Registry::open(loader.clone(), folders, configs, history).await;
        let mut registry = registry.expect("a folder");
        // However busy the machine is.
        registry.settled().await;
        let hooks = Hooks::new(registry.policies(), &config.hooks, &config.policies);
        let replies = ReplyCache::new(config.reply_cache);
        let authentication = config.authentication.clone();
        let state = State::new(hooks, authentication, &config.okta, replies, &loader);
        let state = Arc::new(state);
        TestHost {
            okta: server::okta_router(Arc::clone(&state)),
            operator: server::operator_router(Arc::clone(&state)),
            state,
            registry,
            grantor: loader.grantor().clone(),
            config,
            folder: self.folder,
            log,
            _guard: guard,
        }
    }
}

/// Opens a storage, when the host before has left it.
async fn open(path: &Path) -> Storage {
    let until = Instant::now() + PATIENCE;
    loop {
        let (storage, problem) = Storage::open(path, As::Host).expect("a storage");
        match problem {
            None => return storage,
            Some(_) if Instant::now() < until => tokio::task::yield_now().await,
            Some(problem) => panic!("{problem}"),
        }
    }
}

/// A running host.
pub struct TestHost {
    okta: Router,
    operator: Router,
    state: Arc<State>,
    registry: Registry,
    grantor: Grantor,
    config: config::Config,
    folder: TempDir,
    log: Log,
    _guard: tracing::dispatcher::DefaultGuard,
}

/// What a router answered.
#[derive(Debug)]
pub struct Reply {
    /// HTTP's.
    pub status: u16,
    /// All of them.
    pub headers: HeaderMap,
    /// As text.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

impl TestHost {
    /// A host with one policy and no configuration.
    pub async fn with(name: &str, component: &str) -> Self {
        Builder::default().policy(name, component).start().await
    }

    /// The folder of policies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops, and leaves the folder.
    #[must_use]
    pub fn stop(self) -> TempDir {
        self.folder
    }

    /// Waits until a policy has come, gone or changed, and serves it.
    pub async fn follow(&mut self) {
        let changed = tokio::time::timeout(PATIENCE, self.registry.changed()).await;
        changed.expect("nothing changed");
        let hooks = Hooks::new(
            self.registry.policies(),
            &self.config.hooks,
            &self.config.policies,
        );
        self.state.serve(hooks);
    }

    /// Reads datasets and secrets that have changed, as the host does each second. Files
    /// must look alike in two looks.
    pub fn refresh(&self) {
        self.grantor.refresh();
        self.grantor.refresh();
    }

    /// Replaces the file of a dataset.
    pub fn replace_data(&self, file: &str, content: &str) {
        let folder = self.folder.path().join(DATA);
        let next = folder.join("next");
        fs::write(&next, content).expect("a file");
        fs::rename(next, folder.join(file)).expect("a file");
    }

    /// Waits until everything is loaded that can be, and kept.
    pub async fn settled(&mut self) {
        let settled = tokio::time::timeout(PATIENCE, self.registry.settled()).await;
        settled.expect("something goes on");
    }

    /// Calls the registration hook as Okta does.
    pub async fn call(&self, call: &Value) -> Reply {
        self.call_with(call.to_string()).await
    }

    /// Calls a hook by its name.
    pub async fn call_hook(&self, hook: &str, call: &Value) -> Reply {
        self.send(post(hook, call.to_string())).await
    }

    /// Calls the registration hook, without keeping hold of the host.
    pub fn begin(&self, call: &Value) -> impl Future<Output = Reply> + use<> {
        reply(self.okta.clone(), registration(call.to_string()))
    }

    /// Calls the registration hook with these bytes.
    pub async fn call_with(&self, body: impl Into<Body>) -> Reply {
        self.send(registration(body)).await
    }

    /// Sends a request to Okta's listener.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        reply(self.okta.clone(), request).await
    }

    /// Gets a path of the operator's listener.
    pub async fn operator(&self, path: &str) -> Reply {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        reply(self.operator.clone(), request).await
    }

    /// Everything logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }
}

fn registration(body: impl Into<Body>) -> Request<Body> {
    post("registration", body)
}

fn post(hook: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(format!("/hooks/{hook}"))
        .header("content-type", "application/json")
        .body(body.into())
        .expect("a request")
}

async fn reply(router: Router, request: Request<Body>) -> Reply {
    let response = router
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {});
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    }
}

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics while writing");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().expect("nobody panics while writing");
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
