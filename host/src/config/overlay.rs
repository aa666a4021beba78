//! A configuration file, laid over the defaults.
//!
//! The default file has every key, so it is also the list of known ones. Tables
//! of named hooks, policies, folders and datasets are laid over `[hook]`, `[policy]`,
//! `[folder]` and `[dataset]`.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::ConfigError;

/// Tables whose names are the operator's.
pub(super) struct Named {
    pub(super) hooks: BTreeMap<String, Value>,
    pub(super) policies: BTreeMap<String, Value>,
    pub(super) folders: BTreeMap<String, Value>,
    pub(super) datasets: BTreeMap<String, Value>,
}

/// Where they stand.
const NAMED: [&str; 4] = ["hooks", "policies", "folders", "datasets"];

/// Takes the named tables out of a file, and refuses keys that the defaults do
/// not have.
pub(super) fn split(mut file: Table, defaults: &Table) -> Result<(Table, Named), ConfigError> {
    let hooks = take(&mut file, "hooks", &defaults["hook"])?;
    let policies = take(&mut file, "policies", &defaults["policy"])?;
    let folders = take(&mut file, "folders", &defaults["folder"])?;
    let datasets = take(&mut file, "datasets", &defaults["dataset"])?;
    check("", &file, defaults)?;
    let named = Named {
        hooks,
        policies,
        folders,
        datasets,
    };
    Ok((file, named))
}

fn take(
    file: &mut Table,
    key: &str,
    defaults: &Value,
) -> Result<BTreeMap<String, Value>, ConfigError> {
    let not_a_table = |key: &str, value: &Value| ConfigError::Invalid {
        key: key.to_owned(),
        reason: format!("must be a table, not {}", value.type_str()),
    };
    let mut named = BTreeMap::new();
    let tables = match file.remove(key) {
        None => return Ok(named),
        Some(Value::Table(tables)) => tables,
        Some(other) => return Err(not_a_table(key, &other)),
    };
    for (name, table) in tables {
        let key = format!("{key}.{name}");
        match (&table, defaults) {
            (Value::Table(table), Value::Table(defaults)) => check(&key, table, defaults)?,
            (other, _) => return Err(not_a_table(&key, other)),
        }
        named.insert(name, table);
    }
    Ok(named)
}

/// Refuses keys that the defaults do not have.
fn check(prefix: &str, table: &Table, defaults: &Table) -> Result<(), ConfigError> {
    let full = |key: &str| match prefix {
        "" => key.to_owned(),
        prefix => format!("{prefix}.{key}"),
    };
    for (key, value) in table {
        match (defaults.get(key), value) {
            // An empty one is of names that are the operator's.
            (Some(Value::Table(defaults)), Value::Table(_)) if defaults.is_empty() => {}
            (Some(Value::Table(defaults)), Value::Table(table)) => {
                check(&full(key), table, defaults)?;
            }
            (Some(_), _) => {}
            (None, _) => {
                let named = NAMED.into_iter().filter(|_| prefix.is_empty());
                let nearest = defaults
                    .keys()
                    .map(String::as_str)
                    .chain(named)
                    .map(|known| (strsim::damerau_levenshtein(key, known), known))
                    .filter(|(distance, known)| *distance <= known.len().max(key.len()) / 2)
                    .min();
                return Err(ConfigError::UnknownKey {
                    key: full(key),
                    nearest: nearest.map(|(_, known)| full(known)),
                });
            }
        }
    }
    Ok(())
}

/// `over` laid over `under`: tables are merged, everything else is replaced.
pub(super) fn merge(mut under: Table, over: Table) -> Table {
    for (key, value) in over {
        let merged = match under.remove(&key) {
            Some(under) => merge_values(under, value),
            None => value,
        };
        under.insert(key, merged);
    }
    under
}

pub(super) fn merge_values(under: Value, over: Value) -> Value {
    match (under, over) {
        (Value::Table(under), Value::Table(over)) => Value::Table(merge(under, over)),
        (_, over) => over,
    }
}
