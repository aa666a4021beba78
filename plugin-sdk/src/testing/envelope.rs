//! Made-up calls: their envelope, and what differs in one of them.

use serde_json::{Map, Value, json};

/// The JSON of a call: its own members, in the envelope that all calls come in.
pub(super) fn envelope(event_type: &str, own: &Value) -> String {
    call(event_type, own).to_string()
}

/// The JSON of a call about `data`, with what differs in it.
pub(super) fn json_of<V: Into<Value>>(
    event_type: &str,
    data: Value,
    different: impl IntoIterator<Item = (&'static str, V)>,
) -> String {
    let mut call = call(event_type, &json!({ "data": data }));
    for (pointer, value) in different {
        *member(&mut call, pointer) = value.into();
    }
    call.to_string()
}

fn call(event_type: &str, own: &Value) -> Value {
    let mut envelope = json!({
        "eventId": "testing",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventType": event_type,
        "eventTypeVersion": "1.0",
        "cloudEventVersion": "0.1",
        "contentType": "application/json",
        "source": "testing",
    });
    if let (Value::Object(envelope), Value::Object(own)) = (&mut envelope, own) {
        envelope.extend(own.clone());
    }
    envelope
}

/// A request that somebody's browser made to Okta.
pub(super) fn request(url: &str) -> Value {
    json!({ "id": "reqtest", "method": "POST", "ipAddress": "192.0.2.1", "url": { "value": url } })
}

/// An object of these attributes.
pub(super) fn object<V: Into<Value>>(
    attributes: impl IntoIterator<Item = (&'static str, V)>,
) -> Value {
    let own = |(name, value): (&str, V)| (name.to_owned(), value.into());
    Value::Object(attributes.into_iter().map(own).collect::<Map<_, _>>())
}

/// The member at a pointer. What is missing on the way is created.
fn member<'a>(call: &'a mut Value, pointer: &str) -> &'a mut Value {
    assert!(
        pointer.starts_with('/'),
        "`{pointer}` is no pointer such as `/data/context/user/id`"
    );
    let mut at = call;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        at = match at {
            Value::Array(elements) => step
                .parse()
                .ok()
                .and_then(|position: usize| elements.get_mut(position))
                .expect("`pointer` names an element that is there"),
            other => {
                if !other.is_object() {
                    *other = Value::Object(Map::new());
                }
                &mut other[step]
            }
        };
    }
    at
}

/// Rosario Jones, as Okta shows a user.
pub(super) fn user() -> Value {
    json!({
        "id": "00u48gwcu01WxvNo",
        "passwordChanged": "2026-01-01T00:00:00.000Z",
        "profile": {
            "login": "rosario.jones@example.com",
            "firstName": "Rosario",
            "lastName": "Jones",
            "locale": "en_US",
            "timeZone": "America/Los_Angeles",
        },
    })
}

/// A session of this user.
pub(super) fn session() -> Value {
    json!({
        "id": "102testing",
        "userId": "00u48gwcu01WxvNo",
        "login": "rosario.jones@example.com",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "expiresAt": "2026-01-01T02:00:00.000Z",
        "status": "ACTIVE",
        "lastPasswordVerification": "2026-01-01T00:00:00.000Z",
        "amr": ["PASSWORD"],
        "idp": { "id": "00otesting", "type": "OKTA" },
        "mfaActive": false,
    })
}
