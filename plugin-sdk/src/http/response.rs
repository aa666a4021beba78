//! The answer of a service.

use std::fmt;

use serde::de::DeserializeOwned;

use super::error::Error;
use crate::failure::position;

/// An answer, whole. Its `Debug` shows the status and how long the body is.
#[derive(Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, headers: Vec<(String, Vec<u8>)>, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// The status, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, in any case; `None` also if it is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// It is no JSON, or no `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let position = position(&error);
            Error::Failed(format!("the answer has another form: {position}"))
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Response;

    fn response(body: &str) -> Response {
        let headers = vec![
            ("X-Text".to_owned(), b"a".to_vec()),
            ("x-bytes".to_owned(), vec![0xff]),
        ];
        Response::new(200, headers, body.into())
    }

    #[test]
    fn headers_are_found_in_any_case() {
        assert_eq!(response("").header("x-text"), Some("a"));
        assert_eq!(response("").header("X-Bytes"), None);
        assert_eq!(response("").header("x-none"), None);
    }

    #[test]
    fn a_body_of_another_form_is_an_error_that_does_not_quote_it() {
        assert_eq!(response("[1]").json::<Vec<u8>>(), Ok(vec![1]));
        for body in ["\"hunter2\"", "hunter2", ""] {
            let error = response(body).json::<Vec<u8>>().expect_err(body);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn an_answer_does_not_print() {
        let shown = format!("{:?}", response("hunter2"));
        assert_eq!(shown, "Response { status: 200, body_len: 7, .. }");
    }
}
