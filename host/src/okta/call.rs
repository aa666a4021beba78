//! The envelope of an inline hook's call.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::authority::Attributes;
use super::cut;
use super::hook_type::HookType;
use crate::json::{self, JsonError, Name};

/// A call whose JSON was checked. The text is kept as it came; of its members
/// only those are read that every call has.
#[derive(Clone)]
pub struct Call {
    hook_type: HookType,
    body: Arc<String>,
    event_id: Option<Arc<str>>,
    request_type: Option<String>,
    /// Where `data` is in the body. It is an object.
    data: Range<usize>,
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

/// Which members an object has, and their texts. Borrows from the object's text.
#[derive(Clone, Default)]
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// The JSON of a member; `None` if it is absent or `null`.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(member, _)| member == name)?;
        Some(value.get()).filter(|value| *value != "null")
    }

    /// The JSON of a member that is an object; `None` if absent or `null`. `path` is
    /// the member's, for the error.
    pub(super) fn object(
        &self,
        name: &str,
        path: &'static str,
    ) -> Result<Option<&'a str>, Malformed> {
        let (member, expected) = (path, "an object");
        match self.get(name) {
            Some(json) if !json.starts_with('{') => Err(Malformed::WrongType { member, expected }),
            object => Ok(object),
        }
    }

    /// Reads a text that is known to be valid JSON; `None` if it is no object.
    pub(super) fn of_object(json: &'a str) -> Option<Self> {
        if !json.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str::<InOrder<'_>>(json)
            .ok()
            .map(|InOrder(members)| Self(members))
    }

    pub(super) fn into_vec(self) -> Vec<(Cow<'a, str>, &'a RawValue)> {
        self.0
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

/// Shows nothing of the body: it may hold a password.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("hook_type", &self.hook_type)
            .field("event_id", &self.event_id)
            .finish_non_exhaustive()
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
            Some(json) => serde_json::from_str::<Name<'_>>(json)
                .map(|Name(text)| Some(text))
                .map_err(|_| wrong(member, "text")),
        };
        if text("eventType")?.as_deref() != Some(hook.event_type()) {
            let expected = hook.event_type();
            return Err(Malformed::OtherHook { expected });
        }
        let data = envelope.get("data").filter(|data| data.starts_with('{'));
        let data = data.ok_or(wrong("data", "an object"))?;
        let start = data.as_ptr().addr() - body.as_ptr().addr();
        Ok(Self {
            hook_type: hook,
            event_id: text("eventId")?.map(Arc::from),
            request_type: text("requestType")?.map(Cow::into_owned),
            data: start..start + data.len(),
            body: Arc::new(body.to_owned()),
        })
    }

    /// What it is a call of.
    #[must_use]
    pub fn hook_type(&self) -> HookType {
        self.hook_type
    }

    /// The body, as it came.
    #[must_use]
    pub fn body(&self) -> &Arc<String> {
        &self.body
    }

    /// The body without the attributes that are not among these, and otherwise byte for
    /// byte as it came. What of it is an attribute is at the head of each hook type's file.
    #[must_use]
    pub fn seen(&self, see: &Attributes) -> Cow<'_, str> {
        match see {
            Attributes::All => Cow::Borrowed(&self.body),
            Attributes::Only(_) => {
                let places = super::attributes(self.hook_type);
                cut::cut(&self.body, self.data.start, places, see)
            }
        }
    }

    /// Okta's id of the call; a repeated call has the same one.
    #[must_use]
    pub fn event_id(&self) -> Option<&Arc<str>> {
        self.event_id.as_ref()
    }

    /// What kind of call it is, where its hook has kinds.
    #[must_use]
    pub fn request_type(&self) -> Option<&str> {
        self.request_type.as_deref()
    }

    /// What the call is about: an object, as it came.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.body[self.data.clone()]
    }

    /// The members of `data`.
    pub(super) fn data_members(&self) -> Members<'_> {
        Members::of_object(self.data()).expect("it was checked to be an object")
    }
}

/// Reads an object's members in their order.
struct InOrder<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for InOrder<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = InOrder<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(
                self,
                mut object: M,
            ) -> Result<InOrder<'de>, M::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some((Name(name), value)) = object.next_entry()? {
                    members.push((name, value));
                }
                Ok(InOrder(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
