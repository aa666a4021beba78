//! `wasi:http`, outgoing: requests to services that the operator named.
//!
//! What holds whatever a guest asks and a server answers:
//!
//! - A request goes to an [`Origin`] that the operator named, or nowhere. Redirects are
//!   answers like any other; who follows one makes another request.
//! - A connection goes to an address that was checked. A name is resolved once for each
//!   connection, every address it has is checked, and the connection is made to the
//!   checked address, never by name.
//! - `https` is always verified, against the origin's host.
//! - Requests at once, bytes in both directions, time and idle connections are bounded.
//! - Whoever drops a request or an answer ends what was done for it.
//!
//! # What the guest controls
//!
//! Everything that is sent, and where to; how often, and how it reads the answers. A
//! request lives no longer than the evaluation that made it.

mod address;
mod body;
mod client;
mod connect;
mod counts;
mod error;
mod exchange;
mod host;
mod origin;
mod outgoing;
mod request;
mod resolve;
mod script;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod transport;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use http_body_util::BodyExt as _;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi_http::p2::add_only_http_to_linker_async;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{
    Error as Told, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use super::meter::Meter;
pub use address::{Named, prohibited};
pub use body::Body;
pub use client::{Client, Config, Limits, Options};
pub use counts::Counts;
use counts::Tally;
pub use error::{Error, TlsFault};
pub use host::Host;
pub use origin::{Origin, OriginError, Origins, Scheme};
pub use resolve::{Resolve, Resolved, System};
pub use script::{Script, Scripted, ScriptedError};
pub use tls::{BadRoots, Tls};
pub use transport::{FileConfig, Transport, TransportError, certificates};

/// The interface of the types, in the version that the library links.
const TYPES: &str = "wasi:http/types@0.2.12";

/// The most bytes of a body that a guest writes at once.
const CHUNK: usize = 64 * 1024;

/// Bytes that the headers of one message may have, as they are in memory.
const FIELDS: usize = 64 * 1024;

/// Who answers a policy's requests, and how many an evaluation may make.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The same for all evaluations.
    pub services: Services,
    /// The most requests of one evaluation.
    pub requests: u32,
}

/// Who answers requests.
#[derive(Debug, Clone)]
pub enum Services {
    /// Whoever the client reaches.
    Reached(Arc<Client>),
    /// Nobody: the answers are written down.
    Scripted(Arc<Script>),
}

impl Services {
    /// What became of requests so far; `None` if there were none.
    #[must_use]
    pub fn counts(&self) -> Option<Arc<Counts>> {
        match self {
            Self::Reached(client) => Some(client.counts()),
            Self::Scripted(_) => None,
        }
    }
}

/// The requests of one evaluation.
pub struct Http {
    context: WasiHttpCtx,
    requests: Requests,
}

impl Http {
    /// What an evaluation may send until its deadline.
    #[must_use]
    pub fn new(granted: &Granted, deadline: Instant, meter: Meter) -> Self {
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(FIELDS);
        let requests = Requests {
            limit: usize::try_from(granted.requests).unwrap_or(usize::MAX),
            left: granted.requests,
            services: granted.services.clone(),
            deadline,
            meter,
        };
        Self { context, requests }
    }

    /// As the linked functions want it.
    pub fn view<'a>(&'a mut self, table: &'a mut ResourceTable) -> WasiHttpCtxView<'a> {
        WasiHttpCtxView {
            hooks: &mut self.requests,
            table,
            ctx: &mut self.context,
        }
    }
}

struct Requests {
    services: Services,
    deadline: Instant,
    /// How many there may be, and how many of those are left.
    limit: usize,
    left: u32,
    meter: Meter,
}

/// What has yet to be done for a request or an answer.
type Rest = Box<dyn Future<Output = Result<(), Told>> + Send>;

