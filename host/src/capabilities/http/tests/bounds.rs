//! Answers and requests that are too large, too slow or too many.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::*;
use super::setup::*;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// Much more than fits into the buffers of two sockets.
const ENDLESS: usize = 1 << 30;

/// A server whose answer goes on for a gigabyte, and how much of it was written.
async fn endless() -> (Server, Arc<AtomicUsize>) {
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let server = Server::doing(move |mut peer| {
        let written = Arc::clone(&count);
        async move {
            peer.request().await?;
            peer.say(CHUNKED).await?;
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while written.load(Ordering::SeqCst) < ENDLESS {
                peer.say(&chunk).await?;
                written.fetch_add(chunk.len(), Ordering::SeqCst);
            }
            None
        }
    })
    .await;
    (server, written)
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let (mut server, written) = endless().await;
    let client = Setup::of(&server).client();
    let started = soon(client.send(get(&server.uri()), options())).await;
    let mut body = started.expect("a head").into_body();
    let mut bytes = 0;
    let error = loop {
        match soon(body.frame()).await.expect("not the end") {
            Ok(frame) => bytes += frame.data_ref().map_or(0, Bytes::len) as u64,
            Err(error) => break error,
        }
    };
    let limit = LIMITS.response_bytes;
    assert_eq!(error, Error::ResponseTooLarge { limit });
    assert!(bytes <= limit, "{bytes}");
    assert!(soon(body.frame()).await.is_none());
    server.closed().await;
    assert!(written.load(Ordering::SeqCst) < ENDLESS);
    assert_all_counted(&client, "too-large", 1);
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_not_read_ahead() {
    let (stalls, mut stalled) = mpsc::unbounded_channel();
    let server = Server::doing(move |mut peer| {
        let stalls = stalls.clone();
        async move {
            peer.request().await?;
            peer.say(CHUNKED).await?;
            let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
            for written in 0..ENDLESS >> 20 {
                if timeout(SHORT, peer.say(&chunk)).await.is_err() {
                    stalls.send(written).ok()?;
                    return None;
                }
            }
            None
        }
    })
    .await;
    let client = Setup::of(&server)
        .limited(|limits| limits.response_bytes = u64::MAX)
        .client();
    let _answer = soon(client.send(get(&server.uri()), options())).await;
    let written = soon(stalled.recv()).await;
    written.expect("the server cannot write a gigabyte that nobody reads");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends_at_the_deadline() {
    let (mut server, _) = endless().await;
    let client = Setup::of(&server)
        .limited(|limits| limits.response_bytes = u64::MAX)
        .client();
    let started = soon(client.send(get(&server.uri()), until(2 * SHORT))).await;
    let answer = started.expect("a head");
    // The deadline closes the connection although the body is still there.
    server.closed().await;
    let error = read(answer).await.expect_err("it is over");
    assert_eq!(error, Error::DeadlineExceeded);
    assert_all_counted(&client, "timed-out", 1);
}

#[tokio::test]
async fn an_answer_of_just_the_limit_is_not_too_large() {
    let limit = 10;
    for (length, fits) in [(limit, true), (limit + 1, false)] {
        let declared = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}",
            "x".repeat(length)
        );
        let chunked = format!("{CHUNKED}{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length));
        for answer in [declared, chunked] {
            let server = Server::saying(answer.clone()).await;
            let client = Setup::of(&server)
                .limited(|limits| limits.response_bytes = limit as u64)
                .client();
            let answered = soon(client.send(get(&server.uri()), options())).await;
            let body = match answered {
                Ok(answer) => read(answer).await,
                Err(error) => Err(error),
            };
            let limit = limit as u64;
            match body {
                Ok(body) => assert_eq!((fits, body.len()), (true, length), "{answer}"),
                Err(error) => {
                    assert_eq!((fits, error), (false, Error::ResponseTooLarge { limit }));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_at_once() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
    let mut server = Server::doing(move |mut peer| async move {
        peer.request().await?;
        peer.say(head).await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let error = soon(client.send(get(&server.uri()), options())).await;
    let limit = LIMITS.response_bytes;
    assert_eq!(
        error.expect_err("too large"),
        Error::ResponseTooLarge { limit }
    );
    server.closed().await;

    let answering = Server::saying(head).await;
    let request = Request::head(answering.uri()).body(Full::<Bytes>::default());
    let client = Setup::of(&answering).client();
    let answer = soon(client.send(request.expect("a request"), options())).await;
    answer.expect("the answer to a `HEAD` has no body");
}

#[tokio::test]
async fn a_head_has_a_limit_of_bytes_and_of_headers() {
    let long = |bytes: usize| format!("x: {}\r\n", "x".repeat(bytes));
    let many = |headers: usize| "x: y\r\n".repeat(headers);
    for (headers, fits) in [
        (long(60 * 1024), true),
        (long(65 * 1024), false),
        (long(1 << 20), false),
        (many(99), true),
        (many(100), false),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n");
        let server = Server::saying(answer).await;
        let client = Setup::of(&server).client();
        let answer = soon(client.send(get(&server.uri()), options())).await;
        let Err(error) = answer else {
            assert!(fits, "{} bytes", headers.len());
            continue;
        };
        let bytes = 64 * 1024;
        let headers = 100;
        let too_large = Error::ResponseHeadTooLarge { bytes, headers };
        assert_eq!((fits, error), (false, too_large));
        assert_all_counted(&client, "too-large", 1);
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_not_waited_for() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        let much = "x".repeat(200 * 1024);
        peer.say(format!("HTTP/1.1 200 OK\r\nx: {much}")).await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let error = soon(client.send(get(&server.uri()), options())).await;
    let error = error.expect_err("no answer");
    assert!(
        matches!(error, Error::ResponseHeadTooLarge { .. }),
        "{error}"
    );
    server.closed().await;
}

#[tokio::test]
async fn a_head_may_always_have_eight_kilobytes() {
    let long = "x".repeat(7 * 1024);
    let server = Server::saying(format!("HTTP/1.1 204 No Content\r\nx: {long}\r\n\r\n")).await;
    let client = Setup::of(&server)
        .limited(|limits| limits.response_head_bytes = 0)
        .client();
    let answer = soon(client.send(get(&server.uri()), options())).await;
    assert_eq!(answer.expect("an answer").status(), 204);
}

#[tokio::test]
async fn a_request_body_over_the_limit_is_refused() {
    let mut server = Server::doing(|mut peer| async move { peer.listen().await }).await;
    let limit = LIMITS.request_bytes;
    let too_large = Error::RequestTooLarge { limit };
    let client = Setup::of(&server).client();
    let bytes = |length: u64| Bytes::from(vec![0; usize::try_from(length).expect("not much")]);

    let whole = Request::post(server.uri()).body(Full::new(bytes(limit + 1)));
    let error = client.send(whole.expect("a request"), options()).await;
    assert_eq!(error.expect_err("too large"), too_large);
    let declared = Request::post(server.uri())
        .header("content-length", limit + 1)
        .body(StreamBody::new(futures_util::stream::pending::<
            io::Result<_>,
        >()));
    let error = client.send(declared.expect("a request"), options()).await;
    assert_eq!(error.expect_err("too large"), too_large);
    assert_eq!(server.accepted(), 0);

    let frames = [bytes(limit), bytes(1)].map(|bytes| io::Result::Ok(Frame::data(bytes)));
    let streamed =
        Request::post(server.uri()).body(StreamBody::new(futures_util::stream::iter(frames)));
    let error = soon(client.send(streamed.expect("a request"), options())).await;
    assert_eq!(error.expect_err("too large"), too_large);
    server.closed().await;
    assert_all_counted(&client, "too-large", 3);
}

#[tokio::test]
async fn a_request_body_of_just_the_limit_is_sent() {
    let server = Server::doing(|mut peer| async move {
        peer.request().await?;
        let mut body = vec![0; usize::try_from(LIMITS.request_bytes).ok()?];
        tokio::io::AsyncReadExt::read_exact(&mut peer.0, &mut body)
            .await
            .ok()?;
        peer.say("HTTP/1.1 204 No Content\r\n\r\n").await
    })
    .await;
    let length = usize::try_from(LIMITS.request_bytes).expect("not much");
    let request = Request::post(server.uri()).body(Full::new(Bytes::from(vec![0; length])));
    let client = Setup::of(&server).client();
    let answer = soon(client.send(request.expect("a request"), options())).await;
    assert_eq!(answer.expect("an answer").status(), 204);
}

#[tokio::test]
async fn a_request_head_has_a_limit() {
    let server = Server::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = Setup::of(&server).client();
    let long = "x".repeat(33 * 1024);
    let path = format!("{}/{long}", server.origin());
    let request = |path: &str, value: &str| {
        let request = Request::get(path).header("x", value);
        request.body(Full::<Bytes>::default()).expect("a request")
    };
    for fits in [request(&path, "y"), request(&server.uri(), &long)] {
        soon(client.send(fits, options())).await.expect("an answer");
    }
    let error = client.send(request(&path, &long), options()).await;
    let limit = 64 * 1024;
    assert_eq!(
        error.expect_err("together they are too large"),
        Error::RequestTooLarge { limit }
    );
}

#[tokio::test]
async fn a_request_body_that_grows_too_large_ends_the_answer_that_began() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(format!("{CHUNKED}5\r\nhello\r\n")).await?;
        peer.listen().await
    })
    .await;
    let (frames_to, frames) = mpsc::unbounded_channel::<Frame<Bytes>>();
    let frames = futures_util::stream::unfold(frames, async |mut frames| {
        Some((io::Result::Ok(frames.recv().await?), frames))
    });
    let request = Request::post(server.uri()).body(StreamBody::new(frames));
    let client = Setup::of(&server).client();
    let started = soon(client.send(request.expect("a request"), options())).await;
    let mut body = started.expect("a head").into_body();
    soon(body.frame()).await.expect("a frame").expect("data");
    let limit = LIMITS.request_bytes;
    let much = usize::try_from(limit + 1).expect("not much");
    let frame = Frame::data(Bytes::from(vec![0; much]));
    frames_to.send(frame).expect("the body is awaited");
    let error = soon(body.frame()).await.expect("not the end");
    assert_eq!(
        error.expect_err("too large"),
        Error::RequestTooLarge { limit }
    );
    server.closed().await;
    assert_all_counted(&client, "too-large", 1);
}

#[tokio::test]
async fn a_request_body_that_breaks_off_breaks_off_the_request() {
    let mut server = Server::doing(|mut peer| async move { peer.listen().await }).await;
    let frames = [
        Ok(Frame::data(Bytes::from("hello"))),
        Err(io::Error::other("the guest trapped")),
    ];
    let request =
        Request::post(server.uri()).body(StreamBody::new(futures_util::stream::iter(frames)));
    let client = Setup::of(&server).client();
    let error = soon(client.send(request.expect("a request"), options())).await;
    assert_eq!(error.expect_err("broken off"), Error::RequestBody);
    server.closed().await;
    assert_all_counted(&client, "abandoned", 1);
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_at_either_limit() {
    let first_byte = || Options {
        first_byte_timeout: Some(SHORT),
        ..options()
    };
    for (options, expected) in [
        (first_byte(), Error::FirstByteTimeout),
        (until(SHORT), Error::DeadlineExceeded),
    ] {
        let mut server = Server::doing(|mut peer| async move { peer.listen().await }).await;
        let client = Setup::of(&server).client();
        let error = soon(client.send(get(&server.uri()), options)).await;
        assert_eq!(error.expect_err("silence"), expected);
        server.closed().await;
        assert_all_counted(&client, "timed-out", 1);
    }
}

#[tokio::test]
async fn interim_answers_are_no_answer() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        loop {
            peer.say("HTTP/1.1 100 Continue\r\n\r\n").await?;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let client = Setup::of(&server).client();
    let options = Options {
        first_byte_timeout: Some(SHORT),
        ..options()
    };
    let error = soon(client.send(get(&server.uri()), options)).await;
    assert_eq!(error.expect_err("no answer"), Error::FirstByteTimeout);
    server.closed().await;
}

#[tokio::test]
async fn a_pause_in_the_body_has_a_limit() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(format!("{CHUNKED}5\r\nhello\r\n")).await?;
        peer.listen().await
    })
    .await;
    let client = Setup::of(&server).client();
    let options = Options {
        between_bytes_timeout: Some(SHORT),
        ..options()
    };
    let started = soon(client.send(get(&server.uri()), options)).await;
    let mut body = started.expect("a head").into_body();
    let frame = soon(body.frame()).await.expect("a frame").expect("data");
    assert_eq!(frame.into_data().expect("data"), "hello");
    let error = soon(body.frame()).await.expect("not the end");
    assert_eq!(error.expect_err("a pause"), Error::BetweenBytesTimeout);
    server.closed().await;
    assert_all_counted(&client, "timed-out", 1);
}

#[tokio::test]
async fn a_body_that_drips_ends_at_the_deadline() {
    let mut server = Server::doing(|mut peer| async move {
        peer.request().await?;
        peer.say(CHUNKED).await?;
        loop {
            peer.say("1\r\nx\r\n").await?;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let client = Setup::of(&server)
        .limited(|limits| limits.response_bytes = u64::MAX)
        .client();
    let options = Options {
        between_bytes_timeout: Some(LONG),
        ..until(2 * SHORT)
    };
    let started = soon(client.send(get(&server.uri()), options)).await;
    let error = read(started.expect("a head")).await.expect_err("too slow");
    assert_eq!(error, Error::DeadlineExceeded);
    server.closed().await;
}

#[tokio::test]
async fn one_request_too_many_is_refused_at_once() {
    let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
    let client = Setup::of(&server)
        .limited(|limits| limits.concurrent = 2)
        .client();
    let send = || soon(client.send(get(&server.uri()), options()));
    let first = send().await.expect("an answer");
    let second = send().await.expect("an answer");
    let limit = 2;
    assert_eq!(send().await.expect_err("a third"), Error::TooMany { limit });
    // Neither one that was dropped nor one that was read is under way.
    drop(first);
    let first = send().await.expect("an answer");
    read(second).await.expect("a body");
    let second = send().await.expect("an answer");
    send().await.expect_err("a third");
    drop((first, second));
    assert_eq!(counted(&client, "too-many"), 2);
    assert_eq!(counted(&client, "answered"), 4);
}

#[tokio::test]
async fn an_answer_without_a_body_is_not_under_way() {
    let server = Server::saying("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = Setup::of(&server)
        .limited(|limits| limits.concurrent = 1)
        .client();
    let send = || soon(client.send(get(&server.uri()), options()));
    let _first = send().await.expect("an answer");
    let _second = send().await.expect("an answer");
}
