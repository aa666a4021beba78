//! Whether what a configuration says makes sense: each part, and the parts together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytesize::ByteSize;

use super::{ConfigError, Environment, HookFile, invalid};
use crate::capabilities::secrets::{self as source, SecretSource};
use crate::hook::{self, HookConfigs, NamedHook, RESERVE};
use crate::okta::HookType;
use crate::policy::{self, Configs, PolicyName};
use crate::sandbox::{self, CompileLimits};
use crate::server::{Authentication, OktaConfig, Secret};

/// A hook's deadline is no longer than this: Okta waits 3 seconds, the way there
/// and back included.
///
/// Source: Okta, *Inline hooks*, concepts, timeout and retry.
const LONGEST_DEADLINE: Duration = Duration::from_millis(2_800);

/// The longest text for a person to read at a field of a form, in bytes.
const LONGEST_TEXT: usize = 1_000;

pub(super) fn policy_name(key: &str, name: &str) -> Result<PolicyName, ConfigError> {
    let reason = format!("`{name}` is no policy's name: 1 to 63 of a-z, 0-9 and `-`");
    PolicyName::new(name).ok_or_else(|| invalid(key, reason))
}

/// What holds for every hook that says nothing else.
pub(super) fn any_hook(file: HookFile) -> Result<hook::Config, ConfigError> {
    if !file.r#type.is_empty() || !file.secrets.is_empty() {
        let reason = "`type` and `secrets` are of one hook each, in `[hooks.<name>]`";
        return Err(invalid("hook", reason));
    }
    hook("hook", file)
}

/// A hook that has a name, and the secrets that are its own.
pub(super) fn named_hook(
    key: &str,
    name: &str,
    file: HookFile,
    environment: Environment<'_>,
) -> Result<(NamedHook, Vec<Secret>), ConfigError> {
    if PolicyName::new(name).is_none() {
        let reason = format!("`{name}` is no hook's name: 1 to 63 of a-z, 0-9 and `-`");
        return Err(invalid(key, reason));
    }
    let own_name = HookType::from_name(name);
    let hook_type = match (file.r#type.as_str(), own_name) {
        ("", Some(hook_type)) => hook_type,
        ("", None) => {
            let reason = format!(
                "must say which hook of Okta's `{name}` answers: {}",
                served()
            );
            return Err(invalid(&format!("{key}.type"), reason));
        }
        (named, _) => HookType::from_name(named).ok_or_else(|| {
            let reason = format!(
                "`{named}` is no hook of Okta's; this version has {}",
                served()
            );
            invalid(&format!("{key}.type"), reason)
        })?,
    };
    if !hook_type.is_served() {
        let reason = format!(
            "this version answers no `{hook_type}` calls; it has {}",
            served()
        );
        return Err(invalid(key, reason));
    }
    if own_name.is_some_and(|own| own != hook_type) {
        let reason = format!("a hook named `{name}` must be of that type");
        return Err(invalid(&format!("{key}.type"), reason));
    }
    let secrets = secrets(&format!("{key}.secrets"), &file.secrets, environment)?;
    let config = hook(key, file)?;
    Ok((NamedHook { hook_type, config }, secrets))
}

/// The hook types that there are hooks for.
fn served() -> String {
    let served = HookType::served();
    let served: Vec<_> = served.map(|hook| format!("`{hook}`")).collect();
    served.join(", ")
}

fn hook(key: &str, file: HookFile) -> Result<hook::Config, ConfigError> {
    let deadline = file.deadline;
    if deadline > LONGEST_DEADLINE {
        let reason = format!("`{deadline:?}` is more than 2.8s, and Okta gives up after 3s");
        return Err(invalid(&format!("{key}.deadline"), reason));
    }
    if deadline < 2 * RESERVE {
        let reason = format!("`{deadline:?}` is less than 100ms, of which 50 are for the answer");
        return Err(invalid(&format!("{key}.deadline"), reason));
    }
    if file.failure_text.len() > LONGEST_TEXT {
        let reason = format!("has more than {LONGEST_TEXT} bytes");
        return Err(invalid(&format!("{key}.failure_text"), reason));
    }
    let key = format!("{key}.policies");
    let mut policies = Vec::new();
    for name in &file.policies {
        let name = policy_name(&key, name)?;
        if policies.contains(&name) {
            return Err(invalid(&key, format!("`{name}` stands there twice")));
        }
        policies.push(name);
    }
    Ok(hook::Config {
        deadline,
        failure_text: file.failure_text,
        policies,
    })
}

