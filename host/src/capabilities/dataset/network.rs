//! Networks, as entries, and addresses, as values.

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use super::ranges::{Address, Ranges};

/// Prefixes of IPv6 networks that consist of IPv4 addresses have these bits more.
const MAPPED: u8 = 96;

/// The address that a text is; an IPv4 address in IPv6 form is one.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse::<IpAddr>().ok()?.to_canonical())
}

/// The network that a text is. An address is the network of itself. Bits after the
/// prefix do not count.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    let Some((base, prefix)) = text.split_once('/') else {
        return Some(address(text)?.into());
    };
    if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let base: IpAddr = base.parse().ok()?;
    let prefix: u8 = prefix.parse().ok()?;
    let mapped = |base: Ipv6Addr| Some((base.to_ipv4_mapped()?, prefix.checked_sub(MAPPED)?));
    if let IpAddr::V6(base) = base
        && let Some((base, prefix)) = mapped(base)
    {
        return Some(Ipv4Net::new(base, prefix).ok()?.into());
    }
    IpNet::new(base, prefix).ok()
}

/// Networks while a file is read.
#[derive(Default)]
pub(super) struct Collected {
    v4: Vec<Entry<u32>>,
    v6: Vec<Entry<u128>>,
}

struct Entry<A> {
    first: A,
    last: A,
    record: u32,
    /// Where it stands in the file.
    place: u32,
}

impl Collected {
    /// Adds a network with the place of its record and its own.
    pub(super) fn push(&mut self, network: IpNet, record: u32, place: u32) {
        match network {
            IpNet::V4(network) => self.v4.push(Entry {
                first: network.network().to_bits(),
                last: network.broadcast().to_bits(),
                record,
                place,
            }),
            IpNet::V6(network) => self.v6.push(Entry {
                first: network.network().to_bits(),
                last: network.broadcast().to_bits(),
                record,
                place,
            }),
        }
    }

    /// Puts them in order and leaves out those that are there already.
    ///
    /// # Errors
    ///
    /// The place in the file of a network that is there with a record that is not
    /// `same`.
    pub(super) fn sort(&mut self, same: impl Fn(u32, u32) -> bool) -> Result<(), u32> {
        let repeated = [sort(&mut self.v4, &same), sort(&mut self.v6, &same)];
        repeated.into_iter().flatten().min().map_or(Ok(()), Err)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Lays them flat, each with what its record means. They are in order.
    pub(super) fn lay<M: Copy + PartialEq>(self, meaning: impl Fn(u32) -> M) -> Networks<M> {
        Networks {
            v4: lay(self.v4, &meaning),
            v6: lay(self.v6, &meaning),
        }
    }
}

/// Returns the first place in the file of a network that is there with another record.
fn sort<A: Address>(entries: &mut Vec<Entry<A>>, same: impl Fn(u32, u32) -> bool) -> Option<u32> {
    entries.sort_unstable_by_key(|entry| (entry.first, Reverse(entry.last), entry.place));
    let mut repeated: Option<u32> = None;
    entries.dedup_by(|entry, earlier| {
        let equal = (entry.first, entry.last) == (earlier.first, earlier.last);
        if equal && !same(entry.record, earlier.record) {
            repeated = Some(repeated.map_or(entry.place, |place| place.min(entry.place)));
        }
        equal
    });
    repeated
}

fn lay<A: Address, M: Copy + PartialEq>(
    entries: Vec<Entry<A>>,
    meaning: impl Fn(u32) -> M,
) -> Ranges<A, M> {
    let networks = entries.into_iter();
    Ranges::new(networks.map(|entry| (entry.first, entry.last, meaning(entry.record))))
}

/// Networks, each with what it means.
pub(super) struct Networks<M> {
    v4: Ranges<u32, M>,
    v6: Ranges<u128, M>,
}

impl<M: Copy + PartialEq> Networks<M> {
    /// What the smallest network around an address means.
    pub(super) fn find(&self, text: &str) -> Option<M> {
        match address(text)? {
            IpAddr::V4(address) => self.v4.find(address.to_bits()),
            IpAddr::V6(address) => self.v6.find(address.to_bits()),
        }
    }

    /// The bytes it holds.
    pub(super) fn memory(&self) -> usize {
        self.v4.memory() + self.v6.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn networks_are_told_from_other_texts() {
        for (text, network) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::/0", "::/0"),
            ("::ffff:192.0.2.1", "192.0.2.1/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:0:0/95", "::fffe:0:0/95"),
        ] {
            let parsed = parse(text).map(|network| network.trunc().to_string());
            assert_eq!(parsed.as_deref(), Some(network), "{text}");
        }
        for text in [
            "",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/256",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0 /8",
            "10.0.0",
            "010.0.0.1",
            "0x0a000001",
            "10.0.0.1:80",
            "2001:db8::/129",
            "[2001:db8::1]",
            "fe80::1%eth0",
            "example.com",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
