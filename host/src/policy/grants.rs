//! Grants: what a policy may use beyond its call, as the operator says.
//!
//! The *ceiling* of a folder bounds the grants of every policy in it, whoever wrote the
//! file: what goes beyond it is withheld.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Deserialize;

use super::contract::Ask;
use crate::capabilities::http::Origin;
use crate::capabilities::secrets::SecretSource;
use crate::okta::{Attributes, Authority};

/// What a policy is granted, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// Secrets, by the names that the author gave them.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Datasets that are declared.
    pub datasets: BTreeSet<String>,
    /// Origins that it may send requests to.
    pub http: Vec<Origin>,
    /// Networks that those may be in, although they are not public.
    pub networks: BTreeSet<IpNet>,
    /// Whether it has a bucket of values.
    pub key_value: bool,
}

/// What it may see of a call and do to it, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeNames {
    /// The attributes that it may see; `*` for all.
    pub see: BTreeSet<String>,
    /// The attributes that it may set; `*` for all.
    pub set: BTreeSet<String>,
}

/// Names, or all there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Whatever it is called.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = BTreeSet::<String>::deserialize(deserializer)?;
        Ok(if names.contains("*") {
            Self::All
        } else {
            Self::Only(names)
        })
    }
}

impl Names {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

/// The most that the policies of a folder can be granted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Secrets, by name.
    pub secrets: Names,
    /// Datasets, by name.
    pub datasets: Names,
    /// Origins.
    pub http: Names,
    /// Networks: those that are granted lie within them.
    pub networks: BTreeSet<IpNet>,
    /// Whether they may have a bucket of values.
    pub key_value: bool,
    /// Attributes.
    pub attributes: AttributeNames,
    /// Whether they may deny.
    pub deny: bool,
    /// Whether their debug context goes out.
    pub debug_context: bool,
}

impl Ceiling {
    /// The ceiling of a folder that has none.
    #[must_use]
    pub fn unlimited() -> Self {
        let all = || BTreeSet::from(["*".to_owned()]);
        let everywhere = ["0.0.0.0/0", "::/0"].map(|net| net.parse().expect("a network"));
        Self {
            secrets: Names::All,
            datasets: Names::All,
            http: Names::All,
            networks: everywhere.into(),
            key_value: true,
            attributes: AttributeNames {
                see: all(),
                set: all(),
            },
            deny: true,
            debug_context: true,
        }
    }
}

/// What a policy has: what it is granted, as far as its folder's ceiling lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Beyond the call.
    pub grants: Grants,
    /// Over the call.
    pub authority: Authority,
    /// What is granted and withheld, as [`lines`](Self::lines) has it.
    pub withheld: Vec<String>,
}

/// What the operator says about a policy's authority.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Beyond the call.
    pub grants: &'a Grants,
    /// Of the call's attributes.
    pub attributes: &'a AttributeNames,
    /// Whether it may deny.
    pub deny: bool,
    /// Whether its debug context goes out.
    pub debug_context: bool,
}

impl Effective {
    /// What the operator says, as far as the ceiling lets it.
    #[must_use]
    pub fn new(said: Said<'_>, ceiling: &Ceiling) -> Self {
        let Grants {
            mut secrets,
            mut datasets,
            mut http,
            mut networks,
            key_value,
        } = said.grants.clone();
        secrets.retain(|name, _| ceiling.secrets.has(name));
        datasets.retain(|name| ceiling.datasets.has(name));
        http.retain(|origin| ceiling.http.has(&origin.to_string()));
        networks.retain(|network| ceiling.networks.iter().any(|most| most.contains(network)));
        let mut effective = Self {
            grants: Grants {
                secrets,
                datasets,
                http,
                networks,
                key_value: key_value && ceiling.key_value,
            },
            authority: Authority {
                see: narrowed(&said.attributes.see, &ceiling.attributes.see),
                set: narrowed(&said.attributes.set, &ceiling.attributes.set),
                deny: said.deny && ceiling.deny,
                debug_context: said.debug_context && ceiling.debug_context,
            },
            withheld: Vec::new(),
        };
        let has: BTreeSet<_> = grant_lines(&effective.grants).collect();
        let said = grant_lines(said.grants);
        effective.withheld = said.filter(|line| !has.contains(line)).collect();
        effective
    }

    /// What it has, a line each: for people, for what a revision is made of, and for
    /// comparing two.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = grant_lines(&self.grants).collect();
        let Authority {
            see,
            set,
            deny,
            debug_context,
        } = &self.authority;
        for (verb, attributes) in [("sees", see), ("sets", set)] {
            match attributes {
                Attributes::All => {}
                Attributes::Only(names) if names.is_empty() => {
                    lines.push(format!("{verb} no attribute"));
                }
                Attributes::Only(names) => {
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    lines.push(format!("{verb} only {}", names.join(", ")));
                }
            }
        }
        if !deny {
            lines.push("may not deny".to_owned());
        }
        if !debug_context {
            lines.push("its debug-context is withheld".to_owned());
        }
        lines
    }

    /// Whether it has anything of what is asked for.
    pub(super) fn has(&self, ask: Ask) -> bool {
        let grants = &self.grants;
        match ask {
            Ask::Secrets => !grants.secrets.is_empty(),
            Ask::Datasets => !grants.datasets.is_empty(),
            Ask::KeyValue => grants.key_value,
            Ask::Http => !grants.http.is_empty(),
        }
    }
}

