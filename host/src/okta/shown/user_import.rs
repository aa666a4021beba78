//! How an answer about an imported user looks: nobody waits for it, and administrators can
//! read an error later.

use serde::Deserialize;

use super::reply::{Body, Reply};
use super::{Place, Shown};
use crate::okta::call::{Call, Members};
use crate::okta::user_import::{ACTION, APP_USER_UPDATE, LINK, LINK_TO, USER_UPDATE};

/// What of a call an answer is compared with. What is of another type counts as absent.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    action: Action,
    user: User,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Action {
    result: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct User {
    id: Option<String>,
}

pub(super) fn shown(call: &Call, reply: &Reply<'_>) -> Shown {
    let body = match reply {
        Reply::Failed => {
            let outcome = "the hook has failed: the import goes on, and the user is created";
            return Shown::new(Place::Nowhere, outcome);
        }
        Reply::Read { body, .. } => body,
    };
    if let Some(error) = &body.error {
        let outcome = "a failure is written to Okta's System Log";
        let shown = Shown {
            text: error.error_summary.clone(),
            ..Shown::new(Place::SystemLog, outcome)
        };
        return shown.with_note("Okta does not document whether the user is then left out");
    }
    let mut shown = Shown::new(Place::Nowhere, outcome(call, body));
    for (literal, of, holder) in [
        (APP_USER_UPDATE, "app profile", "appUser"),
        (USER_UPDATE, "user profile", "user"),
    ] {
        let data = call.data_members();
        let holder = data.get(holder).and_then(Members::of_object);
        let profile = holder.and_then(|holder| Members::of_object(holder.get("profile")?));
        let changes = body.updates(literal, of, &profile.unwrap_or_default());
        shown.changes.extend(changes);
    }
    shown
}

/// What is done with the user: what the answer says, or else what Okta was about to do.
fn outcome(call: &Call, body: &Body<'_>) -> String {
    let Data { action, user } = serde_json::from_str(call.data()).unwrap_or_default();
    let result = body.words(ACTION, "result").pop().or(action.result);
    if result.is_none_or(|result| result != LINK_TO) {
        return "the user is created".to_owned();
    }
    match body.words(LINK, "id").pop().or(user.id) {
        Some(id) => format!("the user is linked to the user `{id}`"),
        None => "the user is linked to the user that matches".to_owned(),
    }
}
