//! Configuration: the file and the environment, checked, and nothing else.
//!
//! Defaults are in `config.default.toml`, which is both what the binary prints
//! and what it reads: a configuration file is laid over it. This is the only
//! place that reads the environment.

mod check;
mod grants;
mod overlay;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::capabilities::dataset::Matching;
use crate::capabilities::http;
use crate::capabilities::secrets::SecretSource;
use crate::hook::{self, HookConfigs};
use crate::policy::{self, Ceiling, Configs, Folder, Offer, PolicyName};
use crate::sandbox::{self, CompileLimits};
use crate::server::{Authentication, OktaConfig, OperatorConfig};
use crate::telemetry;

/// The default file: every key, with a sentence about it.
pub const DEFAULT: &str = include_str!("config.default.toml");

/// A configuration that makes sense.
#[derive(Debug)]
pub struct Config {
    /// The folders of policies.
    pub folders: Vec<Folder>,
    /// What there is to grant.
    pub offer: Offer,
    /// The host's own folder.
    pub state_dir: PathBuf,
    /// How long calls in progress may take to finish at the end.
    pub shutdown_grace: Duration,
    /// Okta's listener.
    pub okta: OktaConfig,
    /// Which calls are Okta's.
    pub authentication: Authentication,
    /// The operator's listener.
    pub operator: OperatorConfig,
    /// The log.
    pub log: telemetry::Config,
    /// The sandbox.
    pub sandbox: sandbox::Config,
    /// The answers that are kept.
    pub reply_cache: hook::ReplyCacheConfig,
    /// The hooks.
    pub hooks: HookConfigs,
    /// The policies.
    pub policies: Configs,
}

/// Why a configuration cannot be used. Its values are quoted, except secrets.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML. Its text is not quoted: it may be a secret that
    /// somebody wrote there.
    #[error("`{}` is not TOML, at line {line}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What TOML expects there.
        reason: String,
    },
    /// A key that does not exist.
    #[error("there is no key `{key}`{}", instead(.nearest.as_ref()))]
    UnknownKey {
        /// The key, with the tables it is in.
        key: String,
        /// The known key that is most like it.
        nearest: Option<String>,
    },
    /// A value that makes no sense.
    #[error("`{key}`: {reason}")]
    Invalid {
        /// The key, with the tables it is in.
        key: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

fn instead(key: Option<&String>) -> String {
    key.map(|key| format!("; the nearest is `{key}`"))
        .unwrap_or_default()
}

/// The file as it is written, with the defaults under it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policy_folder: PathBuf,
    data_folder: PathBuf,
    state_dir: PathBuf,
    #[serde(with = "humantime_serde")]
    shutdown_grace: Duration,
    okta: OktaConfig,
    operator: OperatorConfig,
    log: telemetry::Config,
    sandbox: sandbox::FileConfig,
    compile: CompileLimits,
    reply_cache: hook::ReplyCacheConfig,
    hook: HookFile,
    http: http::FileConfig,
    dataset: DatasetFile,
    folder: FolderFile,
    policy: policy::Config,
}

/// A hook, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookFile {
    r#type: String,
    #[serde(with = "humantime_serde")]
    deadline: Duration,
    failure_text: String,
    policies: Vec<String>,
    secrets: Vec<SecretSource>,
}

/// A dataset, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetFile {
    file: PathBuf,
    r#match: Matching,
    key: String,
    max_file: bytesize::ByteSize,
    max_entries: usize,
}

/// A folder of policies, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FolderFile {
    path: PathBuf,
    ceiling: Ceiling,
}

/// What a command beside a host needs to know of it.
#[derive(Debug)]
pub struct Places {
    /// The host's own folder.
    pub state_dir: PathBuf,
    /// Where its operator's listener is.
    pub operator: SocketAddr,
}

/// Reads a configuration file, and the environment for the secrets that it
/// names. Without a file there are the defaults.
///
/// # Errors
///
/// See [`ConfigError`]. Nothing has been started.
pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
    read(path, None)
}

/// Reads of a configuration file where its host is. No secret is looked for:
/// whoever asks may not have them.
///
/// # Errors
///
/// See [`ConfigError`].
pub fn load_places(path: Option<&Path>) -> Result<Places, ConfigError> {
    let Layers { file, .. } = layers(&text(path)?, path.unwrap_or(Path::new("")), None)?;
    Ok(Places {
        state_dir: file.state_dir,
        operator: file.operator.listen,
    })
}

/// Reads a configuration file as [`load`] does, with this table laid over what it says
/// about one policy.
///
/// # Errors
///
/// See [`ConfigError`]; the table's keys are below `policies.<name>`.
pub fn load_with(
    path: Option<&Path>,
    policy: &PolicyName,
    table: &toml::Table,
) -> Result<Config, ConfigError> {
    read(path, Some((policy, table)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn read(path: Option<&Path>, over: Over<'_>) -> Result<Config, ConfigError> {
    let environment = |name: &str| std::env::var_os(name).map(|value| value.into_encoded_bytes());
    let name = path.unwrap_or(Path::new(""));
    parse_with(&text(path)?, name, &environment, over)
}

/// Where this user's programs keep what they can make again; `None` if the environment does
/// not say.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub fn cache_folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| Some(path).filter(|path| path.is_absolute());
    let own = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let folder = own.and_then(absolute).or_else(|| absolute(home()?))?;
    Some(folder.join("hookwarden"))
}

fn text(path: Option<&Path>) -> Result<String, ConfigError> {
    let Some(path) = path else {
        return Ok(String::new());
    };
    std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
        path: path.to_owned(),
        error,
    })
}

