//! The call of a trial: a sample, a file or JSON, with what is different.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::case::Json;
use crate::files::{self, ReadError};
use crate::okta::{Call, HookType, Malformed, sample_of, sample_types};

/// The largest file of a call, in bytes; Okta's are a few thousand.
const MAX_CALL: u64 = 1024 * 1024;

/// The id that the calls of samples have.
const EVENT_ID: &str = "case";

/// A call, as a case has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileCall {
    /// The hook whose sample it is.
    pub sample: Option<String>,
    /// Which of its samples.
    pub r#type: Option<String>,
    /// The file that it is in, relative to the case's.
    pub file: Option<PathBuf>,
    /// Its JSON.
    pub json: Option<String>,
    /// JSON Pointers of what is not in it.
    pub remove: Vec<String>,
    /// JSON Pointers of what is different in it.
    pub set: std::collections::BTreeMap<String, Json>,
}

/// Why there is no call.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Its file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not JSON.
    #[error("is not JSON: {0}")]
    Syntax(String),
    /// It does not say whose it is.
    #[error("its `eventType` must be one of {0}")]
    OtherHook(String),
    /// It is not in Okta's form.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Two say what it is.
    #[error("has more than one of `sample`, `file` and `json`")]
    Several,
    /// There is no such hook.
    #[error("`sample`: there is no hook `{0}`; the hooks are {1}")]
    NoHook(String, String),
    /// There is no such sample.
    #[error("`type`: `{hook}` has no sample `{name}`; there is {known}")]
    NoType {
        /// The hook.
        hook: HookType,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The policy serves several hooks.
    #[error("the policy serves {0}: say which is called, with `sample`")]
    WhichHook(String),
    /// A pointer leads nowhere.
    #[error("`{member}`: `{pointer}` {reason}")]
    Pointer {
        /// `set` or `remove`.
        member: &'static str,
        /// The pointer.
        pointer: String,
        /// Why.
        reason: &'static str,
    },
}

/// A call, of the hook type that it says.
///
/// # Errors
///
/// See [`CallError`].
pub fn parse_call(json: &[u8]) -> Result<Call, CallError> {
    let envelope: Value = parse(json)?;
    let literal = envelope.get("eventType").and_then(Value::as_str);
    let served = |hook: &HookType| hook.is_served();
    let hook_type = literal.and_then(HookType::from_event_type).filter(served);
    let Some(hook_type) = hook_type else {
        let known = HookType::ALL.into_iter().filter(served);
        return Err(CallError::OtherHook(quoted(
            known.map(HookType::event_type),
        )));
    };
    Ok(Call::parse(hook_type, json)?)
}

fn parse(json: &[u8]) -> Result<Value, CallError> {
    serde_json::from_slice(json).map_err(|error| CallError::Syntax(error.to_string()))
}

impl FileCall {
    /// The call, of a policy that serves these hooks. Files are found beside `folder`.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn build(&self, folder: &Path, serves: &[HookType]) -> Result<Call, CallError> {
        let json = match (&self.file, &self.json) {
            (Some(_), Some(_)) => return Err(CallError::Several),
            (Some(file), None) => Some(files::read(&folder.join(file), MAX_CALL)?),
            (None, json) => json.clone().map(String::into_bytes),
        };
        if json.is_some() && (self.sample.is_some() || self.r#type.is_some()) {
            return Err(CallError::Several);
        }
        if let Some(json) = &json
            && self.remove.is_empty()
            && self.set.is_empty()
        {
            return parse_call(json);
        }
        let mut call = match json {
            Some(json) => parse(&json)?,
            None => self.sample(serves)?,
        };
        for pointer in &self.remove {
            remove(&mut call, pointer)?;
        }
        for (pointer, Json(value)) in &self.set {
            set(&mut call, pointer, value.clone())?;
        }
        parse_call(call.to_string().as_bytes())
    }

    fn sample(&self, serves: &[HookType]) -> Result<Value, CallError> {
        let hook = match (&self.sample, serves) {
            (Some(name), _) => HookType::from_name(name)
                .filter(|hook| hook.is_served())
                .ok_or_else(|| {
                    let known = HookType::served();
                    CallError::NoHook(name.clone(), quoted(known.map(HookType::name)))
                })?,
            (None, [only]) => *only,
            (None, several) => {
                let several = several.iter().map(|hook| hook.name());
                return Err(CallError::WhichHook(quoted(several)));
            }
        };
        let types = sample_types(hook);
        let first = types.first().map_or("", |first| first.name);
        let name = self.r#type.as_deref().unwrap_or(first);
        sample_of(hook, name, EVENT_ID).ok_or_else(|| CallError::NoType {
            hook,
            name: name.to_owned(),
            known: quoted(types.iter().map(|known| known.name)),
        })
    }
}