pub(super) fn policy(key: &str, config: policy::Config) -> Result<policy::Config, ConfigError> {
    let limits = &config.limits;
    let refuse =
        |limit: &str, reason: String| Err(invalid(&format!("{key}.limits.{limit}"), reason));
    if limits.fuel == 0 {
        return refuse("fuel", "`0` lets no policy do anything".to_owned());
    }
    let (slice, longest) = (limits.slice, sandbox::LONGEST_SLICE);
    if !(10_000..=longest).contains(&slice) {
        return refuse("slice", format!("`{slice}` is not from 10000 to {longest}"));
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

pub(super) fn sandbox(
    file: &sandbox::FileConfig,
    compile: CompileLimits,
    policies: &Configs,
) -> Result<sandbox::Config, ConfigError> {
    let sandbox::FileConfig {
        evaluations,
        slow_evaluations: slow,
        stack,
        code,
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
    let (least, most) = (ByteSize::mib(1), ByteSize::tib(1));
    if !(least..=most).contains(&code) {
        let reason = format!("`{code}` is not from 1MiB to 1TiB");
        return Err(invalid("sandbox.code", reason));
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
        compile: self::compile(compile)?,
        code,
    })
}

/// Okta repeats a call when it has waited for three seconds.
pub(super) fn reply_cache(
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

fn compile(limits: CompileLimits) -> Result<CompileLimits, ConfigError> {
    let memory = limits.memory;
    let (least, most) = (ByteSize::mib(256), ByteSize::gib(64));
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

pub(super) fn okta(
    config: &OktaConfig,
    secrets_of_hooks: BTreeMap<String, Vec<Secret>>,
    environment: Environment<'_>,
) -> Result<Authentication, ConfigError> {
    for (key, value, most) in [
        ("okta.max_body", config.max_body.as_u64(), 64 << 20),
        ("okta.max_head", config.max_head.as_u64(), 1 << 20),
    ] {
        if !(8 * 1024..=most).contains(&value) {
            let most = ByteSize::b(most);
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
    if config.secrets.is_empty() && !config.listen.ip().is_loopback() {
        let listen = config.listen;
        let reason = format!(
            "`{listen}` can be reached by others, and there is no secret; set `okta.secrets`"
        );
        return Err(invalid("okta.listen", reason));
    }
    let secrets = secrets("okta.secrets", &config.secrets, environment)?;
    Authentication::new(&config.header, secrets, secrets_of_hooks).ok_or_else(|| {
        let reason = format!("`{}` is no header's name", config.header);
        invalid("okta.header", reason)
    })
}

fn secrets(
    key: &str,
    sources: &[SecretSource],
    environment: Environment<'_>,
) -> Result<Vec<Secret>, ConfigError> {
    if sources.len() > 2 {
        let reason = "more than two; the second is for the time of a replacement";
        return Err(invalid(key, reason));
    }
    let sources = sources.iter().enumerate();
    sources
        .map(|(index, source)| secret(&format!("{key}[{index}]"), source, environment))
        .collect()
}

/// Reads a secret. No error quotes its value.
fn secret(
    key: &str,
    source: &SecretSource,
    environment: Environment<'_>,
) -> Result<Secret, ConfigError> {
    let value = match source {
        SecretSource::Env(name) => environment(name)
            .map(source::trimmed)
            .ok_or_else(|| invalid(key, format!("the environment has no `{name}`")))?,
        SecretSource::File(path) => {
            source::read(path).map_err(|error| invalid(key, error.to_string()))?
        }
    };
    Secret::new(&value).map_err(|error| invalid(key, error.to_string()))
}

/// A call in progress must be able to end before the host does.
pub(super) fn grace(grace: Duration, hooks: &HookConfigs) -> Result<(), ConfigError> {
    let named = hooks.named.values().map(|hook| hook.config.deadline);
    let longest = named.fold(hooks.default.deadline, Duration::max);
    if grace < longest {
        let reason = format!("`{grace:?}` is less than a hook's deadline, `{longest:?}`");
        return Err(invalid("shutdown_grace", reason));
    }
    Ok(())
}

/// What is shown to the operator is not for Okta.
pub(super) fn listeners(okta: SocketAddr, operator: SocketAddr) -> Result<(), ConfigError> {
    if okta == operator && okta.port() != 0 {
        let reason = format!("`{operator}` is Okta's already");
        return Err(invalid("operator.listen", reason));
    }
    Ok(())
}
