//! The envelope of an inline hook's call.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::hook_type::HookType;
use super::json::{self, JsonError};

/// A call whose JSON was checked. The text is kept as it came; of its members
/// only those are read that every call has.
#[derive(Debug, Clone)]
pub struct Call {
    body: Arc<String>,
    event_id: Option<String>,
    request_type: Option<String>,
    fingerprint: [u8; 32],
    data: Members,
}

/// Why a body is no call of the hook it was sent to. Okta gets a 4xx, which it
/// does not repeat. The texts quote nothing of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not JSON, or JSON that means two things.
    #[error("the body cannot be read: {0}")]
    Json(#[from] JsonError),
    /// A member has another type than Okta documents.
    #[error("`{member}` must be {expected}")]
    WrongType {
        /// The path of the member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The call of another hook type, or of none.
    #[error("`eventType` must be `{expected}` for this hook")]
    OtherHook {
        /// Okta's literal for the hook that was called.
        expected: &'static str,
    },
    /// A request type that this version does not know.
    #[error("`requestType` must be absent or one of {known}")]
    UnknownRequestType {
        /// Okta's literals.
        known: &'static str,
    },
}

/// Which members an object has, and their texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// The JSON of a member; `None` if it is absent or `null`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(member, _)| member == name)?;
        Some(value.get()).filter(|value| *value != "null")
    }

    /// Reads a text that is known to be valid JSON; `None` if it is no object.
    pub(super) fn of_object(json: &str) -> Option<Self> {
        if !json.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str::<InOrder>(json)
            .ok()
            .map(|InOrder(members)| Self(members))
    }

    pub(super) fn into_vec(self) -> Vec<(String, Box<RawValue>)> {
        self.0
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl Call {
    /// Reads the body of a call to a hook of this type.
    ///
    /// Members that Okta adds are no errors; the version members may be text or
    /// number; `null` counts as absent.
    ///
    /// # Errors
    ///
    /// The body is no JSON that means one thing, or not in the form of Okta's
    /// calls of this type.
    pub fn parse(hook: HookType, body: &[u8]) -> Result<Self, Malformed> {
        let body = json::check(body)?;
        let wrong = |member, expected| Malformed::WrongType { member, expected };
        let envelope = Members::of_object(body).ok_or(wrong("the body", "an object"))?;
        let text = |member: &'static str| match envelope.get(member) {
            None => Ok(None),
            Some(json) => serde_json::from_str::<String>(json)
                .map(Some)
                .map_err(|_| wrong(member, "text")),
        };
        if text("eventType")?.as_deref() != Some(hook.event_type()) {
            let expected = hook.event_type();
            return Err(Malformed::OtherHook { expected });
        }
        let data = envelope.get("data").ok_or(wrong("data", "an object"))?;
        let request_type = text("requestType")?;
        Ok(Self {
            event_id: text("eventId")?,
            fingerprint: fingerprint(request_type.as_deref(), data),
            request_type,
            data: Members::of_object(data).ok_or(wrong("data", "an object"))?,
            body: Arc::new(body.to_owned()),
        })
    }

    /// The body, as it came.
    #[must_use]
    pub fn body(&self) -> &Arc<String> {
        &self.body
    }

    /// Okta's id of the call; a repeated call has the same one.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// What the call is about, `requestType` and `data`, as a SHA-256. That of a
    /// repeated call is the same one.
    #[must_use]
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    pub(super) fn request_type(&self) -> Option<&str> {
        self.request_type.as_deref()
    }

    /// A member of `data` that is an object; `None` if absent or `null`. `path` is
    /// the member's, for the error.
    pub(super) fn data_object(
        &self,
        name: &str,
        path: &'static str,
    ) -> Result<Option<Members>, Malformed> {
        let object = |json| {
            let (member, expected) = (path, "an object");
            Members::of_object(json).ok_or(Malformed::WrongType { member, expected })
        };
        self.data.get(name).map(object).transpose()
    }
}

fn fingerprint(request_type: Option<&str>, data: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    // JSON, so that no other text and data run together with these.
    hash.update(serde_json::to_vec(&request_type).expect("text serializes"));
    hash.update(data);
    hash.finalize().into()
}

/// Reads an object's members in their order.
struct InOrder(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = InOrder;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(
                self,
                mut object: M,
            ) -> Result<InOrder, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(InOrder(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
