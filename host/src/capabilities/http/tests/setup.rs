//! What the tests share: a client to ask with, names and servers.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::*;

/// The name of the servers.
pub(super) const NAME: &str = "crm.example.com";

/// A limit that is under test and is to be reached.
pub(super) const SHORT: Duration = Duration::from_millis(100);

/// A limit that is not: longer than a test waits for anything.
pub(super) const LONG: Duration = Duration::from_secs(300);

pub(super) const LIMITS: Limits = Limits {
    concurrent: 16,
    response_bytes: 100_000,
    request_bytes: 1000,
    response_head_bytes: 64 * 1024,
    connect: LONG,
};

pub(super) fn options() -> Options {
    Options {
        connect_timeout: None,
        first_byte_timeout: None,
        between_bytes_timeout: None,
        deadline: Instant::now() + LONG,
    }
}

pub(super) fn until(deadline: Duration) -> Options {
    Options {
        deadline: Instant::now() + deadline,
        ..options()
    }
}

/// What comes soon, or the test fails.
pub(super) async fn soon<F: Future>(future: F) -> F::Output {
    let awaited = timeout(Duration::from_secs(30), future).await;
    awaited.expect("it comes soon")
}

pub(super) fn get(uri: &str) -> Request<Empty<Bytes>> {
    let request = Request::get(uri).body(Empty::new());
    request.expect("a request")
}

/// The whole of a body.
pub(super) async fn read(answer: Response<Body>) -> Result<Bytes, Error> {
    let body = soon(answer.into_body().collect()).await?;
    Ok(body.to_bytes())
}

/// Knows what it is told: for each name its answers in turn, the last for ever.
#[derive(Debug, Default)]
pub(super) struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    lookups: AtomicUsize,
}

impl Names {
    pub(super) fn is(&self, name: &str, addresses: &[&str]) {
        let parse = |text: &&str| text.parse().expect("an address");
        let addresses = addresses.iter().map(parse).collect();
        let mut answers = self.answers.lock().expect("no test panics with it");
        answers.entry(name.to_owned()).or_default().push(addresses);
    }

    pub(super) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    fn answer(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().expect("no test panics with it");
        let answers = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        })
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolved<'a> {
        Box::pin(async { self.answer(name) })
    }
}

/// A client of the running test.
pub(super) struct Setup {
    pub(super) origins: Vec<String>,
    pub(super) named: Vec<&'static str>,
    pub(super) limits: Limits,
    pub(super) tls: Tls,
    pub(super) names: Arc<Names>,
}

impl Setup {
    /// May ask this origin; knows no name, and no network by name.
    pub(super) fn new(origin: &str) -> Self {
        Self {
            origins: vec![origin.to_owned()],
            named: Vec::new(),
            limits: LIMITS,
            tls: Tls::trusting_only(vec![super::tls::authority().der()]).expect("a root"),
            names: Arc::default(),
        }
    }

    /// May ask a server of this machine, by its name.
    pub(super) fn of(server: &Server) -> Self {
        let mut setup = Self::new(&server.origin());
        setup.named = vec!["127.0.0.0/8"];
        setup.names.is(NAME, &["127.0.0.1"]);
        setup
    }

    pub(super) fn limited(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub(super) fn client(self) -> Client {
        self.client_on(Handle::current())
    }

    pub(super) fn client_on(self, runtime: Handle) -> Client {
        let resolver = Arc::clone(&self.names) as Arc<dyn Resolve>;
        self.client_with(resolver, runtime)
    }

    pub(super) fn client_with(self, resolver: Arc<dyn Resolve>, runtime: Handle) -> Client {
        let origin = |text: &String| text.parse::<Origin>().expect("an origin");
        let network = |text: &&str| text.parse().expect("a network");
        let config = Config {
            origins: self.origins.iter().map(origin).collect(),
            named: self.named.iter().map(network).collect::<Vec<_>>().into(),
            limits: self.limits,
            tls: self.tls,
            resolver,
        };
        Client::new(config, runtime)
    }
}

/// How many requests came to this.
pub(super) fn counted(client: &Client, outcome: &str) -> u64 {
    let counts = client.counts().snapshot();
    let found = counts.iter().find(|(name, _)| *name == outcome);
    found.expect("an outcome").1
}

/// Asserts that all of a client's requests came to this.
pub(super) fn assert_all_counted(client: &Client, outcome: &str, number: u64) {
    for (name, count) in client.counts().snapshot() {
        let expected = if name == outcome { number } else { 0 };
        assert_eq!(count, expected, "{name}");
    }
}

/// A server of this machine. Says so when a connection of its ends.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    closed: mpsc::UnboundedReceiver<()>,
}

impl Server {
    /// One that does this with each connection, until it returns or the client closes.
    pub(super) async fn doing<F, D>(handle: F) -> Self
    where
        F: Fn(Peer<TcpStream>) -> D + Send + 'static,
        D: Future<Output = Option<()>> + Send + 'static,
    {
        Self::at("127.0.0.1:0".parse().expect("an address"), handle).await
    }

    pub(super) async fn at<F, D>(address: SocketAddr, handle: F) -> Self
    where
        F: Fn(Peer<TcpStream>) -> D + Send + 'static,
        D: Future<Output = Option<()>> + Send + 'static,
    {
        let listener = TcpListener::bind(address)
            .await
            .expect("an address to listen on");
        let address = listener.local_addr().expect("it is bound");
        let accepted = Arc::new(AtomicUsize::new(0));
        let (closed_to, closed) = mpsc::unbounded_channel();
        let count = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let handled = handle(Peer(stream));
                let closed = closed_to.clone();
                tokio::spawn(async move {
                    handled.await;
                    // The test may be over.
                    let _ = closed.send(());
                });
            }
        });
        Self {
            address,
            accepted,
            closed,
        }
    }

    /// One that reads requests and answers each with these bytes.
    pub(super) async fn saying(answer: impl Into<Bytes>) -> Self {
        let answer = answer.into();
        Self::doing(move |mut peer| {
            let answer = answer.clone();
            async move {
                loop {
                    peer.request().await?;
                    peer.say(&answer).await?;
                }
            }
        })
        .await
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{NAME}:{}", self.address.port())
    }

    pub(super) fn uri(&self) -> String {
        format!("{}/path?query", self.origin())
    }

    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Until one more of its connections has ended.
    pub(super) async fn closed(&mut self) {
        soon(self.closed.recv()).await;
    }
}

/// The other end of a connection.
pub(super) struct Peer<S>(pub(super) S);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// The head of a request, unless the client closes.
    pub(super) async fn request(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        String::from_utf8(head).ok()
    }

    /// Writes, unless the client closes.
    pub(super) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.0.write_all(bytes.as_ref()).await.ok()?;
        self.0.flush().await.ok()
    }

    /// Reads until the client closes.
    pub(super) async fn listen(&mut self) -> Option<()> {
        let mut buffer = [0; 1024];
        while self.0.read(&mut buffer).await.ok()? > 0 {}
        None
    }
}
