//! What a component says about itself, read from the file before anything of it
//! is compiled: which hooks it serves, in which version of the contract, and
//! what it asks for.

use wasmparser::{Parser, Payload};

use crate::okta::HookType;
use crate::telemetry::foreign;

/// The package of the contract.
const PACKAGE: &str = "hookwarden:policy/";

/// The line of the contract that this host serves.
pub(super) const SERVED: &str = "0.1";

/// Imports of the contract that every policy has.
const ALWAYS: [&str; 3] = ["types", "log", "evaluation"];

/// How deep components may be nested, and how many names one may import and
/// export. Tools make a few levels, and some dozens of names.
const MAX_DEPTH: usize = 100;
const MAX_NAMES: usize = 10_000;

/// The bytes of all those names together: they are kept and shown.
const MAX_NAME_BYTES: usize = 256 * 1024;

/// What a component says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The version of the contract it was built for.
    pub version: String,
    /// Everything it imports.
    pub imports: Vec<String>,
    /// The hook types it serves, in the order of their declaration.
    pub hooks: Vec<HookType>,
    /// Whether it checks its settings.
    pub checks_settings: bool,
    /// Whether it imports WASI.
    pub imports_wasi: bool,
    /// The imports that somebody must grant.
    pub asks_for: Vec<String>,
}

/// What a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Secrets.
    Secrets,
    /// Datasets.
    Datasets,
    /// A bucket of values.
    KeyValue,
    /// Requests to services.
    Http,
}

impl Ask {
    /// What an import asks for; `None` if no grant is for it.
    #[must_use]
    pub fn of(import: &str) -> Option<Self> {
        if let Ok(Some(interface)) = interface(import) {
            return match interface {
                "secrets" => Some(Self::Secrets),
                "dataset" => Some(Self::Datasets),
                _ => None,
            };
        }
        match import.split_once('@')? {
            (
                "wasi:keyvalue/store" | "wasi:keyvalue/atomics" | "wasi:keyvalue/batch",
                "0.2.0-draft2",
            ) => Some(Self::KeyValue),
            ("wasi:http/outgoing-handler" | "wasi:http/types", version)
                if version.starts_with("0.2.") =>
            {
                Some(Self::Http)
            }
            _ => None,
        }
    }

    /// What a member of settings names, by its name.
    pub(super) fn named_by(member: &str) -> Option<Self> {
        match member {
            "secret" => Some(Self::Secrets),
            "dataset" => Some(Self::Datasets),
            _ => None,
        }
    }

    /// The key of the configuration, among a policy's grants.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Datasets => "datasets",
            Self::KeyValue => "key_value",
            Self::Http => "http",
        }
    }
}

/// What is asked for, one of it.
impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Secrets => "secret",
            Self::Datasets => "dataset",
            Self::KeyValue => "bucket",
            Self::Http => "origin",
        })
    }
}

/// Why a file is no policy. The names in it are controlled by whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// Not WebAssembly at all.
    #[error("it is not WebAssembly: it does not begin with `\\0asm`")]
    NotWebAssembly,
    /// A module of core WebAssembly.
    #[error(
        "it is a core module, not a component; link it with `wasm-component-ld` (`hookwarden dev` does), or make a component of it with `wasm-tools component new`"
    )]
    CoreModule,
    /// Not valid WebAssembly.
    #[error("it is broken: {}", foreign(.0))]
    Broken(String),
    /// The contract in a version that this host does not serve.
    #[error("it is built for version `{}` of the contract; this host serves {SERVED}.x", foreign(.found))]
    OtherVersion {
        /// The version it names.
        found: String,
    },
    /// Nothing of the contract.
    #[error("it exports no hook; a policy exports one or more of {}", known())]
    NoHook,
    /// An interface that is not in the contract.
    #[error("it exports `{}`, which is not in the contract", foreign(.0))]
    UnknownExport(String),
}

fn known() -> String {
    let names = HookType::ALL.map(|hook| format!("`{PACKAGE}{hook}@{SERVED}.0`"));
    names.join(", ")
}

/// A component as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The hook types that it means to serve, in whatever version of the contract:
    /// a policy that should serve a hook and cannot is a failing policy of it.
    pub hooks: Vec<HookType>,
    /// What it says, if it is a policy of this contract.
    pub contract: Result<Contract, ContractError>,
}

impl Reading {
    /// Adds the hooks that another component means to serve.
    pub(super) fn add_hooks(&mut self, other: &Self) {
        self.hooks.extend(&other.hooks);
        self.hooks.sort_unstable();
        self.hooks.dedup();
    }

    /// Reads a component's own imports and exports.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match names(bytes) {
            Ok((imports, exports)) => {
                let hook = |export: &String| {
                    let (interface, _) = split(export)?;
                    HookType::from_name(interface)
                };
                let mut hooks: Vec<_> = exports.iter().filter_map(hook).collect();
                hooks.sort_unstable();
                hooks.dedup();
                Self {
                    contract: Contract::new(&hooks, imports, exports),
                    hooks,
                }
            }
            Err(error) => Self {
                hooks: Vec::new(),
                contract: Err(error),
            },
        }
    }
}

impl Contract {
    /// What grants are asked for.
    pub(super) fn asks(&self) -> impl Iterator<Item = Ask> {
        self.asks_for.iter().filter_map(|import| Ask::of(import))
    }

