//! Secrets that an operator bound.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Fake, Fakes, keep};

type Values = BTreeMap<String, String>;

thread_local! {
    static SECRETS: Fakes<Values> = const { Fakes::new() };
}

/// Binds secrets to values. A name that no fake binds has none.
///
/// ```
/// use hookwarden_sdk::{secrets, testing};
///
/// let bound = testing::secrets([("crm-token", "hunter2")]);
/// assert!(secrets::get("crm-token").is_some_and(|token| token.reveal() == "hunter2"));
/// drop(bound);
/// assert!(secrets::get("crm-token").is_none());
/// ```
pub fn secrets<N: Into<String>, V: Into<String>>(bound: impl IntoIterator<Item = (N, V)>) -> Fake {
    let bound = bound.into_iter();
    let values = bound.map(|(name, value)| (name.into(), value.into()));
    keep(&SECRETS, Rc::new(values.collect()))
}

pub(crate) fn get(name: &str) -> Option<String> {
    let binds = |values: &Values| values.contains_key(name);
    let values = SECRETS.with(|secrets| secrets.latest(binds))?;
    values.get(name).cloned()
}
