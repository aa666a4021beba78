//! Calls of the user import hook.

use serde_json::{Value, json};

use super::envelope::{envelope, object};
use crate::user_import::Call;

/// A user of an app is imported, with these attributes in the app and, mapped, these
/// in Okta. Okta would create a user.
#[must_use]
pub fn user_import<A: Into<Value>, U: Into<Value>>(
    app_user: impl IntoIterator<Item = (&'static str, A)>,
    user: impl IntoIterator<Item = (&'static str, U)>,
) -> Call {
    call(
        "CREATE_USER",
        &json!({ "profile": object(app_user) }),
        &json!({ "profile": object(user) }),
    )
}

/// As [`user_import`], of a user who was matched with the user of Okta that has this
/// id. Okta would link the two.
#[must_use]
pub fn matched_user_import<A: Into<Value>, U: Into<Value>>(
    user_id: &str,
    app_user: impl IntoIterator<Item = (&'static str, A)>,
    user: impl IntoIterator<Item = (&'static str, U)>,
) -> Call {
    call(
        "LINK_USER",
        &json!({ "profile": object(app_user) }),
        &json!({ "profile": object(user), "id": user_id }),
    )
}

fn call(result: &str, app_user: &Value, user: &Value) -> Call {
    let call = envelope(
        "com.okta.import.transform",
        &json!({
            "data": {
                "context": {
                    "conflicts": [],
                    "application": {
                        "name": "testing",
                        "id": "0oatesting",
                        "label": "Testing",
                        "status": "ACTIVE",
                    },
                    "job": { "id": "ijtesting", "type": "import:users" },
                    "matches": [],
                    "policy": ["EMAIL"],
                },
                "action": { "result": result },
                "appUser": app_user,
                "user": user,
            },
        }),
    );
    Call::from_json(call).expect("a call in Okta's form")
}