impl WasiHttpHooks for Requests {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Rest,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Rest), Told>> + Send> {
        let Some(left) = self.left.checked_sub(1) else {
            let refused = Error::TooMany { limit: self.limit };
            if let Some(counts) = self.services.counts() {
                Tally::new(counts).failed(&refused);
            }
            return Box::new(async { Err(told(refused)) });
        };
        self.left = left;
        let meter = self.meter.clone();
        let client = match &self.services {
            Services::Reached(client) => Arc::clone(client),
            Services::Scripted(script) => {
                let answer = script.answer(&request);
                let answer = answer.map(|answer| answer.map(|body| metered(body, meter)));
                return Box::new(async { Ok((answer?, Box::new(async { Ok(()) }) as Rest)) });
            }
        };
        let options = options.unwrap_or_default();
        let options = Options {
            connect_timeout: options.connect_timeout,
            first_byte_timeout: options.first_byte_timeout,
            between_bytes_timeout: options.between_bytes_timeout,
            deadline: self.deadline,
        };
        let sent = meter.clone();
        let request = request.map(|body| metered(body, sent));
        Box::new(async move {
            let response = client.send(request, options).await.map_err(told)?;
            let response = response.map(|body| metered(body.map_err(told), meter));
            Ok((response, Box::new(async { Ok(()) }) as Rest))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }
}

/// A body whose bytes the meter counts.
fn metered<B>(body: B, meter: Meter) -> WasiBody
where
    B: http_body::Body<Data = bytes::Bytes, Error = Told> + Send + 'static,
{
    let metered = body.map_frame(move |frame| {
        if let Some(bytes) = frame.data_ref() {
            meter.pass(bytes.len());
        }
        frame
    });
    metered.boxed_unsync()
}

/// The contract's word for an error.
fn told(error: Error) -> Told {
    match error {
        Error::NotAllowed => Told::HttpRequestDenied,
        Error::Prohibited { .. } => Told::DestinationIpProhibited,
        Error::TooMany { .. } => Told::ConnectionLimitReached,
        Error::DnsFailed => Told::DestinationNotFound,
        Error::ConnectTimeout => Told::ConnectionTimeout,
        Error::ConnectFailed { .. } => Told::ConnectionRefused,
        Error::TlsFailed { kind } => match kind {
            TlsFault::Certificate => Told::TlsCertificateError,
            TlsFault::Protocol => Told::TlsProtocolError,
        },
        Error::FirstByteTimeout | Error::DeadlineExceeded => Told::HttpResponseTimeout,
        Error::BetweenBytesTimeout => Told::ConnectionReadTimeout,
        Error::RequestTooLarge { limit } => Told::HttpRequestBodySize(Some(limit)),
        Error::ResponseTooLarge { limit } => Told::HttpResponseBodySize(Some(limit)),
        Error::ResponseHeadTooLarge { bytes, .. } => {
            Told::HttpResponseHeaderSectionSize(bytes.try_into().ok())
        }
        Error::InvalidRequest { reason } => Told::InternalError(Some(reason.to_owned())),
        Error::RequestBody => Told::ConnectionTerminated,
        Error::Protocol { .. } => Told::HttpProtocolError,
        Error::Stopped => Told::DestinationUnavailable,
    }
}

/// What the contract calls an error that broke off a body.
fn code(error: &Told) -> Option<ErrorCode> {
    Some(match error {
        Told::HttpResponseBodySize(size) => ErrorCode::HttpResponseBodySize(*size),
        Told::HttpRequestBodySize(size) => ErrorCode::HttpRequestBodySize(*size),
        Told::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Told::HttpResponseTimeout => ErrorCode::HttpResponseTimeout,
        Told::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Told::HttpProtocolError => ErrorCode::HttpProtocolError,
        _ => return None,
    })
}

/// Links `wasi:http/outgoing-handler` and its types.
///
/// # Errors
///
/// The linker already has them.
pub fn link<T: WasiHttpView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    add_only_http_to_linker_async(linker)?;
    // The library's own knows the errors of requests, and none that broke off a body: a
    // guest could not tell one that is too large from one that is late.
    linker.allow_shadowing(true);
    linker.instance(TYPES)?.func_wrap(
        "http-error-code",
        |mut store: StoreContextMut<'_, T>, (error,): (Resource<wasmtime::Error>,)| {
            let error = store.data_mut().http().table.get(&error)?;
            let code = error.downcast_ref().and_then(code);
            let code = code.or_else(|| error.downcast_ref::<ErrorCode>().cloned());
            Ok((code,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
