//! Connections: kept, reused, closed, and on which runtime they live.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::runtime;
use tokio::sync::{Barrier, Notify};

use super::super::*;
use super::setup::*;

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::saying(HELLO).await;
    let client = Setup::of(&server).client();
    for _ in 0..50 {
        let answer = soon(client.send(get(&server.uri()), options())).await;
        read(answer.expect("an answer")).await.expect("a body");
    }
    // A request may overtake the connection that is just being put back.
    assert!(server.accepted() < 25, "{}", server.accepted());
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_does_no_harm() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(HELLO).await
    })
    .await;
    let client = Setup::of(&server).client();
    for _ in 0..20 {
        let answer = soon(client.send(get(&server.uri()), options())).await;
        read(answer.expect("an answer")).await.expect("a body");
        server.closed().await;
    }
    assert_eq!(server.accepted(), 20);
    assert_all_counted(&client, "answered", 20);
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    // Takes a second request, and closes.
    let server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(HELLO).await?;
        peer.request().await.map(drop)
    })
    .await;
    let client = Setup::of(&server).client();
    // Whether the connection is kept in time for the second is the runtime's business.
    loop {
        let accepted = server.accepted();
        let answer = soon(client.send(get(&server.uri()), options())).await;
        let Ok(answer) = answer else {
            assert_eq!(server.accepted(), accepted);
            break;
        };
        read(answer).await.expect("a body");
    }
    assert_eq!(counted(&client, "failed"), 1);
}

#[tokio::test]
async fn no_more_than_eight_idle_connections_are_kept() {
    let together = Arc::new(Barrier::new(12));
    let mut server = Server::doing(move |mut peer| {
        let together = Arc::clone(&together);
        async move {
            peer.request().await?;
            together.wait().await;
            peer.say(HELLO).await?;
            peer.listen().await
        }
    })
    .await;
    let client = Setup::of(&server).client();
    let request = async || {
        let answer = soon(client.send(get(&server.uri()), options())).await;
        read(answer.expect("an answer")).await.expect("a body");
    };
    futures_util::future::join_all((0..12).map(|_| request())).await;
    for _ in 8..12 {
        server.closed().await;
    }
}

#[tokio::test]
async fn a_client_that_is_dropped_closes_its_connections() {
    let mut server = Server::saying(HELLO).await;
    let client = Setup::of(&server).client();
    let answer = soon(client.send(get(&server.uri()), options())).await;
    read(answer.expect("an answer")).await.expect("a body");
    drop(client);
    server.closed().await;
}

#[tokio::test]
async fn a_request_that_is_dropped_is_ended() {
    let asked = Arc::new(Notify::new());
    let notify = Arc::clone(&asked);
    let mut server = Server::doing(move |mut peer| {
        let asked = Arc::clone(&notify);
        async move {
            peer.request().await?;
            asked.notify_one();
            peer.listen().await
        }
    })
    .await;
    let client = Setup::of(&server).client();
    tokio::select! {
        _ = client.send(get(&server.uri()), options()) => unreachable!("nobody answers"),
        () = soon(asked.notified()) => {}
    }
    server.closed().await;
    assert_all_counted(&client, "abandoned", 1);
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_ended() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello")
            .await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let started = soon(client.send(get(&server.uri()), options())).await;
    let mut body = started.expect("a head").into_body();
    let frame = soon(body.frame()).await.expect("a frame").expect("data");
    assert_eq!(frame.into_data().expect("data"), "hello");
    drop(body);
    server.closed().await;
    assert_all_counted(&client, "answered", 1);
}

#[tokio::test]
async fn an_answer_that_was_read_ends_a_request_that_goes_on() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(HELLO).await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let body = StreamBody::new(stream::pending::<io::Result<Frame<Bytes>>>());
    let request = Request::post(server.uri()).body(body).expect("a request");
    let answer = soon(client.send(request, options())).await;
    assert_eq!(
        read(answer.expect("an answer")).await.expect("a body"),
        "hello"
    );
    server.closed().await;
}

#[tokio::test]
async fn a_server_that_reads_nothing_does_not_keep_its_connection() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(HELLO).await?;
        // Only a connection that is closed refuses what nobody reads.
        loop {
            peer.say([0; 4096]).await?;
        }
    })
    .await;
    let client = Setup::of(&server)
        .limited(|limits| limits.request_bytes = u64::MAX)
        .client();
    let frames =
        stream::repeat_with(|| io::Result::Ok(Frame::data(Bytes::from_static(&[0; 4096]))));
    let request = Request::post(server.uri()).body(StreamBody::new(frames));
    let answer = soon(client.send(request.expect("a request"), options())).await;
    assert_eq!(
        read(answer.expect("an answer")).await.expect("a body"),
        "hello"
    );
    server.closed().await;
}

#[test]
fn the_caller_needs_no_runtime_of_its_own() {
    let with_io = runtime::Runtime::new().expect("a runtime");
    let without = runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let server = with_io.block_on(Server::saying(HELLO));
    let tls = with_io.block_on(super::tls::Served::with(&super::tls::leaf(NAME)));
    let mut setup = Setup::of(&server);
    setup.origins.push(tls.origin());
    let client = setup.client_on(with_io.handle().clone());
    let limits = Options {
        connect_timeout: Some(LONG),
        first_byte_timeout: Some(LONG),
        between_bytes_timeout: Some(LONG),
        ..options()
    };
    for uri in [server.uri(), tls.uri()] {
        let answer = without.block_on(client.send(get(&uri), limits));
        let body = without.block_on(answer.expect("an answer").into_body().collect());
        assert_eq!(body.expect("a body").to_bytes(), Bytes::from("hello"));
    }
}

#[test]
fn a_runtime_that_stops_ends_what_is_under_way() {
    let with_io = runtime::Runtime::new().expect("a runtime");
    let server = with_io.block_on(Server::saying(
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
    ));
    let client = Setup::of(&server).client_on(with_io.handle().clone());
    let answer = with_io.block_on(client.send(get(&server.uri()), options()));
    let body = answer.expect("a head").into_body();
    drop(with_io);
    let without = runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    // A body that broke off is not taken for a whole one.
    let error = without.block_on(body.collect()).expect_err("half a body");
    assert_eq!(error, Error::Stopped);
    let error = without.block_on(client.send(get(&server.uri()), options()));
    assert_eq!(error.expect_err("nothing runs"), Error::Stopped);
}
