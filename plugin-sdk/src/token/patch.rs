//! What is to change in a token.

use std::time::Duration;

use serde_json::Value;

use super::call::{Draft, Token};
use crate::failure::Failure;
use crate::patch::{Op, Operation, pointer};

/// What Okta accepts for the lifetime of a token.
const LIFETIMES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(300)..=Duration::from_secs(86_400);

/// A claim, or a place inside of its value.
///
/// A name is a claim. Several are the way to a place: the claim first, then the
/// members of objects and the positions in lists, which count from zero. A name is
/// taken as it is, so a claim can be named by a URI.
///
/// ```
/// use hookwarden_sdk::token::Claim;
///
/// Claim::from("tenant");
/// Claim::from("https://id.example.com/claims/tenant");
/// Claim::from(["employee_profile", "email"]);
/// Claim::from(["preferred_airports", "1"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim(Vec<String>);

impl From<&str> for Claim {
    fn from(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl From<String> for Claim {
    fn from(name: String) -> Self {
        Self(vec![name])
    }
}

impl From<&String> for Claim {
    fn from(name: &String) -> Self {
        Self(vec![name.clone()])
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Claim {
    fn from(way: [S; N]) -> Self {
        Self(way.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String>> From<Vec<S>> for Claim {
    fn from(way: Vec<S>) -> Self {
        Self(way.into_iter().map(Into::into).collect())
    }
}

/// What is to change in one token, in this order.
///
/// Values are any JSON; a `null` says nothing. See [the module](super) for what is
/// left out and what is a [`Failure`].
///
/// ```
/// use std::time::Duration;
/// use hookwarden_sdk::token::{Decision, Patch, Token};
///
/// let patch = Patch::new()
///     .set("tenant", "acme")
///     .set(["employee_profile", "email"], "rosario.jones@example.com")
///     .append("roles", "auditor")
///     .remove("legacy_id")
///     .lifetime(Duration::from_secs(15 * 60));
/// Decision::patch(Token::Access, patch.clone()).and_patch(Token::Id, patch);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Patch {
    changes: Vec<Change>,
    lifetime: Option<Duration>,
}

/// One change. Its value is written when it is set: a policy that sets nothing has
/// no serializer in its component.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    kind: Kind,
    claim: Claim,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Set,
    Append,
    Insert(usize),
    Replace,
    Remove,
}

impl Patch {
    /// A patch that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a claim this value, whether or not it has one. In a list it replaces an
    /// element. What is missing on the way is created as objects.
    pub fn set(self, claim: impl Into<Claim>, value: impl Into<Value>) -> Self {
        self.change(Kind::Set, claim.into(), value.into())
    }

    /// Adds an element at the end of a list, and the list if there is none.
    pub fn append(self, list: impl Into<Claim>, value: impl Into<Value>) -> Self {
        self.change(Kind::Append, list.into(), value.into())
    }

    /// Adds an element to a list, before the one that is at this position, counted
    /// from zero. The list must be there and not end before.
    pub fn insert(self, list: impl Into<Claim>, position: usize, value: impl Into<Value>) -> Self {
        self.change(Kind::Insert(position), list.into(), value.into())
    }

    /// Gives a claim this value if it has one. If it has none, this does nothing.
    pub fn replace(self, claim: impl Into<Claim>, value: impl Into<Value>) -> Self {
        self.change(Kind::Replace, claim.into(), value.into())
    }

    /// Removes a claim, a member or an element. If there is none, this does nothing.
    pub fn remove(mut self, claim: impl Into<Claim>) -> Self {
        self.changes.push(Change {
            kind: Kind::Remove,
            claim: claim.into(),
            value: String::new(),
        });
        self
    }

    /// How long the token is good for, from 300 to 86,400 seconds; fractions are
    /// dropped. The last one counts.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Whether this changes nothing, whatever the token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.lifetime.is_none()
    }

    fn change(mut self, kind: Kind, claim: Claim, value: Value) -> Self {
        if !value.is_null() {
            let value = value.to_string();
            self.changes.push(Change { kind, claim, value });
        }
        self
    }

    /// Adds what another patch changes, after what this one does.
    pub(super) fn extend(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.lifetime = other.lifetime.or(self.lifetime);
    }

    /// The operations that Okta accepts for this token; none if it is not minted.
    pub(super) fn resolve(
        &self,
        token: Token,
        draft: Option<&Draft>,
    ) -> Result<Vec<Operation>, Failure> {
        // A mistake of the author's is found in every call, and not only in those that
        // mint the token.
        for change in &self.changes {
            match change.claim.0.first() {
                None => return Err(fail("changes a claim that has no name", token)),
                Some(name) if name.is_empty() => {
                    return Err(fail("changes a claim that has no name", token));
                }
                Some(name) if token.reserves(name) => {
                    return Err(fail(&format!("changes `{name}`, reserved by Okta,"), token));
                }
                Some(_) => {}
            }
        }
        if self.lifetime.is_some_and(|time| !LIFETIMES.contains(&time)) {
            let what = "sets a lifetime that is not 300 to 86400 seconds";
            return Err(fail(what, token));
        }
        let Some(draft) = draft else {
            return Ok(Vec::new());
        };
        let mut working = Working {
            token,
            draft,
            changed: Vec::new(),
        };
        let mut operations = Vec::with_capacity(self.changes.len() + 1);
        for change in &self.changes {
            operations.extend(working.apply(change)?);
        }
        operations.extend(self.lifetime.map(|lifetime| Operation {
            op: Op::Replace,
            path: "/token/lifetime/expiration".to_owned(),
            value: Some(lifetime.as_secs().to_string()),
        }));
        Ok(operations)
    }
}

/// Each is set.
impl<C: Into<Claim>, V: Into<Value>> FromIterator<(C, V)> for Patch {
    fn from_iter<I: IntoIterator<Item = (C, V)>>(claims: I) -> Self {
        let claims = claims.into_iter();
        claims.fold(Self::new(), |patch, (claim, value)| patch.set(claim, value))
    }
}

/// The claims while a patch is applied.
struct Working<'a> {
    token: Token,
    draft: &'a Draft,
    /// The claims that are no longer those of the draft, as JSON; `null` if it was
    /// removed.
    changed: Vec<(&'a str, String)>,
}

impl<'a> Working<'a> {
    /// The JSON of a claim, if it is there.
    fn claim(&self, name: &str) -> Option<&str> {
        let changed = self.changed.iter().rev().find(|(claim, _)| *claim == name);
        let json = match changed {
            Some((_, json)) => Some(json.as_str()),
            None => self.draft.claims().json(name),
        };
        json.filter(|json| *json != "null")
    }

    /// The operation that makes this change, if there is anything to change.
    fn apply(&mut self, change: &'a Change) -> Result<Option<Operation>, Failure> {
        let Some((name, way)) = change.claim.0.split_first() else {
            return Ok(None);
        };
        let is_there = self.claim(name).is_some();
        let op = match change.kind {
            Kind::Set if way.is_empty() => Op::Add,
            Kind::Replace | Kind::Remove if !is_there => return Ok(None),
            Kind::Replace if way.is_empty() => Op::Replace,
            Kind::Remove if way.is_empty() => Op::Remove,
            _ => return self.apply_inside(name, way, change),
        };
        let value = (op != Op::Remove).then(|| change.value.clone());
        let json = value.clone().unwrap_or_else(|| "null".to_owned());
        self.changed.push((name, json));
        Ok(Some(Operation {
            op,
            path: pointer("/claims", [name.as_str()]),
            value,
        }))
    }

    /// The same for a change inside of a claim's value.
    fn apply_inside(
        &mut self,
        name: &'a str,
        way: &[String],
        change: &Change,
    ) -> Result<Option<Operation>, Failure> {
        let parse = |json| serde_json::from_str::<Value>(json).unwrap_or_default();
        let mut claim = self.claim(name).map(parse).unwrap_or_default();
        let Some((op, below, value)) = inside(&mut claim, way, change).map_err(|what| {
            let place = pointer("", change.claim.0.iter().map(String::as_str));
            fail(&format!("changes `{}`, {what},", &place[1..]), self.token)
        })?
        else {
            return Ok(None);
        };
        self.changed.push((name, claim.to_string()));
        Ok(Some(Operation {
            op,
            path: pointer(
                "/claims",
                std::iter::once(name).chain(below.iter().map(String::as_str)),
            ),
            value,
        }))
    }
}

/// An operation below a claim: what, the way to where, and its value.
type Inside = Option<(Op, Vec<String>, Option<String>)>;

/// Makes a change inside of a claim's value, which is `null` if there is none.
fn inside(claim: &mut Value, way: &[String], change: &Change) -> Result<Inside, &'static str> {
    // How much of the way is there.
    let mut present = 0;
    let mut at = &*claim;
    while let Some(step) = way.get(present) {
        let here = at.pointer(&pointer("", [step.as_str()]));
        let next = match at {
            Value::Object(_) => here.filter(|value| !value.is_null()),
            // There is no such claim.
            Value::Null if present == 0 => None,
            Value::Array(_) if here.is_some() => here,
            _ if is_conditional(change.kind) => return Ok(None),
            Value::Array(_) => return Err("which is beyond the end of a list"),
            _ => return Err("which is inside of a value that has no inside"),
        };
        let Some(next) = next else { break };
        at = next;
        present += 1;
    }
    let is_there = present == way.len() && !claim.is_null();
    let there = |steps: usize| pointer("", way[..steps].iter().map(String::as_str));
    let mut below = way.to_vec();
    let value = || serde_json::from_str::<Value>(&change.value).unwrap_or_default();
    let written = Some(change.value.clone());

    match change.kind {
        Kind::Replace | Kind::Remove if !is_there => Ok(None),
        Kind::Set | Kind::Append if !is_there => {
            let mut value = match change.kind {
                Kind::Append => Value::Array(vec![value()]),
                _ => value(),
            };
            // What is missing on the way, from the inside out.
            let first_missing = if claim.is_null() { 0 } else { present + 1 };
            for step in way[first_missing..].iter().rev() {
                value = Value::Object([(step.clone(), value)].into_iter().collect());
            }
            below.truncate(first_missing);
            let written = Some(value.to_string());
            match (way.get(present), claim.pointer_mut(&there(present))) {
                (Some(step), Some(Value::Object(members))) => {
                    drop(members.insert(step.clone(), value))
                }
                _ => *claim = value,
            }
            Ok(Some((Op::Add, below, written)))
        }
        Kind::Append | Kind::Insert(_) => {
            let Some(Value::Array(elements)) = claim.pointer_mut(&there(present)) else {
                return Err("which is no list");
            };
            match change.kind {
                Kind::Insert(position) if position <= elements.len() => {
                    elements.insert(position, value());
                    below.push(position.to_string());
                }
                Kind::Insert(_) => return Err("which is a list that ends before"),
                _ => {
                    elements.push(value());
                    below.push("-".to_owned());
                }
            }
            Ok(Some((Op::Add, below, written)))
        }
        Kind::Set | Kind::Replace | Kind::Remove => {
            let Some((last, before)) = way.split_last() else {
                return Ok(None);
            };
            let parent = claim.pointer_mut(&there(before.len()));
            let (op, written) = match (change.kind, parent) {
                (Kind::Remove, Some(Value::Object(members))) => {
                    members.remove(last);
                    (Op::Remove, None)
                }
                (Kind::Remove, Some(Value::Array(elements))) => {
                    if let Ok(position) = last.parse::<usize>() {
                        elements.remove(position);
                    }
                    (Op::Remove, None)
                }
                (kind, Some(Value::Object(members))) => {
                    members.insert(last.clone(), value());
                    let op = if kind == Kind::Set {
                        Op::Add
                    } else {
                        Op::Replace
                    };
                    (op, written)
                }
                // Okta's `add` makes room in a list.
                (_, Some(parent)) => {
                    if let Some(element) = parent.pointer_mut(&pointer("", [last.as_str()])) {
                        *element = value();
                    }
                    (Op::Replace, written)
                }
                (_, None) => return Ok(None),
            };
            Ok(Some((op, below, written)))
        }
    }
}

/// Whether a change is made only where there is something.
fn is_conditional(kind: Kind) -> bool {
    matches!(kind, Kind::Replace | Kind::Remove)
}

fn fail(what: &str, token: Token) -> Failure {
    let mut message = what.to_owned();
    message.push_str(match token {
        Token::Id => " in the ID token",
        Token::Access => " in the access token",
    });
    Failure::other(message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Patch, Token};
    use crate::patch::write;
    use crate::testing::token_with;

    /// The operations for an access token with these claims.
    fn operations(claims: Value, patch: &Patch) -> Result<Value, String> {
        let call = token_with([("/data/access/claims", claims)]);
        let operations = patch
            .resolve(Token::Access, call.access())
            .map_err(|failure| failure.to_string())?;
        Ok(serde_json::from_str(&write(&operations)).expect("JSON"))
    }

    #[test]
    fn a_claim_is_set_replaced_and_removed() {
        let patch = Patch::new()
            .set("guid", "F038")
            .set("https://id.example/claims/a~b", json!({"n": [1, true]}))
            .replace("level", 3)
            .remove("birthdate");
        assert_eq!(
            operations(json!({"level": 2, "birthdate": "1815-12-10"}), &patch),
            Ok(json!([
                {"op": "add", "path": "/claims/guid", "value": "F038"},
                {
                    "op": "add",
                    "path": "/claims/https:~1~1id.example~1claims~1a~0b",
                    "value": {"n": [1, true]},
                },
                {"op": "replace", "path": "/claims/level", "value": 3},
                {"op": "remove", "path": "/claims/birthdate"},
            ]))
        );
    }

    #[test]
    fn members_of_objects_are_set_replaced_and_removed() {
        let claims = json!({"employee": {"name": "Anna", "email": "anna.v@example.com", "old": 1}});
        let patch = Patch::new()
            .set(["employee", "department"], "4947")
            .set(["employee", "name"], "Anne")
            .replace(["employee", "email"], "anna@example.com")
            .remove(vec!["employee", "old"]);
        assert_eq!(
            operations(claims, &patch),
            Ok(json!([
                {"op": "add", "path": "/claims/employee/department", "value": "4947"},
                {"op": "add", "path": "/claims/employee/name", "value": "Anne"},
                {"op": "replace", "path": "/claims/employee/email", "value": "anna@example.com"},
                {"op": "remove", "path": "/claims/employee/old"},
            ]))
        );
    }

    #[test]
    fn elements_of_lists_are_added_replaced_and_removed() {
        let patch = Patch::new()
            .append("airports", "lax")
            .insert("airports", 4, "muc")
            .set(["airports", "0"], "fra")
            .replace(["airports", "1"], "ber")
            .remove(["airports", "4"]);
        assert_eq!(
            operations(json!({"airports": ["sjc", "sfo", "oak"]}), &patch),
            Ok(json!([
                {"op": "add", "path": "/claims/airports/-", "value": "lax"},
                {"op": "add", "path": "/claims/airports/4", "value": "muc"},
                {"op": "replace", "path": "/claims/airports/0", "value": "fra"},
                {"op": "replace", "path": "/claims/airports/1", "value": "ber"},
                {"op": "remove", "path": "/claims/airports/4"},
            ]))
        );
    }

    #[test]
    fn what_is_not_there_is_neither_removed_nor_replaced() {
        let patch = Patch::new()
            .remove("absent")
            .remove("none")
            .replace("absent", 1)
            .remove(["absent", "member"])
            .replace(["object", "absent"], 1)
            .remove(["list", "1"])
            .remove(["list", "-"])
            .replace(["text", "inside"], 1)
            .remove("object")
            .remove("object")
            .set("null", Value::Null);
        let claims = json!({"none": null, "object": {}, "list": [null], "text": "x"});
        assert_eq!(
            operations(claims, &patch),
            Ok(json!([{"op": "remove", "path": "/claims/object"}]))
        );
    }

    #[test]
    fn what_is_missing_on_the_way_is_created() {
        let patch = Patch::new()
            .set(["employee", "address", "city"], "Bonn")
            .set(["employee", "address", "zip"], "53111")
            .append(["object", "roles"], "admin")
            .append(["object", "roles"], "auditor")
            .append("roles", "admin");
        assert_eq!(
            operations(json!({"object": {"roles": null}}), &patch),
            Ok(json!([
                {"op": "add", "path": "/claims/employee", "value": {"address": {"city": "Bonn"}}},
                {"op": "add", "path": "/claims/employee/address/zip", "value": "53111"},
                {"op": "add", "path": "/claims/object/roles", "value": ["admin"]},
                {"op": "add", "path": "/claims/object/roles/-", "value": "auditor"},
                {"op": "add", "path": "/claims/roles", "value": ["admin"]},
            ]))
        );
    }

    #[test]
    fn a_place_that_cannot_be_is_a_failure() {
        let claims = || json!({"text": "secret", "list": [null], "object": {}});
        for (patch, message) in [
            (
                Patch::new().set(["text", "x"], 1),
                "changes `text/x`, which is inside of a value",
            ),
            (
                Patch::new().set(["list", "0", "x"], 1),
                "changes `list/0/x`, which is inside of",
            ),
            (
                Patch::new().set(["list", "1"], 1),
                "changes `list/1`, which is beyond the end",
            ),
            (
                Patch::new().set(["list", "00"], 1),
                "changes `list/00`, which is beyond the end",
            ),
            (
                Patch::new().append("text", 1),
                "changes `text`, which is no list, in the access",
            ),
            (
                Patch::new().append(["object"], 1),
                "changes `object`, which is no list",
            ),
            (
                Patch::new().insert("list", 2, 1),
                "changes `list`, which is a list that ends before",
            ),
            (
                Patch::new().insert("absent", 0, 1),
                "changes `absent`, which is no list",
            ),
        ] {
            let error = operations(claims(), &patch).expect_err(message);
            assert!(error.starts_with(message), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn reserved_claims_and_lifetimes_out_of_bounds_are_failures_minted_or_not() {
        let seconds = |seconds| Patch::new().lifetime(Duration::from_secs(seconds));
        for patch in [
            Patch::new().set("iss", "https://evil.example"),
            Patch::new().remove(["cnf", "jkt"]),
            Patch::new().append("groups", "Everyone"),
            Patch::new().set("scp", json!([])),
            Patch::new().set("", 1),
            Patch::new().set([""; 0], 1),
            seconds(299),
            seconds(86_401),
            Patch::new().lifetime(Duration::from_millis(86_400_500)),
        ] {
            assert!(patch.resolve(Token::Access, None).is_err(), "{patch:?}");
        }
        for patch in [Patch::new().set("aud", "x"), seconds(300), seconds(86_400)] {
            assert!(operations(json!({}), &patch).is_ok(), "{patch:?}");
        }
        let aud = Patch::new().set("aud", "x");
        let failure = aud.resolve(Token::Id, None).expect_err("reserved");
        assert_eq!(
            failure.to_string(),
            "changes `aud`, reserved by Okta, in the ID token"
        );
    }

    #[test]
    fn pairs_are_set() {
        let patch: Patch = [("tenant", "acme"), ("plan", "gold")].into_iter().collect();
        assert_eq!(
            patch,
            Patch::new().set("tenant", "acme").set("plan", "gold")
        );
        assert!(Patch::new().is_empty() && !patch.is_empty());
    }
}
