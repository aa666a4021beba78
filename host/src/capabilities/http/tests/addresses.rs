//! Where connections go, and where they do not.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::super::*;
use super::setup::*;

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// What is refused as the host of a request and as the address of a name.
const REFUSED: &[(&str, &str)] = &[
    ("127.0.0.1", "loopback"),
    ("::1", "loopback"),
    ("::ffff:127.0.0.1", "IPv4-mapped"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("169.254.169.254", "link-local"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "shared (carrier-grade NAT)"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::254", "unique local"),
    ("fe80::1", "link-local"),
    ("64:ff9b::7f00:1", "NAT64"),
    ("2002:7f00:1::", "6to4"),
    ("0.0.0.0", "this network"),
    ("::", "unspecified"),
    ("255.255.255.255", "broadcast"),
];

#[tokio::test]
async fn an_address_that_is_not_allowed_is_refused_and_counted() {
    let server = Server::saying(OK).await;
    let client = Setup::of(&server).client();
    let port = server.address.port();
    for (address, _) in REFUSED {
        let uri = match address.parse().expect("an address") {
            IpAddr::V4(address) => format!("http://{address}:{port}/"),
            IpAddr::V6(address) => format!("http://[{address}]:{port}/"),
        };
        let error = client.send(get(&uri), options()).await.expect_err(&uri);
        assert_eq!(error, Error::NotAllowed, "{uri}");
    }
    assert_all_counted(&client, "denied", REFUSED.len() as u64);
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_name_of_a_prohibited_address_is_refused_and_counted() {
    let server = Server::saying(OK).await;
    let setup = Setup::new(&server.origin());
    for (address, _) in REFUSED {
        setup.names.is(NAME, &[address]);
    }
    let client = setup.client();
    for (address, range) in REFUSED {
        let answer = client.send(get(&server.uri()), options()).await;
        let error = answer.expect_err(address);
        assert_eq!(error, Error::Prohibited { range }, "{address}");
    }
    assert_all_counted(&client, "prohibited", REFUSED.len() as u64);
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_named_network_is_reached() {
    let server = Server::saying(OK).await;
    let client = Setup::of(&server).client();
    let answer = soon(client.send(get(&server.uri()), options())).await;
    assert_eq!(answer.expect("an answer").status(), 204);
    assert_all_counted(&client, "answered", 1);
}

#[tokio::test]
async fn an_allowed_address_is_reached_but_by_no_name() {
    let server = Server::saying(OK).await;
    let literal = format!("http://{}", server.address);
    let mut setup = Setup::new(&literal);
    setup.origins.push(server.origin());
    setup.names.is(NAME, &["127.0.0.1"]);
    let names = Arc::clone(&setup.names);
    let client = setup.client();
    soon(client.send(get(&literal), options()))
        .await
        .expect("an answer");
    assert_eq!(names.lookups(), 0);
    let error = soon(client.send(get(&server.uri()), options())).await;
    let range = "loopback";
    assert_eq!(error.expect_err("by name"), Error::Prohibited { range });
    assert_eq!(server.accepted(), 1);
}

/// Two servers on one port: one in the network that the tests name, and one that is not.
async fn inside_and_outside() -> (Server, Server) {
    loop {
        let closing = |mut peer: Peer<_>| async move {
            peer.request().await?;
            peer.say("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                .await
        };
        let inside = Server::doing(closing).await;
        let outside = SocketAddr::new([127, 0, 0, 2].into(), inside.address.port());
        // Somebody else may have the port there.
        if let Ok(listener) = std::net::TcpListener::bind(outside) {
            drop(listener);
            return (inside, Server::at(outside, closing).await);
        }
    }
}

/// May go to the one on 127.0.0.2 and not to that on 127.0.0.1.
fn only_outside(server: &Server) -> Setup {
    let mut setup = Setup::new(&server.origin());
    setup.named = vec!["127.0.0.2/32"];
    setup
}

#[tokio::test]
async fn a_name_that_moves_inside_leads_nowhere() {
    let (inside, mut outside) = inside_and_outside().await;
    let setup = only_outside(&outside);
    setup.names.is(NAME, &["127.0.0.2"]);
    setup.names.is(NAME, &["127.0.0.1"]);
    let names = Arc::clone(&setup.names);
    let client = setup.client();

    // Had the name been asked for again to connect, it would have led inside.
    let first = soon(client.send(get(&outside.uri()), options())).await;
    first.expect("an answer from outside");
    assert_eq!(names.lookups(), 1);
    outside.closed().await;

    let second = soon(client.send(get(&outside.uri()), options())).await;
    let range = "loopback";
    assert_eq!(second.expect_err("inside"), Error::Prohibited { range });
    assert_eq!(names.lookups(), 2);
    assert_eq!((inside.accepted(), outside.accepted()), (0, 1));
}

#[tokio::test]
async fn of_two_addresses_the_prohibited_one_is_left_out() {
    let (inside, outside) = inside_and_outside().await;
    for addresses in [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]] {
        let setup = only_outside(&outside);
        setup.names.is(NAME, &addresses);
        let answer = soon(setup.client().send(get(&outside.uri()), options())).await;
        assert_eq!(answer.expect("an answer").status(), 204);
    }
    assert_eq!((inside.accepted(), outside.accepted()), (0, 2));
}

#[tokio::test]
async fn a_prohibited_address_is_no_second_choice() {
    let inside = Server::saying(OK).await;
    let mut setup = Setup::new(&inside.origin());
    // Nobody listens there.
    setup.named = vec!["127.0.0.3/32"];
    setup.names.is(NAME, &["127.0.0.3", "127.0.0.1"]);
    let client = setup.client();
    let error = soon(client.send(get(&inside.uri()), options())).await;
    let kind = std::io::ErrorKind::ConnectionRefused;
    assert_eq!(error.expect_err("refused"), Error::ConnectFailed { kind });
    assert_eq!(inside.accepted(), 0);
    assert_all_counted(&client, "failed", 1);
}

#[tokio::test]
async fn the_next_address_is_tried_but_not_the_fifth() {
    let server = Server::saying(OK).await;
    let refusing = ["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"];
    for (before, reached) in [(3, true), (4, false)] {
        let mut setup = Setup::new(&server.origin());
        setup.named = vec!["127.0.0.0/8"];
        let mut addresses = refusing[..before].to_vec();
        addresses.push("127.0.0.1");
        setup.names.is(NAME, &addresses);
        let answer = soon(setup.client().send(get(&server.uri()), options())).await;
        assert_eq!(answer.is_ok(), reached, "{before}");
    }
}

/// A listener that takes no more connections, and says nothing of it to who tries.
async fn swallowing(address: SocketAddr) -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(address).expect("an address to listen on");
    let listener = socket.listen(1).expect("a listener");
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream.expect("nobody refuses"));
    }
    (listener, waiting)
}

#[tokio::test]
async fn an_address_that_swallows_leaves_time_for_the_next() {
    let (first, second) = inside_and_outside().await;
    let port = first.address.port();
    let _swallowing = swallowing(SocketAddr::new([127, 0, 0, 3].into(), port)).await;
    let mut setup = Setup::new(&second.origin()).limited(|limits| limits.connect = 20 * SHORT);
    setup.named = vec!["127.0.0.0/8"];
    setup.names.is(NAME, &["127.0.0.3", "127.0.0.2"]);
    let answer = soon(setup.client().send(get(&second.uri()), options())).await;
    assert_eq!(answer.expect("an answer").status(), 204);
    assert_eq!((first.accepted(), second.accepted()), (0, 1));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said_to_be_one() {
    let server = Server::saying(OK).await;
    let unknown = Setup::new(&server.origin()).client();
    let empty = Setup::new(&server.origin());
    empty.names.is(NAME, &[]);
    for client in [unknown, empty.client()] {
        let error = soon(client.send(get(&server.uri()), options())).await;
        assert_eq!(error.expect_err("no address"), Error::DnsFailed);
        assert_all_counted(&client, "failed", 1);
    }
}

/// Never answers.
struct Silent;

impl Resolve for Silent {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolved<'a> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn connecting_ends_at_the_client_s_limit_and_at_the_request_s() {
    let server = Server::saying(OK).await;
    let silent = |limit| {
        Setup::of(&server)
            .limited(|limits| limits.connect = limit)
            .client_with(Arc::new(Silent), Handle::current())
    };
    let of_request = Options {
        connect_timeout: Some(SHORT),
        ..options()
    };
    for (client, options) in [(silent(SHORT), options()), (silent(LONG), of_request)] {
        let error = soon(client.send(get(&server.uri()), options)).await;
        assert_eq!(error.expect_err("silence"), Error::ConnectTimeout);
        assert_all_counted(&client, "timed-out", 1);
    }
}
