//! How an answer about tokens looks: to the application, which gets them or an error.

use super::reply::Reply;
use super::{Place, Shown};
use crate::okta::token::{ACCESS, IDENTITY};

pub(super) fn shown(reply: &Reply<'_>) -> Shown {
    let body = match reply {
        Reply::Failed => {
            let outcome = "the hook has failed: the tokens are issued unchanged";
            return Shown::new(Place::Nowhere, outcome);
        }
        Reply::Read { body, .. } => body,
    };
    if let Some(error) = &body.error {
        let outcome = "no token is issued: the application gets the OAuth error `server_error`, with this text as its `error_description`";
        return Shown::new(Place::Application, outcome).with_text(error.text());
    }
    let mut changes = body.operations(IDENTITY, "ID token");
    changes.extend(body.operations(ACCESS, "access token"));
    Shown::going_on("the tokens are issued", changes)
}
