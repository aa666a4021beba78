//! Configuration: the file and the environment, checked, and nothing else.
//!
//! Defaults are in `config.default.toml`, which is both what the binary prints
//! and what it reads: a configuration file is laid over it. This is the only
//! place that reads the environment.

mod overlay;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::hook::{self, HookConfigs, RESERVE};
use crate::okta::HookType;
use crate::policy::{self, Configs, PolicyName};
use crate::sandbox::{self, CompileLimits};
use crate::server::{Authentication, OktaConfig, OperatorConfig, Secret, SecretConfig};
use crate::telemetry;

/// The default file: every key, with a sentence about it.
pub const DEFAULT: &str = include_str!("config.default.toml");

/// A hook's deadline is no longer than this: Okta waits 3 seconds, the way there
/// and back included.
///
/// Source: Okta, *Inline hooks*, concepts, timeout and retry.
const LONGEST_DEADLINE: Duration = Duration::from_millis(2_800);

/// The longest text for a person to read at a field of a form, in bytes.
const LONGEST_TEXT: usize = 1_000;

/// A configuration that makes sense.
#[derive(Debug)]
pub struct Config {
    /// The folder of policies.
    pub policy_folder: PathBuf,
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
    state_dir: PathBuf,
    #[serde(with = "humantime_serde")]
    shutdown_grace: Duration,
    okta: OktaConfig,
    operator: OperatorConfig,
    log: telemetry::Config,
    sandbox: sandbox::FileConfig,
    compile: CompileLimits,
    reply_cache: hook::ReplyCacheConfig,
    hook: hook::Config,
    policy: policy::Config,
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
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
    let environment = |name: &str| std::env::var_os(name).map(|value| value.into_encoded_bytes());
    parse(&text(path)?, path.unwrap_or(Path::new("")), &environment)
}

/// Reads of a configuration file where its host is. No secret is looked for:
/// whoever asks may not have them.
///
/// # Errors
///
/// See [`ConfigError`].
pub fn load_places(path: Option<&Path>) -> Result<Places, ConfigError> {
    let Layers { file, .. } = layers(&text(path)?, path.unwrap_or(Path::new("")))?;
    Ok(Places {
        state_dir: file.state_dir,
        operator: file.operator.listen,
    })
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
    named: overlay::Named,
}

