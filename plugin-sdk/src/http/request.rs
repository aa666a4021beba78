//! A request to a service, built step by step.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::backend;
use super::error::Error;
use super::response::Response;
use super::url::Url;
use crate::secrets::Secret;

/// How large the body of an answer may be, if the policy does not say: 1 MiB.
const MAX_BODY: usize = 1 << 20;

/// Headers that belong to whoever makes the connection.
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

/// A request. What is wrong with it is told by [`send`](Self::send).
///
/// Its `Debug` shows the method and the origin only.
#[derive(Clone)]
#[must_use = "a request is made by `send`"]
pub struct Request {
    pub(super) method: Method,
    /// What was wrong first, once something is.
    url: Result<Url, Error>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_body: usize,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)+) => {
        impl Request {
            $(
                $(#[$doc])*
                pub fn $name<U: TryInto<Url>>(url: U) -> Self
                where
                    Error: From<U::Error>,
                {
                    Self::new(Method::$method, url.try_into().map_err(Error::from))
                }
            )+
        }
    };
}

methods! {
    /// A `GET` of a URL.
    get = Get;
    /// A `POST` to a URL.
    post = Post;
    /// A `PUT` to a URL.
    put = Put;
    /// A `PATCH` of a URL.
    patch = Patch;
    /// A `DELETE` of a URL.
    delete = Delete;
}

impl Request {
    fn new(method: Method, url: Result<Url, Error>) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
            timeout: None,
            max_body: MAX_BODY,
        }
    }

    /// Adds a parameter to the query. Both are encoded.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if let Ok(url) = &mut self.url {
            url.add_query(name, value);
        }
        self
    }

    /// Adds a segment to the path, encoded: what it says cannot lead to another path.
    /// One that is empty, `.` or `..` is an error.
    pub fn segment(mut self, segment: &str) -> Self {
        let is_added = self.url.as_mut().map(|url| url.add_segment(segment));
        match is_added {
            Ok(false) => self.fail("a path segment means another path"),
            _ => self,
        }
    }

    /// Adds a header. Its value is visible ASCII, spaces and tabs. `host` and those that
    /// say how the body is sent are the host's.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return self.fail("a header's name has a character that none may have");
        }
        if RESERVED.contains(&name.as_str()) {
            return self.fail(&format!("the header `{name}` is the host's"));
        }
        let is_legal = |byte: u8| matches!(byte, b'\t' | b' '..=b'~');
        if !value.bytes().all(is_legal) {
            let problem = format!("the header `{name}` has a character that none may have");
            return self.fail(&problem);
        }
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds `authorization` with a bearer token.
    pub fn bearer(self, token: &Secret) -> Self {
        self.header("authorization", &format!("Bearer {}", token.reveal()))
    }

    /// Sends these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends a value as JSON, with its content type.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.header("content-type", "application/json").body(body),
            Err(_) => self.fail("the body cannot be written as JSON"),
        }
    }

    /// How long it may take to connect, until the answer begins, and from one part of the
    /// answer to the next: each of them. The evaluation's own end is not put off.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How large the body of the answer may be, in bytes. 1 MiB without this.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    fn fail(mut self, problem: &str) -> Self {
        if self.url.is_ok() {
            self.url = Err(Error::failed(problem));
        }
        self
    }

    /// Makes the request and waits for the whole answer. In native tests it is
    /// [`testing::http`](crate::testing::http()) that answers.
    ///
    /// # Errors
    ///
    /// There was no whole answer. An answer of any status is one, a redirect too.
    pub fn send(self) -> Result<Response, Error> {
        let url = self.url.clone()?;
        let response = backend::send(&self, &url)?;
        match response.body().len() > self.max_body {
            true => Err(Error::TooLarge),
            false => Ok(response),
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The URL with its query; empty if it was none.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.as_ref().map(Url::to_string).unwrap_or_default()
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header_value(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The body; empty if there is none.
    #[must_use]
    pub fn body_bytes(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Error, Method, Request};
    use crate::testing;

    const URL: &str = "https://crm.example.com/people";

    /// Why the request is not even made.
    fn refused(request: Request) -> String {
        let _http = testing::http(|_| panic!("the request was made"));
        match request.send() {
            Err(Error::Failed(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_what_was_said() {
        let _secrets = testing::secrets([("token", "hunter2")]);
        let token = crate::secrets::get("token").expect("a value");
        let _http = testing::http(|request| {
            assert_eq!(request.method(), Method::Post);
            assert_eq!(
                request.url(),
                "https://crm.example.com/people/a%2Fb?email=a%40b"
            );
            assert_eq!(
                request.header_value("Authorization"),
                Some("Bearer hunter2")
            );
            assert_eq!(
                request.header_value("content-type"),
                Some("application/json")
            );
            assert_eq!(request.header_value("x-trace"), Some("a b"));
            assert_eq!(request.body_bytes(), br#"{"a":1}"#);
            Ok(testing::response(201, ""))
        });
        let request = Request::post(URL)
            .segment("a/b")
            .query("email", "a@b")
            .bearer(&token)
            .header("X-Trace", "a b")
            .json(&json!({ "a": 1 }));
        let shown = format!("{request:?}");
        assert_eq!(
            shown,
            "Request { method: Post, url: Ok(Url(https://crm.example.com/..)), .. }"
        );
        assert_eq!(request.send().map(|response| response.status()), Ok(201));
    }

    #[test]
    fn what_is_wrong_with_a_request_is_told_when_it_is_made_and_not_quoted() {
        let request = || Request::get(URL);
        for (request, expected) in [
            (Request::get("hunter2").query("a", "b"), "must begin with"),
            (request().segment(".."), "means another path"),
            (
                request().header("hunter2:", "a"),
                "name has a character that none may have",
            ),
            (
                request().header("a", "hunter2\r\nb: c"),
                "`a` has a character that none may have",
            ),
            (
                request().header("a", "hunter2\u{fc}"),
                "`a` has a character that none may have",
            ),
            (
                request().header("Host", "hunter2"),
                "the header `host` is the host's",
            ),
            (request().header("Content-Length", "7"), "is the host's"),
            (request().header("Transfer-Encoding", "x"), "is the host's"),
        ] {
            let why = refused(request);
            assert!(why.contains(expected), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn an_answer_has_no_more_than_the_policy_takes() {
        let _http = testing::http(|_| Ok(testing::response(200, vec![b'a'; 1 << 20])));
        assert!(Request::get(URL).send().is_ok());
        let most = (1 << 20) - 1;
        let answer = Request::get(URL).max_body(most).send();
        assert!(matches!(answer, Err(Error::TooLarge)));
        let _http = testing::http(|_| Ok(testing::response(200, vec![b'a'; (1 << 20) + 1])));
        assert!(matches!(Request::get(URL).send(), Err(Error::TooLarge)));
    }

    #[test]
    fn a_redirect_is_an_answer() {
        let _http = testing::http(|_| {
            let headers = [("location", "https://evil.example/")];
            Ok(testing::response_with(302, headers, ""))
        });
        let answer = Request::get(URL).send().expect("an answer");
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.header("Location"), Some("https://evil.example/"));
    }

    #[test]
    fn without_a_grant_nothing_is_sent() {
        assert!(matches!(Request::get(URL).send(), Err(Error::Denied)));
    }
}
