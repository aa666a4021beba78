//! How an answer about a one-time code looks: on the phone, where a message comes or none.
//! The code itself is never shown.

use serde::Deserialize;

use super::reply::{Body, Reply};
use super::{Place, Shown};
use crate::okta::telephony::ACTION;

/// What became of a code.
#[derive(Deserialize)]
struct Delivery {
    status: Status,
    provider: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Successful,
    Pending,
    Failed,
}

/// What happens unless a service delivers the code.
const BY_OKTA: &str = "Okta's own provider delivers the code";

pub(super) fn shown(reply: &Reply<'_>) -> Shown {
    let by_okta = Shown::new(Place::Phone, BY_OKTA);
    let body = match reply {
        Reply::Read { status: 200, body } => body,
        _ => {
            let outcome = format!("the hook has failed: {BY_OKTA}");
            let note = "if a service delivered the code all the same, the person gets it twice";
            return Shown::new(Place::Phone, outcome).with_note(note);
        }
    };
    if body.error.is_some() {
        return by_okta.with_note("nobody reads the `error`: it hands the code back to Okta");
    }
    let Some(Delivery { status, provider }) = delivery(body) else {
        return by_okta;
    };
    let by = provider.map(|provider| format!(" by `{provider}`"));
    let by = by.unwrap_or_default();
    let outcome = match status {
        Status::Successful => format!("the code was delivered{by}"),
        Status::Pending => format!("the code is being delivered{by}"),
        Status::Failed => {
            let note = "Okta does not document what the person reads then";
            let outcome = format!("the code was not delivered{by}");
            return Shown::new(Place::Phone, outcome).with_note(note);
        }
    };
    Shown::new(Place::Phone, outcome)
}

/// What a service says that became of the code; `None` if it says nothing that Okta takes.
fn delivery(body: &Body<'_>) -> Option<Delivery> {
    let value = body.values(ACTION).next()?;
    let list: Vec<Delivery> = serde_json::from_str(value).ok()?;
    list.into_iter().next()
}
