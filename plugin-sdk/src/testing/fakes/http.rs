//! Services that an operator granted.

use std::rc::Rc;

use super::{Fake, Fakes, keep};
use crate::http::{Error, Request, Response, Url};

type Service = Box<dyn Fn(&Request) -> Result<Response, Error>>;

thread_local! {
    static SERVICES: Fakes<Service> = const { Fakes::new() };
}

/// Answers requests, to whatever origin they are. Without it, every origin is denied.
///
/// ```
/// use hookwarden_sdk::http::{Error, Request};
/// use hookwarden_sdk::testing;
///
/// let _http = testing::http(|request| match request.url().as_str() {
///     "https://crm.example.com/people/7" => Ok(testing::response(200, "{}")),
///     _ => Err(Error::Timeout),
/// });
/// let answer = Request::get("https://crm.example.com/people").segment("7").send();
/// assert!(answer.is_ok_and(|answer| answer.status() == 200));
/// ```
pub fn http(answer: impl Fn(&Request) -> Result<Response, Error> + 'static) -> Fake {
    keep(&SERVICES, Rc::new(Box::new(answer) as Service))
}

/// An answer without headers.
#[must_use]
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> Response {
    response_with(status, [], body)
}

/// An answer.
#[must_use]
pub fn response_with<'a>(
    status: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: impl Into<Vec<u8>>,
) -> Response {
    let headers = headers.into_iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), value.into()));
    Response::new(status, headers.collect(), body.into())
}

pub(crate) fn send(request: &Request, _url: &Url) -> Result<Response, Error> {
    let service = SERVICES.with(|services| services.latest(|_| true));
    service.ok_or(Error::Denied)?(request)
}
