//! An origin: scheme, host and port, as an operator allows it and a request names it.
//!
//! One parser reads both, so that what was allowed and what is asked for cannot be
//! understood differently. User information is refused, whatever it looks like.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use serde::Deserialize;

use super::host::Host;

/// Scheme, host and port of a server. Written `https://crm.example.com`,
/// `http://10.1.2.3:8080` or `https://[2001:db8::1]`, and printed likewise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    scheme: Scheme,
    host: Host,
    port: u16,
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In clear text.
    Http,
    /// By TLS.
    Https,
}

/// What was written is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No scheme, or none that the client speaks.
    #[error("an origin begins with `https://` or `http://`, as in `https://crm.example.com`")]
    Scheme,
    /// A user or a password before the host. Not repeated: it may be a secret.
    #[error("an origin has no user information; leave out all before and including `@`")]
    UserInformation,
    /// More than an origin. Not repeated: it may be a secret.
    #[error("an origin ends with its host or port; leave out the path, the query and the last `/`")]
    Path,
    /// A pattern.
    #[error("an origin has no wildcard; list each host")]
    Wildcard,
    /// A name in another script.
    #[error("the host of an origin is ASCII; write the name as DNS has it (`xn--…`)")]
    NotAscii,
    /// Something that is neither a name nor an address.
    #[error("not a host name or address; an IPv6 address stands in brackets: `{host}`")]
    Host {
        /// What stands for the host.
        host: String,
    },
    /// A number that some programs take for an address.
    #[error("write an IPv4 address as four decimal numbers, as in `10.1.2.3`: `{host}`")]
    Number {
        /// What stands for the host.
        host: String,
    },
    /// An address no server has, or another in disguise.
    #[error("not the address of a server: `{address}`")]
    Address {
        /// The address.
        address: IpAddr,
    },
    /// A port that is no number from 1 to 65535.
    #[error("a port is a number from 1 to 65535: `{port}`")]
    Port {
        /// What stands for the port.
        port: String,
    },
}

/// The origins that requests may go to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Origins(HashSet<Origin>);

impl Origin {
    /// How the server is spoken to.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The server's name or address.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as a URI and the `Host` header have them: without the port if it is
    /// the scheme's.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == self.scheme.port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The origin that a URI names. The guest may control all of it, and so what an error
    /// repeats.
    fn of(uri: &Uri) -> Result<Self, OriginError> {
        let scheme = uri.scheme_str().ok_or(OriginError::Scheme)?.parse()?;
        let authority = uri.authority().ok_or(OriginError::Scheme)?;
        Self::at(scheme, authority.as_str())
    }

    fn at(scheme: Scheme, authority: &str) -> Result<Self, OriginError> {
        if authority.contains('@') {
            return Err(OriginError::UserInformation);
        }
        if authority.contains(['/', '\\', '?', '#']) {
            return Err(OriginError::Path);
        }
        if authority.contains('*') {
            return Err(OriginError::Wildcard);
        }
        if !authority.is_ascii() {
            return Err(OriginError::NotAscii);
        }
        let (host, port) = split(authority)?;
        Ok(Self {
            scheme,
            host: host.parse()?,
            port: port.map_or(Ok(scheme.port()), parse_port)?,
        })
    }
}

/// Host and port of an authority. An IPv6 address keeps its brackets.
fn split(authority: &str) -> Result<(&str, Option<&str>), OriginError> {
    if !authority.starts_with('[') {
        return Ok(match authority.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (authority, None),
        });
    }
    let bad = || OriginError::Host {
        host: authority.to_owned(),
    };
    let end = authority.find(']').ok_or_else(bad)? + 1;
    match authority.split_at(end) {
        (host, "") => Ok((host, None)),
        (host, rest) => Ok((host, Some(rest.strip_prefix(':').ok_or_else(bad)?))),
    }
}

fn parse_port(text: &str) -> Result<u16, OriginError> {
    let bad = || OriginError::Port {
        port: text.to_owned(),
    };
    // The parser of numbers would take a sign.
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let port = text.parse().map_err(|_| bad())?;
    if port == 0 { Err(bad()) } else { Ok(port) }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError::Scheme)?;
        Self::at(scheme.parse()?, authority)
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl Scheme {
    /// The scheme as a URI has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of an origin that names none.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl FromStr for Scheme {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        [Self::Http, Self::Https]
            .into_iter()
            .find(|scheme| text.eq_ignore_ascii_case(scheme.as_str()))
            .ok_or(OriginError::Scheme)
    }
}

impl Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Origins {
    /// The allowed origin that a URI names, if it names one.
    #[must_use]
    pub fn allows(&self, uri: &Uri) -> Option<&Origin> {
        self.0.get(&Origin::of(uri).ok()?)
    }

    /// Whether nothing is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Origin> for Origins {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        Self(origins.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
