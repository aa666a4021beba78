//! The URL of a service, read strictly.
//!
//! What two readers could understand in two ways is refused: the host compares the
//! origin with what the operator granted, and nobody must be able to smuggle another in.

use std::fmt;
use std::net::Ipv6Addr;

use serde::de::{Deserialize, Deserializer, Error};

/// The absolute URL of a service: `https://crm.example.com/people`, with or without
/// port, path and query. It is in ASCII; what else there is comes in through
/// [`Request::query`](super::Request::query).
///
/// As a setting it is text, and is checked when the policy is loaded. Its `Debug` shows
/// the origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    is_https: bool,
    authority: String,
    /// From the `/`.
    path: String,
    /// Without the `?`.
    query: String,
}

/// What is wrong with a URL. It does not quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrlError(&'static str);

impl UrlError {
    /// What is wrong, and what would be right.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UrlError {}

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// It is none, or has user information or a fragment.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (is_https, rest) = match url.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(UrlError("the URL must begin with `https://` or `http://`")),
        };
        if rest.contains('#') {
            return Err(UrlError("the URL must have no `#` and nothing after it"));
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError("the URL must have no user name and no `@`"));
        }
        if !is_authority(authority) {
            return Err(UrlError(
                "the URL must have a host, such as `crm.example.com` or `192.0.2.1:8080`",
            ));
        }
        if !is_path_and_query(rest) {
            return Err(UrlError(
                "the URL has a character that must be written as `%` and two digits",
            ));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self {
            is_https,
            authority: authority.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// Adds to the query; name and value are encoded.
    pub(super) fn add_query(&mut self, name: &str, value: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode(&mut self.query, name);
        self.query.push('=');
        encode(&mut self.query, value);
    }

    /// Adds a segment to the path, encoded; false if it is one that means another path.
    pub(super) fn add_segment(&mut self, segment: &str) -> bool {
        if ["", ".", ".."].contains(&segment) {
            return false;
        }
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        encode(&mut self.path, segment);
        true
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn path_and_query(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    pub(super) fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// A host, and perhaps a port.
fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        // Otherwise the colon is one of an address in brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| {
        let is_digits = port.bytes().all(|byte| byte.is_ascii_digit());
        is_digits && port.parse::<u16>().is_ok_and(|port| port != 0)
    };
    is_host(host) && port.is_none_or(is_port)
}

/// A name or an IPv4 address of letters, digits, `-`, `.` and `_`, or an IPv6 address in
/// brackets.
fn is_host(host: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_legal),
    }
}

/// What a path and a query may have (RFC 3986), every `%` with its two digits.
fn is_path_and_query(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_legal = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
        };
        if !is_legal {
            return false;
        }
    }
    true
}

/// Percent-encodes all but what is never reserved.
fn encode(to: &mut String, text: &str) {
    let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 0xf)]);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            to.push(char::from(byte));
        } else {
            to.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path_and_query())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({}/..)", self.origin())
    }
}

impl TryFrom<&str> for Url {
    type Error = UrlError;

    fn try_from(url: &str) -> Result<Self, UrlError> {
        Self::parse(url)
    }
}

impl TryFrom<&String> for Url {
    type Error = UrlError;

    fn try_from(url: &String) -> Result<Self, UrlError> {
        Self::parse(url)
    }
}

impl TryFrom<String> for Url {
    type Error = UrlError;

    fn try_from(url: String) -> Result<Self, UrlError> {
        Self::parse(&url)
    }
}

impl From<&Url> for Url {
    fn from(url: &Url) -> Self {
        url.clone()
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = String::deserialize(deserializer)?;
        Self::parse(&url).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn what_is_read_is_what_is_written() {
        for url in [
            "https://crm.example.com/people",
            "https://crm.example.com/people/%C3%BC?a=b&c=%2F",
            "http://192.0.2.1:8080/",
            "https://[2001:db8::1]/",
            "https://[2001:db8::1]:8443/a?b",
            "http://localhost/a@b:c",
        ] {
            let read = Url::parse(url).expect(url);
            assert_eq!(read.to_string(), url);
        }
        let read = Url::parse("https://crm.example.com").expect("a URL");
        assert_eq!(read.to_string(), "https://crm.example.com/");
        let read = Url::parse("https://crm.example.com?a=b").expect("a URL");
        assert_eq!(read.to_string(), "https://crm.example.com/?a=b");
    }

    #[test]
    fn what_can_be_misunderstood_is_refused_and_not_quoted() {
        for url in [
            "",
            "hunter2",
            "/hunter2",
            "ftp://hunter2",
            "HTTPS://hunter2",
            "https:/hunter2",
            "https:///hunter2",
            "https://:443/hunter2",
            "https://rosario:hunter2@crm.example.com/",
            "https://crm.example.com@hunter2/",
            "https://crm.example.com:443@hunter2/",
            "https://crm.example.com\\@hunter2/",
            "https://crm.example.com#hunter2",
            "https://crm.example.com/#hunter2",
            "https://crm.example.com:/hunter2",
            "https://crm.example.com:0/hunter2",
            "https://crm.example.com:65536/hunter2",
            "https://crm.example.com:+80/hunter2",
            "https://crm.example.com:80:80/hunter2",
            "https://crm example.com/hunter2",
            "https://crm%2eexample.com/hunter2",
            "https://b\u{fc}cher.example/hunter2",
            "https://[::1/hunter2",
            "https://[hunter2]/",
            "https://[::1]hunter2/",
            "https://::1/hunter2",
            "https://[::1]:/hunter2",
            "https://[[::1]]/hunter2",
            "https://[]/hunter2",
            "https://[::1%25eth0]/hunter2",
            "https://crm.example.com/hunter2 ",
            "https://crm.example.com/hunter2\r\nhost: evil",
            "https://crm.example.com/hunter2\\",
            "https://crm.example.com/hunter2\u{fc}",
            "https://crm.example.com/hunter2%",
            "https://crm.example.com/hunter2%2",
            "https://crm.example.com/hunter2%zz",
            " https://crm.example.com/hunter2",
        ] {
            let error = Url::parse(url).expect_err(url).to_string();
            assert!(!error.contains("hunter2"), "{error}");
            let json = serde_json::to_string(url).expect("JSON");
            let error = serde_json::from_str::<Url>(&json).expect_err(url);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_is_added_stays_one_value() {
        let mut url = Url::parse("https://crm.example.com/people/").expect("a URL");
        url.add_query("e mail", "a+b&c=d@example.com#\u{fc}/?");
        url.add_query("x", "");
        let expected = "https://crm.example.com/people/\
                        ?e%20mail=a%2Bb%26c%3Dd%40example.com%23%C3%BC%2F%3F&x=";
        assert_eq!(url.to_string(), expected);

        let mut url = Url::parse("https://crm.example.com/people?a=b").expect("a URL");
        assert!(url.add_segment("../a?b/c%"));
        url.add_query("c", "d");
        assert_eq!(
            url.to_string(),
            "https://crm.example.com/people/..%2Fa%3Fb%2Fc%25?a=b&c=d"
        );
        for elsewhere in ["", ".", ".."] {
            assert!(!url.add_segment(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn only_the_origin_is_shown() {
        let url = Url::parse("https://crm.example.com/hunter2?hunter2").expect("a URL");
        assert_eq!(format!("{url:?}"), "Url(https://crm.example.com/..)");
    }
}
