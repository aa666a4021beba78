//! A script: answers that somebody wrote down, in place of services.
//!
//! What tries a policy out has one. Nothing is sent anywhere; a request that the script
//! has no answer for is refused like one to an origin that is not granted, and noted.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::{Error as Told, WasiBody};

/// An answer that is written down, and the requests that it is for.
#[derive(Debug)]
pub struct Scripted {
    /// The method of those requests.
    pub method: Method,
    /// Their URL: absolute, with its query.
    pub url: Uri,
    /// What they are answered.
    pub answer: Result<Response<Bytes>, ScriptedError>,
}

/// An error in place of an answer.
#[derive(Clone, Copy)]
pub struct ScriptedError {
    name: &'static str,
    told: fn() -> Told,
}

impl ScriptedError {
    /// All of them.
    const ALL: [Self; 12] = [
        Self::new("HTTP-request-denied", || Told::HttpRequestDenied),
        Self::new("destination-IP-prohibited", || {
            Told::DestinationIpProhibited
        }),
        Self::new("destination-not-found", || Told::DestinationNotFound),
        Self::new("destination-unavailable", || Told::DestinationUnavailable),
        Self::new("connection-refused", || Told::ConnectionRefused),
        Self::new("connection-timeout", || Told::ConnectionTimeout),
        Self::new("connection-read-timeout", || Told::ConnectionReadTimeout),
        Self::new("connection-terminated", || Told::ConnectionTerminated),
        Self::new("connection-limit-reached", || Told::ConnectionLimitReached),
        Self::new("TLS-certificate-error", || Told::TlsCertificateError),
        Self::new("HTTP-response-timeout", || Told::HttpResponseTimeout),
        Self::new("HTTP-protocol-error", || Told::HttpProtocolError),
    ];

    const fn new(name: &'static str, told: fn() -> Told) -> Self {
        Self { name, told }
    }

    /// The error that `wasi:http` calls so, if it is one that a request can end with.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.name == name)
    }

    /// Their names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(|error| error.name)
    }

    /// What `wasi:http` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for ScriptedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Answers, for one policy. Where several are for the same requests, they are given in
/// turn, and the last one from then on.
#[derive(Debug, Default)]
pub struct Script {
    lines: Vec<(Scripted, AtomicUsize)>,
    unanswered: Mutex<Vec<String>>,
}

impl Script {
    /// A script of these answers.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Scripted>) -> Self {
        let lines = answers.into_iter();
        Self {
            lines: lines.map(|line| (line, AtomicUsize::new(0))).collect(),
            unanswered: Mutex::default(),
        }
    }

    /// The requests that it had no answer for, as `GET https://…`. They may quote a call.
    #[must_use]
    pub fn unanswered(&self) -> Vec<String> {
        let unanswered = self.unanswered.lock();
        unanswered.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often each line was given, in their order.
    #[must_use]
    pub fn given(&self) -> Vec<usize> {
        let lines = self.lines.iter();
        lines
            .map(|(_, given)| given.load(Ordering::Relaxed))
            .collect()
    }

    /// What a request is answered. Its body is not looked at.
    ///
    /// # Errors
    ///
    /// What the script says, or `HTTP-request-denied` if it says nothing.
    pub(super) fn answer<B>(&self, request: &Request<B>) -> Result<Response<WasiBody>, Told> {
        let asked = same(request.uri());
        let is_for = |(line, _): &&(Scripted, AtomicUsize)| {
            line.method == *request.method() && same(&line.url) == asked
        };
        let mut lines = self.lines.iter().filter(is_for).peekable();
        while let Some((line, given)) = lines.next() {
            let is_last = lines.peek().is_none();
            let first = given.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed);
            if first.is_err() && !is_last {
                continue;
            }
            if first.is_err() {
                given.fetch_add(1, Ordering::Relaxed);
            }
            return match &line.answer {
                Ok(answer) => Ok(answer.clone().map(|body| {
                    let body = Full::new(body).map_err(|never| match never {});
                    body.boxed_unsync()
                })),
                Err(error) => Err((error.told)()),
            };
        }
        let unanswered = self.unanswered.lock();
        let mut unanswered = unanswered.unwrap_or_else(PoisonError::into_inner);
        unanswered.push(format!("{} {}", request.method(), request.uri()));
        Err(Told::HttpRequestDenied)
    }
}

/// A URL in the one form that all that mean the same have.
fn same(url: &Uri) -> String {
    let scheme = url.scheme().map_or("", Scheme::as_str);
    let authority = url.authority().map_or("", Authority::as_str);
    let default = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let authority = authority.strip_suffix(default).unwrap_or(authority);
    let authority = authority.to_ascii_lowercase();
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{authority}{path}")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Method, Request, Response};
    use http_body_util::BodyExt as _;
    use wasmtime_wasi_http::Error as Told;

    use super::{Script, Scripted, ScriptedError};

    fn line(url: &str, answer: Result<&'static str, &str>) -> Scripted {
        let answer = answer.map(|body| Response::new(Bytes::from(body)));
        Scripted {
            method: Method::GET,
            url: url.parse().expect("a URL"),
            answer: answer.map_err(|name| ScriptedError::named(name).expect("an error")),
        }
    }

    async fn ask(script: &Script, method: &str, url: &str) -> Result<Bytes, Told> {
        let request = Request::builder().method(method).uri(url).body(());
        let answer = script.answer(&request.expect("a request"))?;
        let body = answer.into_body().collect().await;
        Ok(body.expect("a body").to_bytes())
    }

    #[tokio::test]
    async fn lines_are_given_in_turn_and_the_last_one_from_then_on() {
        let script = Script::new([
            line("https://a.example/x?y=1", Ok("one")),
            line("https://a.example/x?y=1", Err("connection-timeout")),
        ]);
        let first = ask(&script, "GET", "https://A.example:443/x?y=1").await;
        assert_eq!(first.expect("an answer"), "one");
        for _ in 0..2 {
            let later = ask(&script, "GET", "https://a.example/x?y=1").await;
            assert!(matches!(later, Err(Told::ConnectionTimeout)));
        }
        assert_eq!(script.given(), [1, 2]);
        assert!(script.unanswered().is_empty());
    }

    #[tokio::test]
    async fn what_it_does_not_say_is_denied_and_noted() {
        let script = Script::new([line("https://a.example/x", Ok("one"))]);
        for (method, url) in [
            ("POST", "https://a.example/x"),
            ("GET", "https://a.example/y"),
            ("GET", "http://a.example/x"),
            ("GET", "https://a.example:8443/x"),
        ] {
            let answer = ask(&script, method, url).await;
            assert!(matches!(answer, Err(Told::HttpRequestDenied)), "{url}");
            let unanswered = script.unanswered();
            assert_eq!(unanswered.last(), Some(&format!("{method} {url}")));
        }
        assert_eq!(script.given(), [0]);
    }
}
