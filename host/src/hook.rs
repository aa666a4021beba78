//! A hook: one of Okta's extension points, answered by a chain of policies.

mod chain;
mod failure;
mod order;
mod reply_cache;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use chain::Received;
pub use failure::{Mode, mode};
pub use reply_cache::{Config as ReplyCacheConfig, Given, Key, ReplyCache};
pub use report::{Entry, Report, Said};

use crate::okta::{self, HookType, Malformed};
use crate::policy::{Conditions, Configs, Policy, PolicyName};

/// What is kept of a hook's deadline for merging and answering.
pub const RESERVE: Duration = Duration::from_millis(50);

/// What the operator says about a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// When the answer must be there, from when the call came.
    pub deadline: Duration,
    /// What a person reads when a policy failed and that denies. Empty for
    /// Okta's own text.
    pub failure_text: String,
    /// The chain. Empty for every policy that serves the hook's type, in the
    /// order of their names.
    pub policies: Vec<PolicyName>,
}

/// A hook that the operator named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedHook {
    /// What it answers.
    pub hook_type: HookType,
    /// What the operator says about it.
    pub config: Config,
}

/// What the operator says about all hooks.
#[derive(Debug, Clone)]
pub struct HookConfigs {
    /// About those that are not named.
    pub default: Config,
    /// About those that are, by their names.
    pub named: BTreeMap<String, NamedHook>,
}

/// One hook as it is now.
#[derive(Debug)]
pub struct Hook {
    /// Its name: the last segment of its path.
    pub name: Arc<str>,
    /// What it answers.
    pub hook_type: HookType,
    /// What the operator says about it.
    pub config: Config,
    /// The policies, in the order in which they run.
    pub chain: Vec<Arc<Policy>>,
}

/// All hooks. A snapshot: it never changes, and a call that began with it ends
/// with it.
#[derive(Debug, Default)]
pub struct Hooks {
    hooks: BTreeMap<String, Arc<Hook>>,
    policies: Vec<Arc<Policy>>,
    unready: Vec<String>,
    warnings: Vec<String>,
}

impl Hooks {
    /// The hooks that the operator named; and one for each other type that a policy
    /// serves, under the type's name. Beside named hooks of a type there is none that
    /// nobody asked for.
    #[must_use]
    pub fn new(policies: Vec<Arc<Policy>>, configs: &HookConfigs, of_policies: &Configs) -> Self {
        let named = configs.named.iter();
        let named = named.map(|(name, hook)| (name.as_str(), hook.hook_type, &hook.config));
        let is_named = |hook_type| {
            let mut named = configs.named.values();
            named.any(|hook| hook.hook_type == hook_type)
        };
        let served = HookType::served();
        let unnamed = served
            .filter(|hook_type| !is_named(*hook_type))
            .map(|hook_type| (hook_type.name(), hook_type, &configs.default));
        let mut hooks = BTreeMap::new();
        let mut empty = Vec::new();
        for (name, hook_type, config) in named.chain(unnamed) {
            let chain = chain_of(hook_type, config, &policies, of_policies);
            // A hook without policies would admit everybody.
            if chain.is_empty() {
                if configs.named.contains_key(name) {
                    empty.push(name.to_owned());
                }
                continue;
            }
            let hook = Hook {
                name: name.into(),
                hook_type,
                config: config.clone(),
                chain,
            };
            hooks.insert(name.to_owned(), Arc::new(hook));
        }
        let unready = unready(&hooks, &empty, &policies);
        let warnings = hooks.values().flat_map(|hook| order::warnings(hook));
        Self {
            warnings: warnings.collect(),
            hooks,
            policies,
            unready,
        }
    }

    /// A hook, by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Hook>> {
        self.hooks.get(name)
    }

    /// All hooks, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Hook> {
        self.hooks.values().map(|hook| &**hook)
    }

    /// All policies of the folder, in the order of their names.
    #[must_use]
    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    /// Why the host is not ready: a sentence for each policy that a chain needs
    /// and that cannot be evaluated. Empty if it is ready.
    #[must_use]
    pub fn unready(&self) -> &[String] {
        &self.unready
    }

    /// What is served and is probably not what the operator wants: a sentence for
    /// each policy that stands too early in a chain.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn unready(
    hooks: &BTreeMap<String, Arc<Hook>>,
    empty: &[String],
    policies: &[Arc<Policy>],
) -> Vec<String> {
    let mut reasons = Vec::new();
    for name in empty {
        reasons.push(format!(
            "hook `{name}` has no policy: none in the folder serves it, and it is not answered"
        ));
    }
    if hooks.is_empty() && empty.is_empty() {
        reasons.push("there is no hook: no policy in the folder serves one".to_owned());
    }
    for hook in hooks.values() {
        let name = &hook.name;
        for policy in &hook.chain {
            match &policy.revision {
                Err(error) => {
                    reasons.push(format!("hook `{name}`: policy `{}`: {error}", policy.name));
                }
                Ok(_) if !policy.hooks.contains(&hook.hook_type) => reasons.push(format!(
                    "hook `{name}`: policy `{}` does not serve it",
                    policy.name
                )),
                Ok(_) => {}
            }
        }
    }
    // What such a file would have served is not known: it may be missing in a
    // chain that nobody configured.
    let unreadable = policies.iter().filter(|policy| policy.hooks.is_empty());
    if hooks.values().any(|hook| hook.config.policies.is_empty()) {
        for policy in unreadable {
            if let Err(error) = &policy.revision {
                reasons.push(format!("policy `{}`: {error}", policy.name));
            }
        }
    }
    reasons
}

fn chain_of(
    hook_type: HookType,
    config: &Config,
    policies: &[Arc<Policy>],
    configs: &Configs,
) -> Vec<Arc<Policy>> {
    if config.policies.is_empty() {
        let serves = |policy: &&Arc<Policy>| policy.hooks.contains(&hook_type);
        return policies.iter().filter(serves).cloned().collect();
    }
    let names = config.policies.iter();
    names
        .map(|name| {
            let found = policies.iter().find(|policy| policy.name == *name);
            found.cloned().unwrap_or_else(|| {
                let config = configs.get(name);
                Arc::new(Policy::missing(name.clone(), config, hook_type))
            })
        })
        .collect()
}

impl Hook {
    /// Answers a call: the life of a call below the HTTP floor.
    ///
    /// # Errors
    ///
    /// The call is not in the form of this hook's calls. Nothing was evaluated.
    pub async fn answer(&self, call: &okta::Call, received: Received) -> Result<Report, Malformed> {
        chain::run(self, call, received, Conditions::NONE).await
    }

    /// Answers a call for somebody who tries its policies out.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub async fn answer_under(
        &self,
        call: &okta::Call,
        received: Received,
        conditions: &Conditions,
    ) -> Result<Report, Malformed> {
        chain::run(self, call, received, conditions).await
    }
}
