//! A server that does nothing: it counts bytes and gives one answer. What the load
//! generator reaches with it is the most that it can measure.
//!
//! All requests of a connection have the length of its first.

use std::io::ErrorKind;

use tests::load::message;
use tokio::net::TcpStream;

use super::server::listen;

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// Serves until the process is killed.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = listen().await;
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(answer(stream));
        }
    });
}

async fn answer(stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut buffer = vec![0; 64 * 1024];
    let mut length = None;
    let mut unanswered = 0;
    while stream.readable().await.is_ok() {
        // Until the length is known, what came before is still needed.
        let from = if length.is_none() { unanswered } else { 0 };
        match stream.try_read(&mut buffer[from..]) {
            Ok(0) => return,
            Ok(read) => unanswered += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(_) => return,
        }
        if length.is_none() {
            length = message::length(&buffer[..unanswered]);
        }
        if let Some(length) = length
            && unanswered >= length
        {
            unanswered -= length;
            // So short an answer always has room where the one before was taken.
            let _ = stream.try_write(ANSWER);
        }
    }
}
