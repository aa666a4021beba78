//! The client: sends requests to allowed origins, within limits.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use hyper_util::client::legacy;
use hyper_util::rt::TokioTimer;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::address::Named;
use super::body::{Body, Call};
use super::connect::Connector;
use super::counts::{Counts, Tally};
use super::error::Error;
use super::exchange::{Exchange, Head, Started};
use super::origin::Origins;
use super::outgoing::Outgoing;
use super::request::prepare;
use super::resolve::Resolve;
use super::tls::Tls;

/// The most headers an answer may have.
pub(super) const MAX_HEADERS: usize = 100;

/// The least limit of an answer's head that the HTTP library knows.
const MIN_HEAD_BYTES: usize = 8 * 1024;

/// How many connections to an origin are kept for later.
const MAX_IDLE: usize = 8;

/// How long they are.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What a client is made of.
pub struct Config {
    /// Where requests may go.
    pub origins: Origins,
    /// Where connections may go besides public addresses.
    pub named: Named,
    /// What a request may cost.
    pub limits: Limits,
    /// Whom to trust.
    pub tls: Tls,
    /// Who knows the addresses of names.
    pub resolver: Arc<dyn Resolve>,
}

/// What requests may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many may be under way at once, from sending until the answer is read or
    /// dropped.
    pub concurrent: usize,
    /// The most bytes of an answer's body.
    pub response_bytes: u64,
    /// The most bytes of a request's body.
    pub request_bytes: u64,
    /// The most bytes of an answer's head; never less than 8 KiB.
    pub response_head_bytes: usize,
    /// The longest that connecting may take, from resolving to TLS.
    pub connect: Duration,
}

/// How long one request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The longest until there is a connection; no longer than the client's limit.
    pub connect_timeout: Option<Duration>,
    /// The longest from there until the answer's head is there.
    pub first_byte_timeout: Option<Duration>,
    /// The longest pause of the host in the answer's body.
    pub between_bytes_timeout: Option<Duration>,
    /// When all is to be over, the answer's body included.
    pub deadline: Instant,
}

/// Sends requests. Holds its idle connections, and closes them when it is dropped.
pub struct Client {
    origins: Arc<Origins>,
    limits: Limits,
    concurrent: Arc<Semaphore>,
    counts: Arc<Counts>,
    http: legacy::Client<Connector, Outgoing>,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("origins", &self.origins)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client whose connections live on a runtime, which must have IO and time.
    #[must_use]
    pub fn new(config: Config, runtime: Handle) -> Self {
        let Config {
            origins,
            named,
            mut limits,
            tls,
            resolver,
        } = config;
        limits.response_head_bytes = limits.response_head_bytes.max(MIN_HEAD_BYTES);
        let origins = Arc::new(origins);
        let connector = Connector::new(Arc::clone(&origins), named, tls, resolver, limits.connect);
        let http = legacy::Builder::new(On(runtime.clone()))
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_max_buf_size(limits.response_head_bytes)
            .http1_max_headers(MAX_HEADERS)
            .build(connector);
        Self {
            origins,
            limits,
            concurrent: Arc::new(Semaphore::new(
                limits.concurrent.min(Semaphore::MAX_PERMITS),
            )),
            counts: Arc::default(),
            http,
            runtime,
        }
    }

    /// What became of the client's requests so far.
    #[must_use]
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Sends a request, and returns its answer when the head is there. Redirects are not
    /// followed. The URI is absolute; the guest may control all of it, and the headers
    /// and body. Can be polled on any runtime, or none.
    ///
    /// # Errors
    ///
    /// See [`Error`]. The answer's body may fail later, likewise.
    pub async fn send<B>(
        &self,
        request: Request<B>,
        options: Options,
    ) -> Result<Response<Body>, Error>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let mut tally = Tally::new(self.counts());
        match self.exchange(request, options).await {
            Ok((Head { parts, size }, Started { task, frames, .. }, permit)) => {
                tally.answered();
                let call = Call {
                    task,
                    tally,
                    _permit: permit,
                };
                Ok(Response::from_parts(parts, Body::new(frames, &size, call)))
            }
            Err(error) => {
                tally.failed(&error);
                Err(error)
            }
        }
    }

    async fn exchange<B>(
        &self,
        request: Request<B>,
        options: Options,
    ) -> Result<(Head, Started, OwnedSemaphorePermit), Error>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let request = prepare(request, &self.origins, self.limits.request_bytes)?;
        let limit = self.limits.concurrent;
        let permit = Arc::clone(&self.concurrent)
            .try_acquire_owned()
            .map_err(|_| Error::TooMany { limit })?;
        let exchange = Exchange {
            client: self.http.clone(),
            request,
            limits: self.limits,
            options,
        };
        let mut started = exchange.start(&self.runtime);
        match (&mut started.head).await {
            Ok(head) => Ok((head, started, permit)),
            Err(_) => {
                let ended = poll_fn(|cx| started.task.poll_end(cx)).await;
                Err(ended.err().unwrap_or(Error::Stopped))
            }
        }
    }
}

/// Runs the connections of the HTTP library on the client's runtime, whoever asks.
#[derive(Debug, Clone)]
struct On(Handle);

impl<F> hyper::rt::Executor<F> for On
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
