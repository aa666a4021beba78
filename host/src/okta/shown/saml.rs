//! How an answer about an assertion looks: to the person, who gets into the application or
//! to a page with an error.

use super::reply::Reply;
use super::{Place, Shown};
use crate::okta::saml::PATCH;

pub(super) fn shown(reply: &Reply<'_>) -> Shown {
    let body = match reply {
        Reply::Failed => {
            let outcome = "the hook has failed: the assertion is issued unchanged";
            return Shown::new(Place::Nowhere, outcome);
        }
        Reply::Read { body, .. } => body,
    };
    if let Some(error) = &body.error {
        let outcome = "no assertion is issued";
        return Shown::new(Place::ErrorPage, outcome).with_text(error.text());
    }
    let changes = body.operations(PATCH, "assertion");
    Shown::going_on("the assertion is issued", changes)
}
