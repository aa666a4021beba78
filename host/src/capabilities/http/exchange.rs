//! An exchange: one request and its answer, as a task on the client's runtime.
//!
//! All that touches a socket or a timer is done there. Whoever waits for the answer does
//! so at the other end of channels and needs no runtime of its own.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Request, Response, StatusCode, response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, ResponseFuture};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::client::{Limits, Options};
use super::connect::Connector;
use super::error::Error;
use super::outgoing::{Outgoing, Upload};
use super::stream::Cut;

/// The head of an answer, and what its body will come to.
pub(super) struct Head {
    pub(super) parts: response::Parts,
    pub(super) size: SizeHint,
}

/// What is sent, and within what limits.
pub(super) struct Exchange {
    pub(super) client: legacy::Client<Connector, Outgoing>,
    pub(super) request: Request<Outgoing>,
    pub(super) limits: Limits,
    pub(super) options: Options,
}

/// An exchange under way. Dropped, it ends, and its connection with it.
#[derive(Debug)]
pub(super) struct Task(JoinHandle<Result<(), Error>>);

/// An exchange that was started.
pub(super) struct Started {
    pub(super) task: Task,
    pub(super) head: oneshot::Receiver<Head>,
    pub(super) frames: mpsc::Receiver<Frame<Bytes>>,
}

impl Exchange {
    /// Starts the exchange.
    pub(super) fn start(self, runtime: &Handle) -> Started {
        let (head_to, head) = oneshot::channel();
        // One frame at a time: a host is not read ahead of whoever reads the answer.
        let (frames_to, frames) = mpsc::channel(1);
        let deadline = Instant::from_std(self.options.deadline);
        let task = runtime.spawn(async move {
            timeout_at(deadline, self.run(head_to, frames_to))
                .await
                .unwrap_or(Err(Error::DeadlineExceeded))
        });
        Started {
            task: Task(task),
            head,
            frames,
        }
    }

    async fn run(
        self,
        head: oneshot::Sender<Head>,
        frames: mpsc::Sender<Frame<Bytes>>,
    ) -> Result<(), Error> {
        let Self {
            client,
            mut request,
            limits,
            options,
        } = self;
        let mut sending = Sending {
            upload: request.body().upload(),
            connection: capture_connection(&mut request),
            head_bytes: limits.response_head_bytes,
        };
        let answer = answer(client.request(request), &mut sending, options).await?;
        let (mut parts, body) = answer.into_parts();
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Error::Protocol {
                reason: "it changed to another protocol",
            });
        }
        // What the library leaves there is about the connection, and means to cut it.
        parts.extensions.clear();
        check_head(&parts.headers, limits.response_head_bytes)?;
        let size = body.size_hint();
        let limit = limits.response_bytes;
        if size.lower() > limit {
            return Err(Error::ResponseTooLarge { limit });
        }
        if head.send(Head { parts, size }).is_err() {
            return Ok(());
        }
        let reading = Reading {
            sending,
            limit,
            left: limit,
            pause: options.between_bytes_timeout,
        };
        reading.pass(body, frames).await
    }
}

/// Checks the size of a head. The library's own limit is that of a buffer, which a head
/// may exceed by what was read last.
fn check_head(headers: &HeaderMap, limit: usize) -> Result<(), Error> {
    let bytes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum::<usize>();
    if bytes > limit {
        return Err(Error::head_too_large(limit));
    }
    Ok(())
}

/// Waits for the head of the answer.
async fn answer(
    mut answer: ResponseFuture,
    sending: &mut Sending,
    options: Options,
) -> Result<Response<Incoming>, Error> {
    let connected = async {
        tokio::select! {
            biased;
            answer = &mut answer => Some(answer),
            _ = sending.connection.wait_for_connection_metadata() => None,
        }
    };
    let connected = within(options.connect_timeout, connected)
        .await
        .ok_or(Error::ConnectTimeout)?;
    let answer = match connected {
        Some(answer) => answer,
        None => within(options.first_byte_timeout, answer)
            .await
            .ok_or(Error::FirstByteTimeout)?,
    };
    answer.map_err(|error| sending.explain(&error))
}

/// The request being sent. Dropped before all of it was, it cuts the connection: a host
/// may answer without reading the request, and the guest may have no end of it.
struct Sending {
    upload: Upload,
    connection: CaptureConnection,
    head_bytes: usize,
}

impl Sending {
    fn explain(&self, error: &(dyn StdError + 'static)) -> Error {
        let fault = self.upload.fault();
        fault.unwrap_or_else(|| Error::classify(error, self.head_bytes))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.upload.end() {
            return;
        }
        let mut extras = Extensions::new();
        if let Some(connected) = &*self.connection.connection_metadata() {
            connected.get_extras(&mut extras);
        }
        if let Some(cut) = extras.get::<Cut>() {
            cut.cut();
        }
    }
}

/// The answer's body being read.
struct Reading {
    sending: Sending,
    limit: u64,
    left: u64,
    pause: Option<Duration>,
}

impl Reading {
    /// Passes the body on, a frame at a time, when there is room for one.
    async fn pass(
        mut self,
        mut body: Incoming,
        frames: mpsc::Sender<Frame<Bytes>>,
    ) -> Result<(), Error> {
        while let Ok(room) = frames.reserve().await {
            // Only the host's pauses count: the reader's are its own business.
            let frame = within(self.pause, body.frame())
                .await
                .ok_or(Error::BetweenBytesTimeout)?;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|error| self.sending.explain(&error))?;
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            let limit = self.limit;
            let left = self.left.checked_sub(bytes);
            self.left = left.ok_or(Error::ResponseTooLarge { limit })?;
            room.send(frame);
        }
        Ok(())
    }
}

/// What a future comes to, unless it takes longer than it may.
async fn within<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    match limit {
        Some(limit) => timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

impl Task {
    /// How the exchange ended. Not to be polled again.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|ended| ended.unwrap_or(Err(Error::Stopped)))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
