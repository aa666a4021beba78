//! The connector: opens a connection to an allowed origin, at an address that was
//! checked.
//!
//! The check is made on the very addresses that are connected to. A name that leads
//! elsewhere the next time it is asked for gains nothing: nothing asks again.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Named;
use super::error::Error;
use super::host::Host;
use super::origin::{Origin, Origins, Scheme};
use super::resolve::Resolve;
use super::stream::Stream;
use super::tls::Tls;

/// The most addresses of a host that are tried.
const MAX_ADDRESSES: usize = 4;

/// Opens connections. Clones are the same one.
#[derive(Clone)]
pub(super) struct Connector(Arc<Inner>);

struct Inner {
    origins: Arc<Origins>,
    named: Named,
    tls: Tls,
    resolver: Arc<dyn Resolve>,
    limit: Duration,
}

impl Connector {
    /// A connector that gives up after `limit`, from resolving to TLS.
    pub(super) fn new(
        origins: Arc<Origins>,
        named: Named,
        tls: Tls,
        resolver: Arc<dyn Resolve>,
        limit: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            origins,
            named,
            tls,
            resolver,
            limit,
        }))
    }
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            // The library passes only what it was asked for, which was checked; a
            // connection is worth looking twice.
            let origin = inner.origins.allows(&uri).ok_or(Error::NotAllowed)?;
            timeout(inner.limit, inner.open(origin))
                .await
                .map_err(|_| Error::ConnectTimeout)?
                .map(TokioIo::new)
        })
    }
}

impl Inner {
    async fn open(&self, origin: &Origin) -> Result<Stream, Error> {
        let addresses = self.addresses(origin.host()).await?;
        let stream = self.dial(&addresses, origin.port()).await?;
        match origin.scheme() {
            Scheme::Http => Ok(Stream::over(stream)),
            Scheme::Https => {
                let stream = self.tls.handshake(origin.host(), stream).await?;
                Ok(Stream::over(stream))
            }
        }
    }

    /// The addresses of an allowed host that connections may go to; never none. An
    /// operator who allowed an address has named it.
    async fn addresses(&self, host: &Host) -> Result<Vec<IpAddr>, Error> {
        let name = match host {
            Host::Address(address) => return Ok(vec![*address]),
            Host::Name(name) => name,
        };
        let found = self.resolver.resolve(name).await;
        let found = found.map_err(|_| Error::DnsFailed)?;
        let mut range = None;
        let mut addresses = Vec::new();
        for address in found {
            match self.named.check(address) {
                Ok(address) => addresses.push(address),
                Err(prohibited) => range = range.or(Some(prohibited)),
            }
        }
        match range {
            Some(range) if addresses.is_empty() => Err(Error::Prohibited { range }),
            None if addresses.is_empty() => Err(Error::DnsFailed),
            _ => Ok(alternating(addresses)),
        }
    }

    /// Connects to the first address that takes the connection. Each but the last has its
    /// share of the time, so that one that swallows packets does not use it up.
    async fn dial(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, Error> {
        let tried = &addresses[..addresses.len().min(MAX_ADDRESSES)];
        let share =
            u32::try_from(tried.len()).map_or(self.limit, |tried| self.limit / tried.max(1));
        let mut last = io::ErrorKind::AddrNotAvailable;
        for (index, address) in tried.iter().enumerate() {
            let connecting = connect(SocketAddr::new(*address, port));
            let connected = if index + 1 == tried.len() {
                connecting.await
            } else {
                let late = |_| Err(io::ErrorKind::TimedOut.into());
                timeout(share, connecting).await.unwrap_or_else(late)
            };
            match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error.kind(),
            }
        }
        Err(Error::ConnectFailed { kind: last })
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    let peer = stream.peer_addr()?;
    if (peer.ip(), peer.port()) != (address.ip(), address.port()) {
        return Err(io::ErrorKind::AddrNotAvailable.into());
    }
    // A request is written in one piece, and waits for its answer.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The addresses in their order, but the two families by turns: a machine without IPv6
/// gets to a host that has much of it.
fn alternating(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut second = second.into_iter();
    let mut ordered = Vec::new();
    for address in first {
        ordered.push(address);
        ordered.extend(second.next());
    }
    ordered.extend(second);
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let order = |addresses: &[&str]| {
            let parse = |text: &&str| text.parse().expect("an address");
            let ordered = alternating(addresses.iter().map(parse).collect());
            ordered.iter().map(IpAddr::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            order(&["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"]),
            ["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"]
        );
        assert_eq!(
            order(&["1.1.1.1", "::1", "::2", "::3"]),
            ["1.1.1.1", "::1", "::2", "::3"]
        );
        assert!(order(&[]).is_empty());
    }
}