/// The attributes that are in both.
fn narrowed(names: &BTreeSet<String>, most: &BTreeSet<String>) -> Attributes {
    let all = |names: &BTreeSet<String>| names.contains("*");
    match (all(names), all(most)) {
        (_, true) => names.iter().cloned().collect(),
        (true, false) => most.iter().cloned().collect(),
        (false, false) => names.intersection(most).cloned().collect(),
    }
}

fn grant_lines(grants: &Grants) -> impl Iterator<Item = String> {
    let secrets = grants.secrets.keys().map(|name| format!("secret {name}"));
    let datasets = grants.datasets.iter().map(|name| format!("dataset {name}"));
    let http = grants.http.iter().map(|origin| format!("http {origin}"));
    let networks = grants.networks.iter();
    let networks = networks.map(|network| format!("network {network}"));
    let key_value = grants.key_value.then(|| "key-value".to_owned());
    secrets
        .chain(datasets)
        .chain(http)
        .chain(networks)
        .chain(key_value)
}

#[cfg(test)]
mod tests {
    use super::{AttributeNames, Ceiling, Effective, Grants, Said};

    fn grants(text: &str) -> Grants {
        toml::from_str(text).expect("grants")
    }

    const ALL: &str = r#"
        datasets = ["a", "b"]
        http = ["https://one.example", "https://two.example"]
        networks = ["10.1.0.0/16", "192.168.1.1/32"]
        key_value = true
        secrets = { key = { env = "KEY" } }
    "#;

    fn attributes(text: &str) -> AttributeNames {
        toml::from_str(text).expect("names")
    }

    fn effective(said: &str, ceiling: &Ceiling) -> Effective {
        let attributes = attributes(said);
        let said = Said {
            grants: &grants(ALL),
            attributes: &attributes,
            deny: true,
            debug_context: true,
        };
        Effective::new(said, ceiling)
    }

    #[test]
    fn without_a_ceiling_everything_is_as_it_is_said() {
        let effective = effective("see = ['*']\nset = ['x', 'y']", &Ceiling::unlimited());
        assert_eq!(
            effective.lines(),
            [
                "secret key",
                "dataset a",
                "dataset b",
                "http https://one.example",
                "http https://two.example",
                "network 10.1.0.0/16",
                "network 192.168.1.1/32",
                "key-value",
                "sets only x, y",
            ]
        );
        assert!(effective.withheld.is_empty());
    }

    #[test]
    fn a_ceiling_withholds_what_is_beyond_it() {
        let ceiling = r#"
            secrets = []
            datasets = ["b", "c"]
            http = ["https://two.example"]
            networks = ["10.0.0.0/8"]
            key_value = false
            attributes = { see = ["x"], set = ["y", "z"] }
            deny = false
            debug_context = false
        "#;
        let ceiling: Ceiling = toml::from_str(ceiling).expect("a ceiling");
        let effective = effective("see = ['*']\nset = ['x', 'y']", &ceiling);
        assert_eq!(
            effective.lines(),
            [
                "dataset b",
                "http https://two.example",
                "network 10.1.0.0/16",
                "sees only x",
                "sets only y",
                "may not deny",
                "its debug-context is withheld",
            ]
        );
        assert_eq!(
            effective.withheld,
            [
                "secret key",
                "dataset a",
                "http https://one.example",
                "network 192.168.1.1/32",
                "key-value",
            ]
        );
    }

    #[test]
    fn of_attributes_only_what_both_have_is_left() {
        let ceiling = |see: &str| Ceiling {
            attributes: attributes(&format!("see = {see}\nset = []")),
            ..Ceiling::unlimited()
        };
        let lines = |said: &str, most: &str| {
            let said = format!("see = {said}\nset = ['*']");
            effective(&said, &ceiling(most)).lines().split_off(8)
        };
        let nothing = "sets no attribute";
        assert_eq!(lines("['*']", "['*']"), [nothing]);
        assert_eq!(lines("['a', 'b']", "['*']"), ["sees only a, b", nothing]);
        assert_eq!(lines("['a', 'b']", "['b', 'c']"), ["sees only b", nothing]);
        assert_eq!(lines("['a']", "['b']"), ["sees no attribute", nothing]);
        assert_eq!(lines("[]", "['*']"), ["sees no attribute", nothing]);
    }
}