    fn new(
        hooks: &[HookType],
        imports: Vec<String>,
        exports: Vec<String>,
    ) -> Result<Self, ContractError> {
        let mut contract = Self {
            version: String::new(),
            imports: imports.clone(),
            hooks: hooks.to_owned(),
            checks_settings: false,
            imports_wasi: false,
            asks_for: Vec::new(),
        };
        for export in exports {
            if let Some((interface, version)) = split(&export)
                && HookType::from_name(interface).is_some()
            {
                version.clone_into(&mut contract.version);
            }
            match interface(&export)? {
                Some("settings") => contract.checks_settings = true,
                Some(name) if HookType::from_name(name).is_none() => {
                    return Err(ContractError::UnknownExport(export));
                }
                // Tools export functions and interfaces of their own.
                Some(_) | None => {}
            }
        }
        if hooks.is_empty() {
            return Err(ContractError::NoHook);
        }
        for import in imports {
            if interface(&import)?.is_some_and(|name| ALWAYS.contains(&name)) {
                continue;
            }
            if is_inert(&import) {
                contract.imports_wasi = true;
            } else {
                contract.asks_for.push(import);
            }
        }
        Ok(contract)
    }
}

/// The part of WASI that is there, and does nothing.
fn is_inert(import: &str) -> bool {
    ["cli", "clocks", "filesystem", "io", "random", "sockets"]
        .iter()
        .any(|package| {
            let rest = import
                .strip_prefix("wasi:")
                .and_then(|rest| rest.strip_prefix(package));
            rest.is_some_and(|rest| rest.starts_with('/') && rest.contains("@0.2."))
        })
}

/// The name of an interface of the contract, in a version that is served; `None`
/// if it is another package's.
fn interface(name: &str) -> Result<Option<&str>, ContractError> {
    let Some((interface, version)) = split(name) else {
        return Ok(None);
    };
    let served = version
        .strip_prefix(SERVED)
        .is_some_and(|patch| patch.starts_with('.'));
    if !served {
        let found = version.to_owned();
        return Err(ContractError::OtherVersion { found });
    }
    Ok(Some(interface))
}

/// Interface and version of a name in the contract's package.
fn split(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix(PACKAGE)?;
    Some(rest.split_once('@').unwrap_or((rest, "")))
}

/// Imports and exports of the outermost component.
fn names(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>), ContractError> {
    if Parser::is_core_wasm(bytes) {
        return Err(ContractError::CoreModule);
    }
    if !Parser::is_component(bytes) {
        return Err(ContractError::NotWebAssembly);
    }
    let broken = |error: wasmparser::BinaryReaderError| ContractError::Broken(error.to_string());
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    let too_much = |what: &str| ContractError::Broken(format!("it has more than {what}"));
    let enough = |names: usize, more: u32| {
        let names = names.saturating_add(usize::try_from(more).unwrap_or(usize::MAX));
        if names > MAX_NAMES {
            return Err(too_much(&format!("{MAX_NAMES} imports and exports")));
        }
        Ok(())
    };
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(too_much(&format!("{MAX_DEPTH} components in each other")));
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                enough(imports.len() + exports.len(), section.count())?;
                for import in section {
                    imports.push(import.map_err(broken)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                enough(imports.len() + exports.len(), section.count())?;
                for export in section {
                    exports.push(export.map_err(broken)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    let bytes: usize = imports.iter().chain(&exports).map(String::len).sum();
    if bytes > MAX_NAME_BYTES {
        return Err(too_much(&format!("{MAX_NAME_BYTES} bytes of names")));
    }
    Ok((imports, exports))
}

#[cfg(test)]
mod tests {
    use super::{Contract, ContractError, Reading, interface, is_inert};

    #[test]
    fn what_is_no_component_is_told_apart() {
        let core = b"\0asm\x01\0\0\0";
        let component = b"\0asm\x0d\0\x01\0";
        let read = |bytes: &[u8]| -> Result<Contract, _> { Reading::of(bytes).contract };
        assert_eq!(read(b""), Err(ContractError::NotWebAssembly));
        assert_eq!(read(b"#!/bin/sh\n"), Err(ContractError::NotWebAssembly));
        assert_eq!(read(core), Err(ContractError::CoreModule));
        assert_eq!(read(component), Err(ContractError::NoHook));
        let cut = [component.as_slice(), b"\x07\xff"].concat();
        assert!(matches!(read(&cut), Err(ContractError::Broken(_))));
    }

    /// Before any of it is read: the names alone would fill memory.
    #[test]
    fn more_names_than_any_tool_makes_are_refused() {
        let imports = [b"\0asm\x0d\0\x01\0".as_slice(), b"\x0a\x02\x91\x4e"].concat();
        let Err(ContractError::Broken(reason)) = Reading::of(&imports).contract else {
            panic!("10,001 imports");
        };
        assert_eq!(reason, "it has more than 10000 imports and exports");
    }

    #[test]
    fn versions_of_the_line_are_served_and_others_are_not() {
        assert_eq!(
            interface("hookwarden:policy/token@0.1.0"),
            Ok(Some("token"))
        );
        assert_eq!(
            interface("hookwarden:policy/token@0.1.7"),
            Ok(Some("token"))
        );
        assert_eq!(interface("wasi:cli/exit@0.2.6"), Ok(None));
        for name in ["token@0.2.0", "token@0.10.0", "token"] {
            assert!(
                interface(&format!("hookwarden:policy/{name}")).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn only_wasi_that_does_nothing_is_inert() {
        assert!(is_inert("wasi:cli/environment@0.2.6"));
        assert!(is_inert("wasi:sockets/tcp@0.2.12"));
        for import in [
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:keyvalue/store@0.2.0-draft",
            "wasi:cli/environment@0.3.0",
            "wasi:clippy/x@0.2.0",
        ] {
            assert!(!is_inert(import), "{import}");
        }
    }
}
