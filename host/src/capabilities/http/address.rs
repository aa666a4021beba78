//! Which addresses a connection may go to: public unicast ones, and what the operator
//! named.
//!
//! A name that an operator allowed says nothing of where it leads: whoever has its zone
//! decides, and may point it at this machine, its cloud's metadata or the network it
//! stands in. An IPv6 address that embeds an IPv4 one leads wherever some gateway takes
//! it, and is refused whatever it embeds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

/// The public addresses of IPv6 are all in here.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Where IPv4 addresses are written as IPv6 ones.
const MAPPED: Ipv6Net = v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96);

/// The ranges of IPv4 that are not public, the narrower of two first.
const V4: &[(Ipv4Net, &str)] = &[
    (v4([255, 255, 255, 255], 32), "broadcast"),
    (v4([0, 0, 0, 0], 8), "this network"),
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "shared (carrier-grade NAT)"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    // Answers only from inside a virtual machine of that cloud, as its metadata does.
    (v4([168, 63, 129, 16], 32), "cloud platform"),
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "protocol assignments"),
    (v4([192, 0, 2, 0], 24), "documentation"),
    (v4([192, 88, 99, 0], 24), "6to4 relay"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([198, 18, 0, 0], 15), "benchmarking"),
    (v4([198, 51, 100, 0], 24), "documentation"),
    (v4([203, 0, 113, 0], 24), "documentation"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
];