fn quoted(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Gives the member or element at a pointer (RFC 6901) a value. Objects that are missing
/// on the way are made; `-` is the element after a list's last.
fn set(json: &mut Value, pointer: &str, value: Value) -> Result<(), CallError> {
    let wrong = |reason| CallError::Pointer {
        member: "set",
        pointer: pointer.to_owned(),
        reason,
    };
    let mut at = json;
    for part in parts(pointer).ok_or_else(|| wrong(NO_POINTER))? {
        if at.is_null() {
            *at = Value::Object(serde_json::Map::new());
        }
        at = match at {
            Value::Object(members) => members.entry(part).or_insert(Value::Null),
            Value::Array(elements) => {
                let index = match part.as_str() {
                    "-" => elements.len(),
                    part => part
                        .parse()
                        .map_err(|_| wrong("has no number for a list"))?,
                };
                if index == elements.len() {
                    elements.push(Value::Null);
                }
                let element = elements.get_mut(index);
                element.ok_or_else(|| wrong("is beyond the end of a list"))?
            }
            _ => return Err(wrong("goes through something that has no members")),
        };
    }
    *at = value;
    Ok(())
}

/// Takes away what is at a pointer.
fn remove(json: &mut Value, pointer: &str) -> Result<(), CallError> {
    let wrong = |reason| CallError::Pointer {
        member: "remove",
        pointer: pointer.to_owned(),
        reason,
    };
    let mut parts = parts(pointer).ok_or_else(|| wrong(NO_POINTER))?;
    let last = parts.pop().ok_or_else(|| wrong(NO_POINTER))?;
    let (parent, _) = pointer.rsplit_once('/').unwrap_or_default();
    let removed = match json.pointer_mut(parent) {
        Some(Value::Object(members)) => members.remove(&last),
        Some(Value::Array(elements)) => {
            let index = last.parse().ok();
            let index = index.filter(|index: &usize| *index < elements.len());
            index.map(|index| elements.remove(index))
        }
        _ => None,
    };
    removed.map(drop).ok_or_else(|| wrong("is not in the call"))
}

const NO_POINTER: &str = "is no JSON Pointer: it begins with `/`";

fn parts(pointer: &str) -> Option<Vec<String>> {
    let parts = pointer.strip_prefix('/')?.split('/');
    let parts = parts.map(|part| part.replace("~1", "/").replace("~0", "~"));
    Some(parts.collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{CallError, FileCall, remove, set};
    use crate::okta::HookType;

    #[test]
    fn a_pointer_leads_into_objects_and_lists_and_makes_what_is_missing() {
        let mut call = json!({ "a": { "b": 1 }, "l": [1] });
        for (pointer, value) in [
            ("/a/b", json!(2)),
            ("/a/c/d", json!("new")),
            ("/l/0", json!("first")),
            ("/l/-", json!("last")),
            ("/x~1y/~0", json!(true)),
        ] {
            set(&mut call, pointer, value).expect("a pointer");
        }
        let is = json!({
            "a": { "b": 2, "c": { "d": "new" } }, "l": ["first", "last"], "x/y": { "~": true },
        });
        assert_eq!(call, is);
        for pointer in ["", "a", "/a/b/c", "/l/x", "/l/7"] {
            assert!(set(&mut call, pointer, json!(1)).is_err(), "{pointer}");
        }
        assert_eq!(call, is);
        for pointer in ["/a/c", "/l/1", "/x~1y"] {
            remove(&mut call, pointer).expect("it is there");
        }
        assert_eq!(call, json!({ "a": { "b": 2 }, "l": ["first"] }));
        for pointer in ["/a/c", "/l/1", "/l/x", "/z/y", ""] {
            assert!(remove(&mut call, pointer).is_err(), "{pointer}");
        }
    }

    #[test]
    fn the_call_is_the_sample_of_the_only_hook_that_is_served() {
        let call = FileCall::default();
        let built = call.build(Path::new(""), &[HookType::Saml]);
        assert_eq!(built.expect("a call").hook_type(), HookType::Saml);
        let both = [HookType::Saml, HookType::Token];
        let error = call.build(Path::new(""), &both).expect_err("which?");
        assert!(error.to_string().contains("`saml`, `token`"), "{error}");
        let token = FileCall {
            sample: Some("token".to_owned()),
            ..FileCall::default()
        };
        let built = token.build(Path::new(""), &both);
        assert_eq!(built.expect("a call").hook_type(), HookType::Token);
    }

    #[test]
    fn what_cannot_be_is_said_with_what_can() {
        let sample = |sample: &str, r#type: &str| FileCall {
            sample: Some(sample.to_owned()),
            r#type: Some(r#type.to_owned()),
            ..FileCall::default()
        };
        let build = |call: FileCall| call.build(Path::new(""), &[HookType::Token]);
        let error = build(sample("sign-up", "x")).expect_err("no hook");
        assert!(error.to_string().contains("`registration`"), "{error}");
        let error = build(sample("registration", "x")).expect_err("no type");
        assert!(error.to_string().contains("`progressive`"), "{error}");
        let both = FileCall {
            json: Some("{}".to_owned()),
            ..sample("registration", "classic")
        };
        assert!(matches!(build(both), Err(CallError::Several)));
        let other = FileCall {
            json: Some("{}".to_owned()),
            ..FileCall::default()
        };
        assert!(matches!(build(other), Err(CallError::OtherHook(_))));
    }
}
