//! Requests as servers see them, and answers as policies do.

use std::convert::Infallible;

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::sync::mpsc;

use super::super::*;
use super::setup::*;

/// A server that answers with nothing and passes on the heads of its requests.
async fn telling() -> (Server, mpsc::UnboundedReceiver<String>) {
    let (heads_to, heads) = mpsc::unbounded_channel();
    let server = Server::doing(move |mut peer| {
        let heads = heads_to.clone();
        async move {
            heads.send(peer.request().await?).ok()?;
            peer.say("HTTP/1.1 204 No Content\r\n\r\n").await
        }
    })
    .await;
    (server, heads)
}

#[tokio::test]
async fn the_client_writes_what_is_its_to_write() {
    let (server, mut heads) = telling().await;
    let port = server.address.port();
    let request = Request::get(format!("HTTP://CRM.Example.COM.:{port}/a?b#c"))
        .header("host", "evil.example")
        .header("connection", "x-secret, upgrade")
        .header("upgrade", "websocket")
        .header("transfer-encoding", "chunked")
        .header("te", "trailers")
        .header("keep-alive", "1")
        .header("proxy-connection", "keep-alive")
        .header("http2-settings", "AAMAAABk")
        .header("x-own", "1")
        .body(Full::<Bytes>::default())
        .expect("a request");
    let client = Setup::of(&server).client();
    soon(client.send(request, options()))
        .await
        .expect("an answer");
    let head = soon(heads.recv()).await.expect("a head");
    let expected = format!("GET /a?b HTTP/1.1\r\nhost: {NAME}:{port}\r\nx-own: 1\r\n\r\n");
    assert_eq!(head, expected);
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let server = Server::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = Setup::of(&server).client();
    let post = || Request::post(server.uri());
    let body = || Full::new(Bytes::from("12345"));
    let requests = [
        Request::connect(server.uri()).body(body()),
        post().header("content-length", "4").body(body()),
        post().header("content-length", "+5").body(body()),
        post()
            .header("content-length", "5")
            .header("content-length", "5")
            .body(body()),
    ];
    for request in requests {
        let request = request.expect("a request");
        let error = client.send(request, options()).await.expect_err("invalid");
        assert!(matches!(error, Error::InvalidRequest { .. }), "{error}");
    }
    assert_all_counted(&client, "failed", 4);
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_body_shorter_than_its_length_is_no_request() {
    let server = Server::doing(|mut peer| async move { peer.listen().await }).await;
    let frames = [Ok::<_, Infallible>(Frame::data(Bytes::from("123")))];
    let request = Request::post(server.uri())
        .header("content-length", "5")
        .body(StreamBody::new(futures_util::stream::iter(frames)))
        .expect("a request");
    let client = Setup::of(&server).client();
    let error = soon(client.send(request, options())).await;
    let error = error.expect_err("two bytes are missing");
    assert!(matches!(error, Error::InvalidRequest { .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = Server::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let location = elsewhere.uri();
    let server = Server::saying(format!(
        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    ))
    .await;
    let mut setup = Setup::of(&server);
    setup.origins.push(elsewhere.origin());
    let client = setup.client();
    let answer = soon(client.send(get(&server.uri()), options())).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], location);
    assert_eq!((server.accepted(), elsewhere.accepted()), (1, 0));
}

#[tokio::test]
async fn a_body_comes_as_it_was_sent() {
    // No gzip, although it says so.
    let server = Server::saying(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nset-cookie: a=b\r\ncontent-length: 5\r\n\r\nhello",
    )
    .await;
    let client = Setup::of(&server).client();
    for _ in 0..2 {
        let answer = soon(client.send(get(&server.uri()), options())).await;
        let answer = answer.expect("an answer");
        assert_eq!(http_body::Body::size_hint(answer.body()).exact(), Some(5));
        assert_eq!(read(answer).await.expect("a body"), "hello");
    }
    assert_all_counted(&client, "answered", 2);
}

#[tokio::test]
async fn trailers_come_after_the_body() {
    let server = Server::saying(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n\
         2\r\nhe\r\n3\r\nllo\r\n0\r\nx-sum: 1\r\n\r\n",
    )
    .await;
    let client = Setup::of(&server).client();
    let answer = soon(client.send(get(&server.uri()), options())).await;
    let body = soon(answer.expect("an answer").into_body().collect()).await;
    let body = body.expect("a body");
    assert_eq!(body.trailers().expect("trailers")["x-sum"], "1");
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn a_body_is_sent() {
    let (bodies_to, mut bodies) = mpsc::unbounded_channel();
    let server = Server::doing(move |mut peer| {
        let bodies = bodies_to.clone();
        async move {
            peer.request().await?;
            let mut body = [0; 5];
            tokio::io::AsyncReadExt::read_exact(&mut peer.0, &mut body)
                .await
                .ok()?;
            bodies.send(body).ok()?;
            peer.say("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
                .await
        }
    })
    .await;
    let request = Request::post(server.uri()).body(Full::new(Bytes::from("hello")));
    let client = Setup::of(&server).client();
    let answer = soon(client.send(request.expect("a request"), options())).await;
    assert_eq!(answer.expect("an answer").status(), 201);
    assert_eq!(&soon(bodies.recv()).await.expect("a body"), b"hello");
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_something_else() {
    for answer in [
        "",
        "hello\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: five\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "\0\0\0\0",
    ] {
        let server = Server::doing(move |mut peer| async move {
            peer.request().await?;
            peer.say(answer).await
        })
        .await;
        let client = Setup::of(&server).client();
        let error = soon(client.send(get(&server.uri()), options())).await;
        let error = error.expect_err(answer);
        assert!(matches!(error, Error::Protocol { .. }), "{answer}: {error}");
        assert_all_counted(&client, "failed", 1);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_has_an_error() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense",
    ] {
        let server = Server::doing(move |mut peer| async move {
            peer.request().await?;
            peer.say(answer).await
        })
        .await;
        let client = Setup::of(&server).client();
        let started = soon(client.send(get(&server.uri()), options())).await;
        let error = read(started.expect("a head")).await.expect_err(answer);
        assert!(matches!(error, Error::Protocol { .. }), "{answer}: {error}");
        assert_all_counted(&client, "failed", 1);
    }
}

#[tokio::test]
async fn a_server_cannot_change_the_protocol() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")
            .await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let error = soon(client.send(get(&server.uri()), options())).await;
    let error = error.expect_err("no answer");
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    server.closed().await;
}
