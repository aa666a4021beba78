//! Why a request was not answered, or its answer broke off.
//!
//! No text names a path, a query, a header or a body: they may be personal data.

use std::error::Error as StdError;
use std::io;

use super::client::MAX_HEADERS;
use super::counts::Outcome;

/// Why a request was not answered, or its answer broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request goes to an origin that is not in the allow-list.
    #[error("the request's origin is not in the policy's allow-list")]
    NotAllowed,
    /// The host has no address that connections may go to.
    #[error("the host's address is prohibited, and in no network the operator named: {range}")]
    Prohibited {
        /// The kind of the first address.
        range: &'static str,
    },
    /// The host's name has no address, or nobody said.
    #[error("the host's name could not be resolved")]
    DnsFailed,
    /// There was no connection in time, TLS included.
    #[error("there was no connection to the host in time")]
    ConnectTimeout,
    /// The host took no connection at any of its addresses.
    #[error("the host took no connection: {kind}")]
    ConnectFailed {
        /// Why, at the last address tried.
        kind: io::ErrorKind,
    },
    /// There was a connection but no TLS.
    #[error("TLS with the host failed: {kind}")]
    TlsFailed {
        /// At what.
        kind: TlsFault,
    },
    /// The answer did not begin in time.
    #[error("the host did not begin to answer in time")]
    FirstByteTimeout,
    /// The answer paused for too long.
    #[error("the host paused too long in its answer")]
    BetweenBytesTimeout,
    /// The request's deadline passed.
    #[error("the request's deadline passed")]
    DeadlineExceeded,
    /// The answer's body is too large.
    #[error("the answer has more than {limit} bytes")]
    ResponseTooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// The answer's head is too large.
    #[error("the answer's head has more than {bytes} bytes or {headers} headers")]
    ResponseHeadTooLarge {
        /// The most bytes.
        bytes: usize,
        /// The most headers.
        headers: usize,
    },
    /// The request is too large: its body, or its head (which has a limit of its own).
    #[error("the request has more than {limit} bytes")]
    RequestTooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// Too many requests are under way.
    #[error("{limit} requests are under way, and there may be no more")]
    TooMany {
        /// The most at once.
        limit: usize,
    },
    /// The request cannot be sent.
    #[error("the request cannot be sent: {reason}")]
    InvalidRequest {
        /// Why not.
        reason: &'static str,
    },
    /// The request's body broke off.
    #[error("the request's body broke off")]
    RequestBody,
    /// The host did not speak HTTP, or not to the end.
    #[error("the host did not answer in HTTP: {reason}")]
    Protocol {
        /// What it did.
        reason: &'static str,
    },
    /// The client's runtime shut down.
    #[error("the client was stopped")]
    Stopped,
}

/// What TLS failed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The host's certificate: for another name, expired, or from nobody who is trusted.
    #[error("its certificate is not valid for this host, or not trusted")]
    Certificate,
    /// Anything else.
    #[error("it did not speak TLS 1.2 or later as expected")]
    Protocol,
}

impl Error {
    /// What this counts as.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::NotAllowed => Outcome::Denied,
            Self::Prohibited { .. } => Outcome::Prohibited,
            Self::ConnectTimeout
            | Self::FirstByteTimeout
            | Self::BetweenBytesTimeout
            | Self::DeadlineExceeded => Outcome::TimedOut,
            Self::ResponseTooLarge { .. }
            | Self::ResponseHeadTooLarge { .. }
            | Self::RequestTooLarge { .. } => Outcome::TooLarge,
            Self::TooMany { .. } => Outcome::TooMany,
            Self::RequestBody => Outcome::Abandoned,
            Self::DnsFailed
            | Self::ConnectFailed { .. }
            | Self::TlsFailed { .. }
            | Self::InvalidRequest { .. }
            | Self::Protocol { .. }
            | Self::Stopped => Outcome::Failed,
        }
    }

    pub(super) fn head_too_large(bytes: usize) -> Self {
        Self::ResponseHeadTooLarge {
            bytes,
            headers: MAX_HEADERS,
        }
    }

    /// What an error of the HTTP library is about: the connector's own error where there
    /// is one among its causes.
    pub(super) fn classify(error: &(dyn StdError + 'static), head_bytes: usize) -> Self {
        let causes = || std::iter::successors(Some(error), |error| (*error).source());
        if let Some(own) = causes().find_map(|cause| cause.downcast_ref::<Self>()) {
            return own.clone();
        }
        match causes().find_map(|cause| cause.downcast_ref::<hyper::Error>()) {
            Some(error) if error.is_parse_too_large() => Self::head_too_large(head_bytes),
            Some(error) if error.is_parse() => Self::Protocol {
                reason: "its answer is not HTTP/1.1",
            },
            Some(error) if error.is_incomplete_message() => Self::Protocol {
                reason: "it closed the connection before the end of its answer",
            },
            Some(error) if error.is_user() => Self::InvalidRequest {
                reason: "it is not HTTP/1.1",
            },
            _ => Self::Protocol {
                reason: "the connection broke",
            },
        }
    }
}
