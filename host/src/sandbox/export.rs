//! The exports that are invoked: one type each, with what it is given.

use std::future::Future;
use std::sync::Arc;

use wasmtime::Store;

use super::decide::{Decided, Linked};
use super::prepare::{Prepared, WrongExport, chain};
use super::state::State;
use crate::bindings::v0_1::settings::SettingsCheck;
use crate::bindings::v0_1::settings::exports::hookwarden::policy::settings as settings_contract;
use crate::okta::HookType;

/// An export that is invoked, with what it is given.
pub(super) trait Export: Send + 'static {
    /// What it returns.
    type Returned: Send + 'static;

    /// Makes an instance and invokes the export.
    fn invoke(
        self,
        prepared: &Prepared,
        store: &mut Store<State>,
    ) -> impl Future<Output = wasmtime::Result<Self::Returned>> + Send;
}

/// `decide`, for one hook type.
pub(super) struct Decide {
    pub(super) hook_type: HookType,
    pub(super) call: Arc<String>,
    pub(super) settings: Arc<String>,
}

impl Export for Decide {
    type Returned = Decided;

    async fn invoke(
        self,
        prepared: &Prepared,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Self::Returned> {
        let policy = prepared.policy(self.hook_type)?;
        let instance = policy.instantiate(store).await?;
        instance.decide(store, &self.call, &self.settings).await
    }
}

/// No export: an instance is made, and its exports are loaded.
pub(super) struct Start;

impl Export for Start {
    type Returned = Result<(), WrongExport>;

    async fn invoke(
        self,
        prepared: &Prepared,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Self::Returned> {
        let instance = prepared.component.instantiate_async(&mut *store).await?;
        let wrong = |interface| {
            move |error: wasmtime::Error| WrongExport {
                interface,
                reason: chain(&error),
            }
        };
        let mut load = || {
            for policy in &prepared.policies {
                let interface = policy.hook_type().name();
                policy.load(store, &instance).map_err(wrong(interface))?;
            }
            if prepared.settings.is_some() {
                SettingsCheck::new(&mut *store, &instance).map_err(wrong("settings"))?;
            }
            Ok(())
        };
        Ok(load())
    }
}

/// `settings.check`.
pub(super) struct CheckSettings {
    pub(super) settings: Arc<String>,
}

impl Export for CheckSettings {
    type Returned = Result<(), Vec<settings_contract::Problem>>;

    async fn invoke(
        self,
        prepared: &Prepared,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Self::Returned> {
        let policy = prepared.settings.as_ref().ok_or(NotExported("settings"))?;
        let instance = policy.instantiate_async(&mut *store).await?;
        let settings = instance.hookwarden_policy_settings();
        settings.call_check(store, &self.settings).await
    }
}

/// The component does not export what was to be invoked.
#[derive(Debug, thiserror::Error)]
#[error("does not export `{0}`")]
pub(super) struct NotExported(pub(super) &'static str);

impl Prepared {
    /// The export for a hook type.
    pub(super) fn policy(&self, hook_type: HookType) -> Result<&Linked, NotExported> {
        let mut policies = self.policies.iter();
        let policy = policies.find(|policy| policy.hook_type() == hook_type);
        policy.ok_or(NotExported(hook_type.name()))
    }
}
