//! Why a request was not answered.

use std::convert::Infallible;
use std::fmt;

use super::url::UrlError;
use crate::failure::Failure;

/// Why a request was not answered. No text quotes the request or the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The operator did not grant the policy this origin.
    Denied,
    /// The service is at an address that the operator did not name, such as one of an
    /// internal network.
    Prohibited,
    /// It took too long.
    Timeout,
    /// A body or a head is larger than the host or the policy allows.
    TooLarge,
    /// More requests than the host allows.
    TooMany,
    /// Anything else. Do not branch on the text.
    Failed(String),
}

impl Error {
    pub(super) fn failed(why: &str) -> Self {
        Self::Failed(why.to_owned())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "the policy was not granted the service's origin",
            Self::Prohibited => "the service's address is one that the operator did not name",
            Self::Timeout => "the service did not answer in time",
            Self::TooLarge => "a body or a head is too large",
            Self::TooMany => "the policy makes too many requests",
            Self::Failed(why) => return write!(f, "the request failed: {why}"),
        })
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<UrlError> for Error {
    fn from(error: UrlError) -> Self {
        Self::failed(error.as_str())
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What WASI's error codes are to a policy.
#[cfg(any(target_arch = "wasm32", test))]
pub(super) fn of_code(code: crate::bindings::outgoing_http::wasi::http::types::ErrorCode) -> Error {
    use crate::bindings::outgoing_http::wasi::http::types::ErrorCode as Code;
    Error::failed(match code {
        Code::HttpRequestDenied => return Error::Denied,
        Code::DestinationIpProhibited => return Error::Prohibited,
        Code::DnsTimeout
        | Code::ConnectionTimeout
        | Code::ConnectionReadTimeout
        | Code::ConnectionWriteTimeout
        | Code::HttpResponseTimeout => return Error::Timeout,
        Code::HttpRequestBodySize(_)
        | Code::HttpRequestUriTooLong
        | Code::HttpRequestHeaderSectionSize(_)
        | Code::HttpRequestHeaderSize(_)
        | Code::HttpRequestTrailerSectionSize(_)
        | Code::HttpRequestTrailerSize(_)
        | Code::HttpResponseHeaderSectionSize(_)
        | Code::HttpResponseHeaderSize(_)
        | Code::HttpResponseBodySize(_)
        | Code::HttpResponseTrailerSectionSize(_)
        | Code::HttpResponseTrailerSize(_) => return Error::TooLarge,
        Code::ConnectionLimitReached => return Error::TooMany,
        Code::DnsError(_) | Code::DestinationNotFound => "the service's name has no address",
        Code::DestinationUnavailable
        | Code::DestinationIpUnroutable
        | Code::ConnectionRefused
        | Code::ConnectionTerminated => "the service cannot be reached",
        Code::TlsCertificateError => "the service's certificate is not valid",
        Code::TlsProtocolError | Code::TlsAlertReceived(_) => "no encrypted connection",
        Code::HttpResponseIncomplete => "the answer broke off",
        Code::InternalError(Some(why)) => return Error::Failed(why),
        _ => "the exchange with the service broke off, or was no HTTP",
    })
}

#[cfg(test)]
mod tests {
    use super::{Error, of_code};
    use crate::bindings::outgoing_http::wasi::http::types::ErrorCode as Code;
    use crate::failure::Failure;

    #[test]
    fn codes_are_told_apart_as_far_as_a_policy_can_act_on_them() {
        for (code, error) in [
            (Code::HttpRequestDenied, Error::Denied),
            (Code::DestinationIpProhibited, Error::Prohibited),
            (Code::DnsTimeout, Error::Timeout),
            (Code::ConnectionTimeout, Error::Timeout),
            (Code::ConnectionReadTimeout, Error::Timeout),
            (Code::ConnectionWriteTimeout, Error::Timeout),
            (Code::HttpResponseTimeout, Error::Timeout),
            (Code::HttpRequestBodySize(Some(1)), Error::TooLarge),
            (Code::HttpResponseBodySize(None), Error::TooLarge),
            (Code::HttpResponseHeaderSectionSize(None), Error::TooLarge),
            (Code::ConnectionLimitReached, Error::TooMany),
            (
                Code::InternalError(Some("why".to_owned())),
                Error::failed("why"),
            ),
        ] {
            let name = format!("{code:?}");
            assert_eq!(of_code(code), error, "{name}");
        }
        for code in [
            Code::ConnectionRefused,
            Code::HttpProtocolError,
            Code::InternalError(None),
        ] {
            assert!(matches!(of_code(code), Error::Failed(_)));
        }
    }

    #[test]
    fn every_error_is_a_service_that_did_not_answer() {
        for error in [Error::Denied, Error::Timeout, Error::failed("why")] {
            let failure = Failure::unavailable(error.to_string());
            assert_eq!(Failure::from(error), failure);
        }
    }
}
