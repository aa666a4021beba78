//! What a component says about itself, read from the file before anything of it
//! is compiled: which hooks it serves, in which version of the contract, and
//! what it asks for.

use wasmparser::{Parser, Payload};

use crate::okta::HookType;
use crate::telemetry::foreign;

/// The package of the contract.
const PACKAGE: &str = "hookwarden:policy/";

/// The lines of the contract that this host serves.
const SERVED: &str = "0.1";

/// Imports of the contract that every policy has.
const ALWAYS: [&str; 3] = ["types", "log", "evaluation"];

/// What a component says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The hook types it serves, in the order of their declaration.
    pub hooks: Vec<HookType>,
    /// Whether it checks its settings.
    pub checks_settings: bool,
    /// Whether it imports WASI.
    pub imports_wasi: bool,
    /// The imports that somebody must grant.
    pub asks_for: Vec<String>,
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

impl Contract {
    /// Reads a component's own imports and exports.
    ///
    /// # Errors
    ///
    /// It is no policy of this contract.
    pub fn read(bytes: &[u8]) -> Result<Self, ContractError> {
        if Parser::is_core_wasm(bytes) {
            return Err(ContractError::CoreModule);
        }
        if !Parser::is_component(bytes) {
            return Err(ContractError::NotWebAssembly);
        }
        let (imports, exports) =
            names(bytes).map_err(|error| ContractError::Broken(error.to_string()))?;

        let mut contract = Self {
            hooks: Vec::new(),
            checks_settings: false,
            imports_wasi: false,
            asks_for: Vec::new(),
        };
        for export in exports {
            match interface(&export)? {
                Some("settings") => contract.checks_settings = true,
                Some(name) => {
                    let unknown = || ContractError::UnknownExport(export.clone());
                    let hook = HookType::from_name(name).ok_or_else(unknown)?;
                    contract.hooks.push(hook);
                }
                // Tools export functions and interfaces of their own.
                None => {}
            }
        }
        if contract.hooks.is_empty() {
            return Err(ContractError::NoHook);
        }
        contract.hooks.sort_unstable();
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
    let Some(rest) = name.strip_prefix(PACKAGE) else {
        return Ok(None);
    };
    let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
    let served = version
        .strip_prefix(SERVED)
        .is_some_and(|patch| patch.starts_with('.'));
    if !served {
        let found = version.to_owned();
        return Err(ContractError::OtherVersion { found });
    }
    Ok(Some(interface))
}

/// Imports and exports of the outermost component.
fn names(bytes: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

#[cfg(test)]
mod tests {
    use super::{Contract, ContractError, interface, is_inert};

    #[test]
    fn what_is_no_component_is_told_apart() {
        let core = b"\0asm\x01\0\0\0";
        let component = b"\0asm\x0d\0\x01\0";
        assert_eq!(Contract::read(b""), Err(ContractError::NotWebAssembly));
        assert_eq!(
            Contract::read(b"#!/bin/sh\n"),
            Err(ContractError::NotWebAssembly)
        );
        assert_eq!(Contract::read(core), Err(ContractError::CoreModule));
        assert_eq!(Contract::read(component), Err(ContractError::NoHook));
        let cut = [component.as_slice(), b"\x07\xff"].concat();
        assert!(matches!(
            Contract::read(&cut),
            Err(ContractError::Broken(_))
        ));
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
