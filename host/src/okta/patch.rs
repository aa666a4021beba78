//! Patches: what Okta's `…patch` commands do to a token or an assertion.
//!
//! A patch is a list of `{"op", "path", "value"}` after RFC 6902, with paths after RFC
//! 6901. Okta drops a whole patch for one operation that cannot be carried out, and says
//! so only in its System Log, so each is carried out here first, on what the call says
//! is there.
//!
//! Patches of several policies follow each other in the order of the chain. A policy
//! whose patch changes what one before it changes, or a part of that, or the whole that
//! it is a part of, loses its patch, all of it: half a patch is not what its author
//! wrote. The conflict is recorded. Values that several policies append to one list do
//! not collide.

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::answer::Value;
use super::check::{self, violation, violation_of};
use super::conflict::Conflicts;
use super::violation::{Rule, Violation};

/// The most operations on one document in one decision. Okta's own limit is not
/// documented.
const MAX_OPERATIONS: usize = 256;

/// Operations on one document.
#[derive(Debug, Default, Clone)]
pub(super) struct Patch {
    operations: Vec<Accepted>,
    /// What the document is after them. Only while one policy's are read: those of
    /// several do not depend on each other.
    document: Option<Json>,
}

/// An operation that can be carried out.
#[derive(Debug, Clone)]
struct Accepted {
    policy: usize,
    place: Place,
    json: Box<RawValue>,
}

/// What an operation changes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Names and indices from the top. For an element that is put into a list or taken
    /// from it, the list's: it moves the others.
    path: Vec<String>,
    /// Whether it only puts something at the end of a list.
    appends: bool,
}

impl Place {
    /// Whether the two cannot be changed independently.
    fn collides(&self, other: &Self) -> bool {
        let both_append = self.appends && other.appends && self.path == other.path;
        let mut steps = self.path.iter().zip(&other.path);
        !both_append && steps.all(|(one, two)| one == two)
    }
}

/// One operation, as a policy wrote it.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    pub(super) op: Op,
    /// Names and indices from the top.
    pub(super) path: Vec<String>,
    /// Not `null`; there unless something is removed.
    pub(super) value: Option<&'a RawValue>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// Sets a member, whether or not it is there, or puts an element into a list.
    Add,
    /// Sets what is there.
    Replace,
    /// Takes away what is there.
    Remove,
}

