//! A rejection: a call that was refused before any policy ran.
//!
//! Okta does not repeat a call after a 4xx and fails the hook, which for a
//! registration turns a person away. So an operator must see that calls are
//! being refused, and a flood of refused calls must not flood the log.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::okta::Malformed;

/// Why a call was refused. The texts quote nothing of the call.
#[derive(Debug, thiserror::Error)]
pub(super) enum Rejection {
    /// 401.
    #[error("the secret header is missing or wrong")]
    Unauthenticated,
    /// 404.
    #[error("there is no such hook")]
    UnknownHook,
    /// 404.
    #[error("there is no such path; hooks are at /hooks/<name>")]
    UnknownPath,
    /// 405.
    #[error("a hook is called by POST")]
    WrongMethod,
    /// 408.
    #[error("the body took too long to arrive")]
    SlowBody,
    /// 413.
    #[error("the body has more than {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// 415.
    #[error("the content type must be application/json")]
    NotJson,
    /// 400.
    #[error("the body broke off")]
    BrokenBody,
    /// 400.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// 503. Okta may repeat the call.
    #[error("too many calls at once")]
    Overloaded,
}

impl Rejection {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::UnknownHook | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BrokenBody | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A word for machines.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::UnknownHook => "unknown-hook",
            Self::UnknownPath => "unknown-path",
            Self::WrongMethod => "wrong-method",
            Self::SlowBody => "slow-body",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::NotJson => "not-json",
            Self::BrokenBody => "broken-body",
            Self::Malformed(_) => "malformed",
            Self::Overloaded => "overloaded",
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = (self.status(), format!("{self}\n")).into_response();
        match self {
            Self::WrongMethod => {
                let post = HeaderValue::from_static("POST");
                response.headers_mut().insert(header::ALLOW, post);
            }
            // Unread bytes of the body may follow.
            Self::BodyTooLarge { .. } | Self::SlowBody => {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            _ => {}
        }
        response
    }
}

/// A bug of ours: 500, and Okta may repeat the call. The panic itself is in the
/// log already.
pub(super) fn panicked(_panic: Box<dyn Any + Send>) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
}

/// Refused calls, counted and reported at most once a minute.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Unreported>);

#[derive(Debug, Default)]
struct Unreported {
    reported: Option<Instant>,
    counts: BTreeMap<&'static str, u64>,
    last: String,
}

const REPORT_INTERVAL: Duration = Duration::from_secs(60);

impl Refusals {
    /// Counts a refusal, and reports all since the last report if that was a
    /// minute ago or more.
    pub(super) fn count(&self, rejection: &Rejection) {
        tracing::debug!(kind = rejection.kind(), "call refused: {rejection}");
        if let Some(report) = self.due(rejection, Instant::now()) {
            report.log();
        }
    }

    /// Reports what was counted and not reported yet, when no other refusal comes
    /// to do it. Never ends.
    pub(super) async fn keep_reporting(&self) {
        loop {
            tokio::time::sleep(REPORT_INTERVAL / 6).await;
            if let Some(report) = self.lock().take_if_due(Instant::now()) {
                report.log();
            }
        }
    }

    fn due(&self, rejection: &Rejection, now: Instant) -> Option<Report> {
        let mut unreported = self.lock();
        *unreported.counts.entry(rejection.kind()).or_default() += 1;
        unreported.last = rejection.to_string();
        unreported.take_if_due(now)
    }

    fn lock(&self) -> MutexGuard<'_, Unreported> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unreported {
    /// The report, if there is anything to say and the last was a minute ago or
    /// more.
    fn take_if_due(&mut self, now: Instant) -> Option<Report> {
        let recent = |reported: Instant| now.duration_since(reported) < REPORT_INTERVAL;
        if self.counts.is_empty() || self.reported.is_some_and(recent) {
            return None;
        }
        self.reported = Some(now);
        let counts = std::mem::take(&mut self.counts);
        let count = |(kind, count): (&_, &_)| format!("{kind}={count}");
        Some(Report {
            counts: counts.iter().map(count).collect::<Vec<_>>().join(" "),
            last: std::mem::take(&mut self.last),
        })
    }
}

/// What the operator is told.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    /// How many of each kind.
    counts: String,
    /// Why the last one was refused.
    last: String,
}

impl Report {
    fn log(&self) {
        tracing::error!(
            refused = self.counts,
            last = self.last,
            "calls are being refused; this is said at most once a minute"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Refusals, Rejection, Report};

    #[test]
    fn the_first_refusal_is_reported_and_the_others_once_a_minute() {
        let refusals = Refusals::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let report = |counts: &str, last: Rejection| {
            let (counts, last) = (counts.to_owned(), last.to_string());
            Some(Report { counts, last })
        };
        let due = |rejection: Rejection, seconds| refusals.due(&rejection, at(seconds));

        let first = report("unknown-hook=1", Rejection::UnknownHook);
        assert_eq!(due(Rejection::UnknownHook, 0), first);
        assert_eq!(due(Rejection::UnknownHook, 1), None);
        assert_eq!(due(Rejection::Unauthenticated, 59), None);
        let all = report("unauthenticated=1 unknown-hook=2", Rejection::UnknownHook);
        assert_eq!(due(Rejection::UnknownHook, 60), all);
        assert_eq!(due(Rejection::NotJson, 61), None);
        assert_eq!(refusals.lock().take_if_due(at(119)), None);
        let last = report("not-json=1", Rejection::NotJson);
        assert_eq!(refusals.lock().take_if_due(at(120)), last);
        assert_eq!(refusals.lock().take_if_due(at(300)), None);
    }
}
