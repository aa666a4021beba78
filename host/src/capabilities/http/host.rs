//! A host: the name or the address of a server.
//!
//! An address has one spelling here, the one in which it is printed. Every other that a
//! resolver might take for an address (`127.1`, `0x7f.1`, `2130706433`) is refused, and
//! no name.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::origin::OriginError;

/// The longest name that DNS knows.
const MAX_NAME: usize = 253;

/// The longest part of one.
const MAX_LABEL: usize = 63;

/// The host of an origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name: lower-case ASCII, without a dot at its end, and no spelling of an address.
    Name(Box<str>),
    /// An address, never one that embeds another.
    Address(IpAddr),
}

impl FromStr for Host {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let bad = || OriginError::Host {
            host: text.to_owned(),
        };
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or_else(bad)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| bad())?;
            return usable(address.into());
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return usable(address.into());
        }
        if ends_in_number(name) {
            return Err(OriginError::Number {
                host: text.to_owned(),
            });
        }
        if !is_name(name) {
            return Err(bad());
        }
        Ok(Self::Name(name.to_ascii_lowercase().into()))
    }
}

impl Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// A host by its address, if servers can have it.
fn usable(address: IpAddr) -> Result<Host, OriginError> {
    let disguised = address.to_canonical() != address;
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    if disguised || broadcast || address.is_unspecified() || address.is_multicast() {
        return Err(OriginError::Address { address });
    }
    Ok(Host::Address(address))
}

/// Whether the last part of a name is a number, decimal or hexadecimal: resolvers take
/// such names for IPv4 addresses, and no top-level domain is one.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).as_bytes();
    match last {
        [b'0', b'x' | b'X', rest @ ..] => rest.iter().all(u8::is_ascii_hexdigit),
        [] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= MAX_NAME && name.split('.').all(is_label)
}
