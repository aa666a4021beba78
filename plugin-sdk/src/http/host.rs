//! The host's HTTP client.
//!
//! What WASI calls a child must be dropped before its parent: the stream before the
//! body, and the body before the answer.

use super::error::{Error, of_code};
use super::request::{Method, Request};
use super::response::Response;
use super::url::Url;
use crate::bindings::outgoing_http::wasi::http::{outgoing_handler, types};
use crate::bindings::outgoing_http::wasi::io::streams::{InputStream, StreamError};

/// How much of an answer is read at once.
const CHUNK: usize = 64 << 10;

pub(super) fn send(request: &Request, url: &Url) -> Result<Response, Error> {
    let outgoing = outgoing(request, url)?;
    // Of a request without a body none is asked for: the host then sends none.
    let body = request.body.as_deref().map(|bytes| {
        let body = outgoing.body();
        body.map(|body| (body, bytes))
    });
    let body = body.transpose().map_err(|()| refused("body"))?;
    let pending = outgoing_handler::handle(outgoing, options(request)?).map_err(of_code)?;
    if let Some((body, bytes)) = body {
        // A service may answer before it has read everything; whatever went wrong
        // otherwise, the answer tells.
        let _ = write(body, bytes);
    }
    pending.subscribe().block();
    let incoming = match pending.get() {
        Some(Ok(incoming)) => incoming.map_err(of_code)?,
        _ => return Err(Error::failed("the host did not say what became of it")),
    };
    let status = incoming.status();
    let headers = incoming.headers().entries();
    let body = read(&incoming, request.max_body)?;
    Ok(Response::new(status, headers, body))
}

fn outgoing(request: &Request, url: &Url) -> Result<types::OutgoingRequest, Error> {
    let headers = types::Fields::new();
    for (name, value) in &request.headers {
        let added = headers.append(name, value.as_bytes());
        added.map_err(|_| refused(&format!("header `{name}`")))?;
    }
    if let Some(body) = &request.body {
        let length = body.len().to_string();
        let added = headers.append("content-length", length.as_bytes());
        added.map_err(|_| refused("length of the body"))?;
    }
    let outgoing = types::OutgoingRequest::new(headers);
    let scheme = match url.is_https() {
        true => types::Scheme::Https,
        false => types::Scheme::Http,
    };
    outgoing
        .set_method(&method(request.method))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(url.authority())))
        .and_then(|()| outgoing.set_path_with_query(Some(&url.path_and_query())))
        .map_err(|()| refused("URL"))?;
    Ok(outgoing)
}

fn options(request: &Request) -> Result<Option<types::RequestOptions>, Error> {
    let Some(timeout) = request.timeout else {
        return Ok(None);
    };
    let timeout = Some(u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX));
    let options = types::RequestOptions::new();
    options
        .set_connect_timeout(timeout)
        .and_then(|()| options.set_first_byte_timeout(timeout))
        .and_then(|()| options.set_between_bytes_timeout(timeout))
        .map_err(|()| refused("timeout"))?;
    Ok(Some(options))
}

fn method(method: Method) -> types::Method {
    match method {
        Method::Get => types::Method::Get,
        Method::Post => types::Method::Post,
        Method::Put => types::Method::Put,
        Method::Patch => types::Method::Patch,
        Method::Delete => types::Method::Delete,
    }
}

fn refused(what: &str) -> Error {
    Error::Failed(format!("the host refuses the {what}"))
}

/// Sends a body. One that is not finished is an error to the host, which sends no whole
/// request then.
fn write(body: types::OutgoingBody, mut bytes: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().map_err(|()| StreamError::Closed)?;
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.blocking_flush()?;
    drop(stream);
    types::OutgoingBody::finish(body, None).map_err(|_| StreamError::Closed)
}

/// Reads a body that is not too large. One byte more is asked for than may come, and
/// not all that does.
fn read(incoming: &types::IncomingResponse, most: usize) -> Result<Vec<u8>, Error> {
    let body = incoming.consume().map_err(|()| refused("body"))?;
    let stream = body.stream().map_err(|()| refused("body"))?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&stream, CHUNK.min((most - bytes.len()).saturating_add(1)))? {
        if chunk.len() > most - bytes.len() {
            return Err(Error::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The next part of a body, of one byte at least; `None` at its end.
fn chunk(stream: &InputStream, most: usize) -> Result<Option<Vec<u8>>, Error> {
    match stream.blocking_read(most as u64) {
        Ok(chunk) => Ok(Some(chunk)),
        Err(StreamError::Closed) => Ok(None),
        Err(StreamError::LastOperationFailed(error)) => Err(match types::http_error_code(&error) {
            Some(code) => of_code(code),
            None => Error::failed("the answer broke off"),
        }),
    }
}
