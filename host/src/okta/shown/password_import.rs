//! How an answer about a password looks: to a person who signs in, or is not let in.

use super::reply::Reply;
use super::{Place, Shown};
use crate::okta::password_import::ACTION;

/// About every refusal.
const NO_TEXT: &str = "Okta does not document what the person reads, and takes no text here";

pub(super) fn shown(reply: &Reply<'_>) -> Shown {
    let body = match reply {
        Reply::Failed => {
            let outcome =
                "the hook has failed: the sign-in is refused, and Okta asks again at the next";
            return Shown::new(Place::SignIn, outcome).with_note(NO_TEXT);
        }
        Reply::Read { body, .. } => body,
    };
    let words = body.words(ACTION, "credential");
    let said = |wanted| words.iter().any(|word| word == wanted);
    if said("VERIFIED") && !said("UNVERIFIED") {
        let outcome = "the person is signed in, and Okta keeps the password";
        return Shown::new(Place::SignIn, outcome);
    }
    let outcome = "the sign-in is refused, and Okta does not keep the password";
    Shown::new(Place::SignIn, outcome).with_note(NO_TEXT)
}