fn layers(text: &str, path: &Path) -> Result<Layers, ConfigError> {
    let defaults: toml::Table = DEFAULT.parse().expect("the default configuration is TOML");
    let file: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        ConfigError::Parse {
            path: path.to_owned(),
            line: before.unwrap_or_default().matches('\n').count() + 1,
            reason: error.message().to_owned(),
        }
    })?;
    let (file, named) = overlay::split(file, &defaults)?;
    let merged = overlay::merge(defaults, file);
    Ok(Layers {
        hook: merged["hook"].clone(),
        policy: merged["policy"].clone(),
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
    let Layers {
        file,
        hook: hook_table,
        policy: policy_table,
        named: tables,
    } = layers(text, path)?;

    let mut hooks = BTreeMap::new();
    for (name, table) in tables.hooks {
        let key = format!("hooks.{name}");
        let hook_type = HookType::from_name(&name)
            .filter(|hook_type| hook_type.is_served())
            .ok_or_else(|| invalid(&key, "the only hook of this version is `registration`"))?;
        let config = typed(&key, overlay::merge_values(hook_table.clone(), table))?;
        hooks.insert(hook_type, check_hook(&key, config)?);
    }
    let mut policies = BTreeMap::new();
    for (name, table) in tables.policies {
        let key = format!("policies.{name}");
        let name = policy_name(&key, &name)?;
        let config = typed(&key, overlay::merge_values(policy_table.clone(), table))?;
        policies.insert(name, check_policy(&key, config)?);
    }
    let hooks = HookConfigs {
        default: check_hook("hook", file.hook)?,
        named: hooks,
    };
    let policies = Configs {
        default: check_policy("policy", file.policy)?,
        named: policies,
    };
    let authentication = check_okta(&file.okta, environment)?;
    let longest = hooks
        .named
        .values()
        .map(|hook| hook.deadline)
        .fold(hooks.default.deadline, Duration::max);
    if file.shutdown_grace < longest {
        let reason = format!(
            "`{:?}` is less than a hook's deadline, `{longest:?}`",
            file.shutdown_grace
        );
        return Err(invalid("shutdown_grace", reason));
    }
    let (okta, operator) = (file.okta.listen, file.operator.listen);
    if okta == operator && okta.port() != 0 {
        return Err(invalid(
            "operator.listen",
            format!("`{operator}` is Okta's already"),
        ));
    }
    Ok(Config {
        policy_folder: file.policy_folder,
        state_dir: file.state_dir,
        shutdown_grace: file.shutdown_grace,
        okta: file.okta,
        authentication,
        operator: file.operator,
        log: file.log,
        sandbox: check_sandbox(&file.sandbox, file.compile, &policies)?,
        reply_cache: check_reply_cache(file.reply_cache)?,
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
        let reason = if key.starts_with("okta.secrets") {
            "must be a list of `{ env = \"NAME\" }` or `{ file = \"PATH\" }`"
        } else {
            error.inner().message().trim_end()
        };
        invalid(&key, reason)
    })
}

fn policy_name(key: &str, name: &str) -> Result<PolicyName, ConfigError> {
    let reason = format!("`{name}` is no policy's name: 1 to 63 of a-z, 0-9 and `-`");
    PolicyName::new(name).ok_or_else(|| invalid(key, reason))
}

fn check_hook(key: &str, config: hook::Config) -> Result<hook::Config, ConfigError> {
    let deadline = config.deadline;
    if deadline > LONGEST_DEADLINE {
        let reason = format!("`{deadline:?}` is more than 2.8s, and Okta gives up after 3s");
        return Err(invalid(&format!("{key}.deadline"), reason));
    }
    if deadline < 2 * RESERVE {
        let reason = format!("`{deadline:?}` is less than 100ms, of which 50 are for the answer");
        return Err(invalid(&format!("{key}.deadline"), reason));
    }
    if config.failure_text.len() > LONGEST_TEXT {
        let reason = format!("has more than {LONGEST_TEXT} bytes");
        return Err(invalid(&format!("{key}.failure_text"), reason));
    }
    let key = format!("{key}.policies");
    for (index, name) in config.policies.iter().enumerate() {
        policy_name(&key, name)?;
        if config.policies[..index].contains(name) {
            return Err(invalid(&key, format!("`{name}` stands there twice")));
        }
    }
    Ok(config)
}

fn check_policy(key: &str, config: policy::Config) -> Result<policy::Config, ConfigError> {
    let limits = &config.limits;
    let refuse =
        |limit: &str, reason: String| Err(invalid(&format!("{key}.limits.{limit}"), reason));
    if limits.fuel == 0 {
        return refuse("fuel", "`0` lets no policy do anything".to_owned());
    }
    let deadline = limits.deadline;
    if !(Duration::from_millis(1)..=LONGEST_DEADLINE).contains(&deadline) {
        return refuse(
            "deadline",
            format!("`{deadline:?}` is not from 1ms to 2.8s"),
        );
    }
    for (limit, size, least, most) in [
        ("memory", limits.memory, "64KiB", "1GiB"),
        ("host_bytes", limits.host_bytes, "1KiB", "1GiB"),
        ("log_bytes", limits.log_bytes, "1KiB", "64MiB"),
        ("output", limits.output, "1KiB", "16MiB"),
    ] {
        let parse = |text: &str| text.parse::<ByteSize>().expect("a size");
        if !(parse(least)..=parse(most)).contains(&size) {
            return refuse(limit, format!("`{size}` is not from {least} to {most}"));
        }
    }
    for (limit, number, most) in [
        ("table_elements", limits.table_elements, 1_000_000),
        ("host_calls", limits.host_calls, 10_000_000),
        ("handles", limits.handles, 100_000),
        ("evaluations", limits.evaluations, 1_000),
        ("slow_evaluations", limits.slow_evaluations, 1_000),
    ] {
        if !(1..=most).contains(&number) {
            return refuse(limit, format!("`{number}` is not from 1 to {most}"));
        }
    }
    Ok(config)
}

fn check_sandbox(
    file: &sandbox::FileConfig,
    compile: CompileLimits,
    policies: &Configs,
) -> Result<sandbox::Config, ConfigError> {
    let sandbox::FileConfig {
        evaluations,
        slow_evaluations: slow,
        stack,
    } = *file;
    if !(2..=1_000).contains(&evaluations) {
        let reason = format!("`{evaluations}` is not from 2 to 1000");
        return Err(invalid("sandbox.evaluations", reason));
    }
    if !(1..evaluations).contains(&slow) {
        let reason = format!(
            "`{slow}` is not from 1 to less than `sandbox.evaluations`, `{evaluations}`: some places are for those that are quick"
        );
        return Err(invalid("sandbox.slow_evaluations", reason));
    }
    let stack_bytes = usize::try_from(stack.as_u64()).unwrap_or(usize::MAX);
    if !(sandbox::LEAST_STACK..=sandbox::MOST_STACK).contains(&stack_bytes) {
        let reason = format!("`{stack}` is not from 64KiB to 8MiB");
        return Err(invalid("sandbox.stack", reason));
    }
    let most = |of: fn(&policy::FileLimits) -> u64| {
        let named = policies.named.values().map(|policy| of(&policy.limits));
        let most = named.fold(of(&policies.default.limits), u64::max);
        usize::try_from(most).unwrap_or(usize::MAX)
    };
    Ok(sandbox::Config {
        evaluations,
        slow,
        priority: sandbox::Priority::Idle,
        stack: stack_bytes,
        memory: most(|limits| limits.memory.as_u64()),
        table_elements: most(|limits| u64::from(limits.table_elements)),
        compile: check_compile(compile)?,
    })
}

/// Okta repeats a call when it has waited for three seconds.
fn check_reply_cache(
    config: hook::ReplyCacheConfig,
) -> Result<hook::ReplyCacheConfig, ConfigError> {
    let keep = config.keep;
    let (least, most) = (Duration::from_secs(1), Duration::from_secs(600));
    if !keep.is_zero() && !(least..=most).contains(&keep) {
        let reason = format!("`{keep:?}` is neither `0s`, for none, nor from 1s to 10m");
        return Err(invalid("reply_cache.keep", reason));
    }
    if !(1..=1_000_000).contains(&config.answers) {
        let reason = format!("`{}` is not from 1 to 1000000", config.answers);
        return Err(invalid("reply_cache.answers", reason));
    }
    let (least, most) = (ByteSize::kib(512), ByteSize::gib(4));
    if !(least..=most).contains(&config.bytes) {
        let reason = format!("`{}` is not from 512KiB to 4GiB", config.bytes);
        return Err(invalid("reply_cache.bytes", reason));
    }
    Ok(config)
}

fn check_compile(limits: CompileLimits) -> Result<CompileLimits, ConfigError> {
    let memory = limits.memory;
    let (least, most) = (bytesize::ByteSize::mib(256), bytesize::ByteSize::gib(64));
    if !(least..=most).contains(&memory) {
        let reason = format!("`{memory}` is not from 256MiB to 64GiB");
        return Err(invalid("compile.memory", reason));
    }
    let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
    for (key, time) in [
        ("compile.cpu_time", limits.cpu_time),
        ("compile.timeout", limits.timeout),
    ] {
        if !(second..=hour).contains(&time) {
            return Err(invalid(key, format!("`{time:?}` is not from 1s to 1h")));
        }
    }
    if limits.cpu_time.subsec_nanos() != 0 {
        let reason = format!("`{:?}` is not in whole seconds", limits.cpu_time);
        return Err(invalid("compile.cpu_time", reason));
    }
    Ok(limits)
}

fn check_okta(
    config: &OktaConfig,
    environment: Environment<'_>,
) -> Result<Authentication, ConfigError> {
    for (key, value, most) in [
        ("okta.max_body", config.max_body.as_u64(), 64 << 20),
        ("okta.max_head", config.max_head.as_u64(), 1 << 20),
    ] {
        if !(8 * 1024..=most).contains(&value) {
            let most = bytesize::ByteSize::b(most);
            return Err(invalid(key, format!("must be from 8KiB to {most}")));
        }
    }
    if config.head_timeout.is_zero() {
        return Err(invalid("okta.head_timeout", "must be longer than `0s`"));
    }
    for (key, value) in [
        ("okta.max_connections", config.max_connections),
        ("okta.max_calls", config.max_calls),
    ] {
        if !(1..=1_000_000).contains(&value) {
            return Err(invalid(key, format!("`{value}` is not from 1 to 1000000")));
        }
    }
    if config.secrets.is_empty() {
        if !config.listen.ip().is_loopback() {
            let listen = config.listen;
            let reason = format!(
                "`{listen}` can be reached by others, and there is no secret; set `okta.secrets`"
            );
            return Err(invalid("okta.listen", reason));
        }
        return Ok(Authentication::Off);
    }
    if config.secrets.len() > 2 {
        let reason = "more than two; the second is for the time of a replacement";
        return Err(invalid("okta.secrets", reason));
    }
    let secrets = config.secrets.iter().enumerate();
    let secrets = secrets
        .map(|(index, source)| secret(&format!("okta.secrets[{index}]"), source, environment))
        .collect::<Result<_, _>>()?;
    Authentication::header(&config.header, secrets).ok_or_else(|| {
        let reason = format!("`{}` is no header's name", config.header);
        invalid("okta.header", reason)
    })
}

/// Reads a secret. No error quotes its value.
fn secret(
    key: &str,
    source: &SecretConfig,
    environment: Environment<'_>,
) -> Result<Secret, ConfigError> {
    let mut value = match source {
        SecretConfig::Env(name) => environment(name)
            .ok_or_else(|| invalid(key, format!("the environment has no `{name}`")))?,
        SecretConfig::File(path) => std::fs::read(path)
            .map_err(|error| invalid(key, format!("cannot read `{}`: {error}", path.display())))?,
    };
    while value
        .last()
        .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
    {
        value.pop();
    }
    Secret::new(&value).map_err(|error| invalid(key, error.to_string()))
}

#[cfg(test)]
mod tests;
