//! A request that is rendered once and sent many times, each time as another call.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

/// How many digits the number in `eventId` has.
const DIGITS: usize = 16;

/// The number of the next call. No two calls of a process are the same, so that none
/// is taken for a repeat.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The bytes of a request, and where in them is what changes.
#[derive(Debug, Clone)]
pub(super) struct Request {
    bytes: Vec<u8>,
    path: Range<usize>,
    number: Range<usize>,
}

impl Request {
    /// `headers` are whole lines.
    pub(super) fn new(path: &str, headers: &str, call: &Value) -> Self {
        let zeros = "0".repeat(DIGITS);
        let mut call = call.clone();
        call["eventId"] = json!(format!("load-{zeros}"));
        let body = call.to_string();
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let number = bytes.find(&zeros).expect("the number");
        Self {
            bytes: bytes.into(),
            path: "POST ".len().."POST ".len() + path.len(),
            number: number..number + DIGITS,
        }
    }

    /// Becomes the next call, to this path, which is as long as the one before.
    pub(super) fn renew(&mut self, path: &str) {
        self.bytes[self.path.clone()].copy_from_slice(path.as_bytes());
        let mut number = NEXT.fetch_add(1, Ordering::Relaxed);
        for digit in self.bytes[self.number.clone()].iter_mut().rev() {
            *digit = b"0123456789"[usize::try_from(number % 10).expect("a digit")];
            number /= 10;
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Request;

    #[test]
    fn every_call_is_another_one() {
        let mut request = Request::new("/hooks/a", "", &json!({}));
        let mut renewed = |path| {
            request.renew(path);
            String::from_utf8(request.bytes().to_vec()).expect("text")
        };
        let (a, b) = (renewed("/hooks/a"), renewed("/hooks/b"));
        assert!(a.starts_with("POST /hooks/a ") && b.starts_with("POST /hooks/b "));
        assert_eq!(a.len(), b.len());
        let id = |text: &str| text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        assert_ne!(id(&a), id(&b));
    }
}