impl Patch {
    /// Adds the value of a command: operations on a document, which is `original` before
    /// the first. `check` has the hook's own rules.
    ///
    /// # Errors
    ///
    /// Okta would drop the patch.
    pub(super) fn read(
        &mut self,
        value: &str,
        at: &str,
        original: impl FnOnce() -> Json,
        check: impl Fn(&Operation<'_>, &str) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let operations = check::list(value, at)?;
        let found = self.operations.len() + operations.len();
        if found > MAX_OPERATIONS {
            let (of, limit) = ("operations", MAX_OPERATIONS);
            return Err(violation(Rule::TooMany { of, limit, found }, at));
        }
        if operations.is_empty() {
            return Ok(());
        }
        let document = self.document.get_or_insert_with(original);
        for (index, json) in operations.into_iter().enumerate() {
            let at = format!("{at}[{index}]");
            let operation = read(json.get(), &at)?;
            check(&operation, &at)?;
            let place =
                apply(document, operation).map_err(|rule| violation(rule, format!("{at}.path")))?;
            self.operations.push(Accepted {
                policy: 0,
                place,
                json: json.to_owned(),
            });
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Adds another policy's operations, or none of them.
    pub(super) fn join(&mut self, own: Self, policy: usize, conflicts: &mut Conflicts) {
        let mut collide = false;
        for operation in &own.operations {
            let mut earlier = self.operations.iter();
            if let Some(earlier) = earlier.find(|other| other.place.collides(&operation.place)) {
                conflicts.note(earlier.policy, policy);
                collide = true;
            }
        }
        if !collide {
            let own = own.operations.into_iter();
            self.operations.extend(own.map(|operation| Accepted {
                policy,
                ..operation
            }));
        }
    }

    /// As the value of a command.
    pub(super) fn value(&self) -> Value<'_> {
        let operations = self.operations.iter();
        Value::List(operations.map(|operation| &*operation.json).collect())
    }
}

/// Reads an operation.
fn read<'a>(json: &'a str, at: &str) -> Result<Operation<'a>, Violation> {
    const KNOWN: &str = "an object of `op`, `path` and `value`";
    let (mut op, mut path, mut value) = (None, None, None);
    for (name, json) in check::object(json, at)?.into_vec() {
        match &*name {
            "op" => op = Some(json),
            "path" => path = Some(json),
            "value" => value = Some(json).filter(|json| json.get() != "null"),
            _ => {
                let rule = Rule::UnknownValue { known: KNOWN };
                return Err(violation_of(rule, at, name));
            }
        }
    }
    let wrong =
        |member, expected| violation(Rule::WrongType { expected }, format!("{at}.{member}"));
    let op = match op.map(RawValue::get) {
        Some(r#""add""#) => Op::Add,
        Some(r#""replace""#) => Op::Replace,
        Some(r#""remove""#) => Op::Remove,
        _ => {
            let known = "`add`, `replace` or `remove`";
            return Err(violation(Rule::UnknownValue { known }, format!("{at}.op")));
        }
    };
    let path = path.and_then(|path| serde_json::from_str::<String>(path.get()).ok());
    let path = path.ok_or_else(|| wrong("path", "text"))?;
    let path = steps(&path)
        .ok_or_else(|| wrong("path", "a JSON Pointer (RFC 6901), such as `/claims/name`"))?;
    match (op, value) {
        (Op::Remove, Some(_)) => return Err(wrong("value", "absent: `remove` takes none")),
        (Op::Add | Op::Replace, None) => return Err(wrong("value", "there, and not `null`")),
        _ => {}
    }
    Ok(Operation { op, path, value })
}

/// The steps of a JSON Pointer, at least one; `None` if it is none.
fn steps(pointer: &str) -> Option<Vec<String>> {
    let steps = pointer.strip_prefix('/')?.split('/');
    steps
        .map(|step| {
            let mut escapes = step.split('~').skip(1);
            let are_escapes = escapes.all(|rest| rest.starts_with(['0', '1']));
            are_escapes.then(|| step.replace("~1", "/").replace("~0", "~"))
        })
        .collect()
}

/// Carries an operation out; says what it changed.
fn apply(document: &mut Json, operation: Operation<'_>) -> Result<Place, Rule> {
    let Operation { op, path, value } = operation;
    let value = value.and_then(|value| serde_json::from_str(value.get()).ok());
    let value = || value.unwrap_or_default();
    let (last, parents) = path.split_last().ok_or(Rule::NothingThere)?;
    let mut parent = document;
    for step in parents {
        parent = match parent {
            Json::Object(members) => members.get_mut(step).ok_or(Rule::NothingThere)?,
            Json::Array(elements) => {
                let index = index(step).ok_or(Rule::PastTheEnd)?;
                elements.get_mut(index).ok_or(Rule::PastTheEnd)?
            }
            _ => return Err(Rule::NothingThere),
        };
    }
    let in_list = |appends| Place {
        path: parents.to_vec(),
        appends,
    };
    match parent {
        Json::Object(members) => {
            if op != Op::Add && !members.contains_key(last) {
                return Err(Rule::NothingThere);
            }
            if op == Op::Remove {
                members.remove(last);
            } else {
                members.insert(last.clone(), value());
            }
            let appends = false;
            Ok(Place { path, appends })
        }
        Json::Array(elements) if op == Op::Add && last == "-" => {
            elements.push(value());
            Ok(in_list(true))
        }
        Json::Array(elements) => {
            let places = elements.len() + usize::from(op == Op::Add);
            let index = index(last).filter(|index| *index < places);
            let index = index.ok_or(Rule::PastTheEnd)?;
            match op {
                Op::Add => elements.insert(index, value()),
                Op::Replace => elements[index] = value(),
                Op::Remove => {
                    elements.remove(index);
                }
            }
            Ok(in_list(false))
        }
        _ => Err(Rule::NothingThere),
    }
}

/// The index that a step names, if it does.
fn index(step: &str) -> Option<usize> {
    let is_index = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| is_index)
}

#[cfg(test)]
mod tests;