/// Likewise of IPv6.
const V6: &[(Ipv6Net, &str)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (MAPPED, "IPv4-mapped"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4-compatible"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "IPv4-translated"),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), "NAT64"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "NAT64"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "benchmarking"),
    (
        v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
        "protocol assignments",
    ),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique local"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(parts: [u16; 8], length: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = parts;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

/// What kind of address this is, in a word or two, unless it is a public unicast one
/// that embeds no other.
#[must_use]
pub fn prohibited(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => kind(V4, |range| range.contains(&address)),
        IpAddr::V6(address) => kind(V6, |range| range.contains(&address))
            .or_else(|| (!GLOBAL_UNICAST.contains(&address)).then_some("reserved")),
    }
}

fn kind<R>(ranges: &[(R, &'static str)], contains: impl Fn(&R) -> bool) -> Option<&'static str> {
    ranges
        .iter()
        .find(|(range, _)| contains(range))
        .map(|(_, name)| *name)
}

/// The networks that an operator named: connections may go there although they are not
/// public.
///
/// An IPv4 address is in an IPv4 network, also where it is written as an IPv6 one
/// (`::ffff:10.1.2.3`): a wide IPv6 network opens no IPv4 address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<IpNet>")]
pub struct Named(Vec<IpNet>);

impl Named {
    /// Whether an address is in one of the networks.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address to connect to, if that is allowed.
    ///
    /// # Errors
    ///
    /// The kind of a prohibited address.
    pub fn check(&self, address: IpAddr) -> Result<IpAddr, &'static str> {
        match prohibited(address) {
            Some(range) if !self.contains(address) => Err(range),
            _ => Ok(address.to_canonical()),
        }
    }
}

impl From<Vec<IpNet>> for Named {
    fn from(networks: Vec<IpNet>) -> Self {
        Self(networks.into_iter().map(unmapped).collect())
    }
}

/// The IPv4 network that is written as an IPv6 one, or the network itself.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else {
        return network;
    };
    if !MAPPED.contains(&v6) {
        return network;
    }
    let length = v6.prefix_len() - MAPPED.prefix_len();
    match v6.network().to_canonical() {
        IpAddr::V4(address) => Ipv4Net::new(address, length).map_or(network, IpNet::V4),
        IpAddr::V6(_) => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn named(networks: &[&str]) -> Named {
        let parse = |text: &&str| text.parse::<IpNet>().expect("a network");
        networks.iter().map(parse).collect::<Vec<_>>().into()
    }

    #[test]
    fn both_ends_of_each_range_are_prohibited() {
        for (first, last, kind) in [
            ("0.0.0.0", "0.255.255.255", "this network"),
            ("10.0.0.0", "10.255.255.255", "private"),
            (
                "100.64.0.0",
                "100.127.255.255",
                "shared (carrier-grade NAT)",
            ),
            ("127.0.0.0", "127.255.255.255", "loopback"),
            ("168.63.129.16", "168.63.129.16", "cloud platform"),
            ("169.254.0.0", "169.254.255.255", "link-local"),
            ("172.16.0.0", "172.31.255.255", "private"),
            ("192.0.0.0", "192.0.0.255", "protocol assignments"),
            ("192.0.2.0", "192.0.2.255", "documentation"),
            ("192.88.99.0", "192.88.99.255", "6to4 relay"),
            ("192.168.0.0", "192.168.255.255", "private"),
            ("198.18.0.0", "198.19.255.255", "benchmarking"),
            ("198.51.100.0", "198.51.100.255", "documentation"),
            ("203.0.113.0", "203.0.113.255", "documentation"),
            ("224.0.0.0", "239.255.255.255", "multicast"),
            ("240.0.0.0", "255.255.255.254", "reserved"),
            ("255.255.255.255", "255.255.255.255", "broadcast"),
            ("::", "::", "unspecified"),
            ("::1", "::1", "loopback"),
            ("::2", "::255.255.255.255", "IPv4-compatible"),
            ("::ffff:0.0.0.0", "::ffff:255.255.255.255", "IPv4-mapped"),
            (
                "::ffff:0:0.0.0.0",
                "::ffff:0:255.255.255.255",
                "IPv4-translated",
            ),
            ("64:ff9b::", "64:ff9b::255.255.255.255", "NAT64"),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "NAT64"),
            ("100::", "100::ffff:ffff:ffff:ffff", "discard"),
            ("100:0:0:1::", "1fff:ffff::", "reserved"),
            ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo"),
            (
                "2001:2::",
                "2001:2:0:ffff:ffff:ffff:ffff:ffff",
                "benchmarking",
            ),
            ("2001:1::", "2001:1ff:ffff::", "protocol assignments"),
            ("2001:db8::", "2001:db8:ffff::", "documentation"),
            ("2002::", "2002:ffff::", "6to4"),
            ("3fff::", "3fff:fff:ffff::", "documentation"),
            ("4000::", "5eff:ffff::", "reserved"),
            ("5f00::", "5f00:ffff::", "segment routing"),
            ("fc00::", "fdff:ffff::", "unique local"),
            ("fe80::", "febf:ffff::", "link-local"),
            ("fec0::", "feff:ffff::", "site-local"),
            ("ff00::", "ffff:ffff::", "multicast"),
        ] {
            assert_eq!(prohibited(ip(first)), Some(kind), "{first}");
            assert_eq!(prohibited(ip(last)), Some(kind), "{last}");
        }
    }

    #[test]
    fn their_neighbours_are_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "2606:4700::1",
            "3ffe:ffff::",
            "3fff:1000::",
        ] {
            assert_eq!(prohibited(ip(address)), None, "{address}");
        }
    }

    #[test]
    fn a_named_network_opens_its_addresses_and_no_others() {
        let named = named(&["10.1.0.0/16", "fd00:1::/32"]);
        assert_eq!(named.check(ip("10.1.2.3")), Ok(ip("10.1.2.3")));
        assert_eq!(named.check(ip("fd00:1::1")), Ok(ip("fd00:1::1")));
        assert_eq!(named.check(ip("8.8.8.8")), Ok(ip("8.8.8.8")));
        assert_eq!(named.check(ip("10.2.0.1")), Err("private"));
        assert_eq!(named.check(ip("fd00:2::1")), Err("unique local"));
    }

    #[test]
    fn a_mapped_address_is_the_one_it_maps() {
        let named = named(&["10.1.0.0/16", "::ffff:10.2.0.0/112"]);
        assert_eq!(named.check(ip("::ffff:10.1.2.3")), Ok(ip("10.1.2.3")));
        assert_eq!(named.check(ip("::ffff:10.2.2.3")), Ok(ip("10.2.2.3")));
        assert_eq!(named.check(ip("10.2.2.3")), Ok(ip("10.2.2.3")));
        assert_eq!(named.check(ip("::ffff:10.3.2.3")), Err("IPv4-mapped"));
        assert_eq!(named.check(ip("::ffff:8.8.8.8")), Err("IPv4-mapped"));
    }

    #[test]
    fn all_of_ipv6_opens_no_address_of_ipv4() {
        let named = named(&["::/0"]);
        assert_eq!(named.check(ip("::1")), Ok(ip("::1")));
        assert_eq!(named.check(ip("127.0.0.1")), Err("loopback"));
        assert_eq!(named.check(ip("::ffff:127.0.0.1")), Err("IPv4-mapped"));
    }

    #[test]
    fn networks_are_read_from_strings() {
        let read: Named = serde_json::from_str(r#"["10.1.0.0/16"]"#).expect("a network");
        assert_eq!(read, named(&["10.1.0.0/16"]));
        serde_json::from_str::<Named>(r#"["10.1.0.0"]"#).expect_err("no length");
    }
}
