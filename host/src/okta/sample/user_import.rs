//! Samples of the user import hook: a user who matches nobody, and one who matches a user
//! that there is.

use serde_json::{Value, json};

use super::person::{LOGIN, profile};
use super::{Parts, SampleType};

pub(super) const TYPES: &[SampleType] = &[
    SampleType {
        name: "create",
        about: "Okta is about to create a user",
        parts: || data().into(),
    },
    SampleType {
        name: "link",
        about: "Okta is about to link to a user that matches",
        parts: link,
    },
];

fn link() -> Parts {
    let mut data = data();
    data["context"]["conflicts"] = json!(["login"]);
    data["context"]["matches"] = json!(["00udev"]);
    data["action"]["result"] = "LINK_USER".into();
    data["user"]["id"] = "00udev".into();
    data.into()
}

/// A call about a user who matches nobody.
fn data() -> Value {
    json!({
        "context": {
            "application": { "name": "hr", "id": "0oadev", "label": "HR", "status": "ACTIVE" },
            "job": { "id": "ijdev", "type": "import:users" },
            "conflicts": [],
            "matches": [],
            "policy": ["EMAIL", "FIRST_AND_LAST_NAME"],
        },
        "action": { "result": "CREATE_USER" },
        "appUser": {
            "profile": {
                "externalId": "1234",
                "userName": "rosario.jones",
                "email": LOGIN,
                "firstName": "Rosario",
                "lastName": "Jones",
                "mobilePhone": null,
                "groups": ["staff@example.org"],
            },
        },
        "user": { "profile": profile() },
    })
}