/// A look into the environment: the value of a variable, if there is one.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// A file laid over the defaults.
struct Layers {
    file: File,
    hook: toml::Value,
    policy: toml::Value,
    folder: toml::Value,
    dataset: toml::Value,
    named: overlay::Named,
    names_policy_folder: bool,
}

/// One policy's table, laid over what the file says about it.
type Over<'a> = Option<(&'a PolicyName, &'a toml::Table)>;

fn layers(text: &str, path: &Path, over: Over<'_>) -> Result<Layers, ConfigError> {
    let defaults: toml::Table = DEFAULT.parse().expect("the default configuration is TOML");
    let mut file: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        ConfigError::Parse {
            path: path.to_owned(),
            line: before.unwrap_or_default().matches('\n').count() + 1,
            reason: error.message().to_owned(),
        }
    })?;
    if let Some((policy, table)) = over {
        let named = toml::Table::from_iter([(policy.to_string(), table.clone().into())]);
        let over = toml::Table::from_iter([("policies".to_owned(), named.into())]);
        file = overlay::merge(file, over);
    }
    let (file, named) = overlay::split(file, &defaults)?;
    let names_policy_folder = file.contains_key("policy_folder");
    let merged = overlay::merge(defaults, file);
    Ok(Layers {
        hook: merged["hook"].clone(),
        policy: merged["policy"].clone(),
        folder: merged["folder"].clone(),
        dataset: merged["dataset"].clone(),
        names_policy_folder,
        file: typed("", toml::Value::Table(merged))?,
        named,
    })
}

/// Checks the text of a configuration file; `path` is for messages.
///
/// # Errors
///
/// See [`ConfigError`].
pub fn parse(text: &str, path: &Path, environment: Environment<'_>) -> Result<Config, ConfigError> {
    parse_with(text, path, environment, None)
}

fn parse_with(
    text: &str,
    path: &Path,
    environment: Environment<'_>,
    over: Over<'_>,
) -> Result<Config, ConfigError> {
    let Layers {
        file,
        hook: hook_table,
        policy: policy_table,
        folder: folder_table,
        dataset: dataset_table,
        named: tables,
        names_policy_folder,
    } = layers(text, path, over)?;

    let mut hooks = BTreeMap::new();
    let mut secrets_of_hooks = BTreeMap::new();
    for (name, table) in tables.hooks {
        let key = format!("hooks.{name}");
        let hook = typed(&key, overlay::merge_values(hook_table.clone(), table))?;
        let (hook, secrets) = check::named_hook(&key, &name, hook, environment)?;
        if !secrets.is_empty() {
            secrets_of_hooks.insert(name.clone(), secrets);
        }
        hooks.insert(name, hook);
    }
    let mut policies = BTreeMap::new();
    for (name, table) in tables.policies {
        let key = format!("policies.{name}");
        let name = check::policy_name(&key, &name)?;
        let config = typed(&key, overlay::merge_values(policy_table.clone(), table))?;
        policies.insert(name, check::policy(&key, config)?);
    }
    let mut datasets = BTreeMap::new();
    for (name, table) in tables.datasets {
        let key = format!("datasets.{name}");
        let dataset = typed(&key, overlay::merge_values(dataset_table.clone(), table))?;
        let dataset = grants::dataset(&key, &name, dataset, &file.data_folder)?;
        datasets.insert(name, Arc::new(dataset));
    }
    let mut folders = Vec::new();
    for (name, table) in tables.folders {
        let key = format!("folders.{name}");
        let folder = typed(&key, overlay::merge_values(folder_table.clone(), table))?;
        folders.push(grants::folder(&key, name, folder)?);
    }
    if folders.is_empty() {
        folders.push(Folder::only(file.policy_folder));
    } else if names_policy_folder {
        let reason = "there are `[folders.<name>]`, and this one is not looked at beside them";
        return Err(invalid("policy_folder", reason));
    }
    grants::templates(&file.dataset, &file.folder)?;
    let hooks = HookConfigs {
        default: check::any_hook(file.hook)?,
        named: hooks,
    };
    let policies = Configs {
        default: check::policy("policy", file.policy)?,
        named: policies,
    };
    grants::of_policies(&policies, &folders, &datasets)?;
    check::grace(file.shutdown_grace, &hooks)?;
    check::listeners(file.okta.listen, file.operator.listen)?;
    Ok(Config {
        folders,
        offer: Offer {
            variables: grants::variables(&policies, environment),
            datasets,
            http: grants::http(file.http)?,
        },
        state_dir: file.state_dir,
        shutdown_grace: file.shutdown_grace,
        authentication: check::okta(&file.okta, secrets_of_hooks, environment)?,
        okta: file.okta,
        operator: file.operator,
        log: file.log,
        sandbox: check::sandbox(&file.sandbox, file.compile, &policies)?,
        reply_cache: check::reply_cache(file.reply_cache)?,
        hooks,
        policies,
    })
}

fn invalid(key: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Invalid {
        key: key.to_owned(),
        reason: reason.into(),
    }
}

/// A table as the type of its module.
fn typed<T: DeserializeOwned>(key: &str, table: toml::Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(table).map_err(|error| {
        let path = error.path().to_string();
        let key = match (key, path.as_str()) {
            ("", path) => path.to_owned(),
            (key, ".") => key.to_owned(),
            (key, path) => format!("{key}.{path}"),
        };
        // Whatever stands there may be the secret itself.
        let reason = if key.contains("grants.secrets") {
            "must be a table of names, each with `{ env = \"NAME\" }` or `{ file = \"PATH\" }`"
        } else if key.split('.').any(|part| part.starts_with("secrets")) {
            "must be a list of `{ env = \"NAME\" }` or `{ file = \"PATH\" }`"
        } else {
            error.inner().message().trim_end()
        };
        invalid(&key, reason)
    })
}

#[cfg(test)]
mod tests;
