//! A request as it is sent: to an allowed origin as the operator wrote it, and with no
//! header that is the client's to write.
//!
//! # What the guest controls
//!
//! Method, URI, headers and body; all of them.

use std::error::Error as StdError;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request, Uri, Version};
use http_body::{Body, SizeHint};

use super::error::Error;
use super::origin::{Origin, Origins};
use super::outgoing::Outgoing;

/// The most bytes of a request's head: URI and headers, names and values.
const MAX_REQUEST_HEAD_BYTES: u64 = 64 * 1024;

/// What concerns a connection and not a request. The client decides on it; a guest that
/// could would confuse the two.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is sent for a guest's request, of at most `limit` bytes of body.
pub(super) fn prepare<B>(
    request: Request<B>,
    origins: &Origins,
    limit: u64,
) -> Result<Request<Outgoing>, Error>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let origin = origins.allows(&head.uri).ok_or(Error::NotAllowed)?;
    if head.method == Method::CONNECT {
        return Err(invalid("the client opens no tunnels"));
    }
    check_head(&head.uri, &head.headers)?;
    check_length(&head.headers, &body.size_hint(), limit)?;
    let mut request = Request::new(Outgoing::new(body, limit));
    *request.method_mut() = head.method;
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = at(origin, head.uri)?;
    *request.headers_mut() = for_origin(head.headers, origin)?;
    Ok(request)
}

fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let bytes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum::<usize>();
    let limit = MAX_REQUEST_HEAD_BYTES;
    if (path + bytes) as u64 > limit {
        return Err(Error::RequestTooLarge { limit });
    }
    Ok(())
}

/// Checks the length of a request's body, as far as it is known, and that a guest's
/// `Content-Length` says the same.
fn check_length(headers: &HeaderMap, size: &SizeHint, limit: u64) -> Result<(), Error> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let declared = match (lengths.next(), lengths.next()) {
        (None, _) => None,
        (Some(length), None) => Some(parse_length(length)?),
        (Some(_), Some(_)) => return Err(invalid("it has more than one `Content-Length`")),
    };
    if size.lower() > limit || declared > Some(limit) {
        return Err(Error::RequestTooLarge { limit });
    }
    match (declared, size.exact()) {
        (Some(declared), Some(exact)) if declared != exact => {
            Err(invalid("its `Content-Length` is not that of its body"))
        }
        _ => Ok(()),
    }
}

fn parse_length(length: &HeaderValue) -> Result<u64, Error> {
    length
        .to_str()
        .ok()
        // The parser of numbers would take a sign.
        .filter(|length| length.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|length| length.parse().ok())
        .ok_or(invalid("its `Content-Length` is not a number"))
}

/// The URI with the origin as the operator wrote it.
fn at(origin: &Origin, uri: Uri) -> Result<Uri, Error> {
    let root = PathAndQuery::from_static("/");
    Uri::builder()
        .scheme(origin.scheme().as_str())
        .authority(origin.authority())
        .path_and_query(uri.into_parts().path_and_query.unwrap_or(root))
        .build()
        .map_err(|_| invalid("its path is not one"))
}

fn for_origin(mut headers: HeaderMap, origin: &Origin) -> Result<HeaderMap, Error> {
    for name in OF_THE_CONNECTION {
        headers.remove(*name);
    }
    let host = HeaderValue::try_from(origin.authority());
    headers.insert(HOST, host.map_err(|_| invalid("its host is not one"))?);
    Ok(headers)
}

fn invalid(reason: &'static str) -> Error {
    Error::InvalidRequest { reason }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    #[test]
    fn a_request_goes_to_the_origin_as_the_operator_wrote_it() {
        let origins: Origins = ["https://crm.example.com".parse().expect("an origin")]
            .into_iter()
            .collect();
        for (asked, sent) in [
            (
                "HTTPS://CRM.example.COM.:443/A?b",
                "https://crm.example.com/A?b",
            ),
            ("https://crm.example.com", "https://crm.example.com/"),
            ("https://crm.example.com?b", "https://crm.example.com/?b"),
        ] {
            let request = Request::get(asked).header(HOST, "evil.example");
            let request = request.body(Empty::new()).expect("a request");
            let request = prepare(request, &origins, 0).expect("allowed");
            assert_eq!(request.uri(), sent);
            assert_eq!(request.headers()[HOST], "crm.example.com");
        }
    }
}
