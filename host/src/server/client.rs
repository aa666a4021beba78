//! Asking the operator's listener of a host that runs: for commands beside it.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// How long a host may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens, or not in time.
    #[error("no host answers at `{address}` (`operator.listen`): {reason}")]
    NoHost {
        /// Where it was asked.
        address: SocketAddr,
        /// Why.
        reason: String,
    },
    /// Somebody answers, and not as a host of this version does.
    #[error("what answers at `{address}` is no host of this version: {reason}")]
    Other {
        /// Where it was asked.
        address: SocketAddr,
        /// What is different.
        reason: String,
    },
}

/// Asks for a path, and reads the JSON that comes.
///
/// # Errors
///
/// See [`AskError`].
pub async fn ask<T: DeserializeOwned>(address: SocketAddr, path: &str) -> Result<T, AskError> {
    let no_host = |reason: String| AskError::NoHost { address, reason };
    let other = |reason: String| AskError::Other { address, reason };
    let answered = tokio::time::timeout(PATIENCE, get(address, path)).await;
    let (status, body) = answered
        .map_err(|_| no_host(format!("nothing within {PATIENCE:?}")))?
        .map_err(|error| no_host(error.to_string()))?;
    if status != StatusCode::OK {
        return Err(other(format!("`{path}` is answered {status}")));
    }
    serde_json::from_slice(&body).map_err(|error| other(error.to_string()))
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

async fn get(address: SocketAddr, path: &str) -> Result<(StatusCode, Bytes), AnyError> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path)
        .header("host", address.to_string())
        .header("connection", "close")
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER);
        let body = body.collect().await?.to_bytes();
        Ok::<_, AnyError>((status, body))
    };
    let (answer, _) = tokio::join!(exchange, connection);
    answer
}
