//! The exports that are invoked: one type each, with what it is given.

use std::future::Future;
use std::sync::Arc;

use wasmtime::Store;

use super::prepare::{Prepared, WrongExport, chain};
use super::state::State;
use crate::bindings::v0_1::registration::RegistrationPolicy;
use crate::bindings::v0_1::settings::SettingsCheck;
use crate::bindings::v0_1::settings::exports::hookwarden::policy::settings as settings_contract;
use crate::bindings::v0_1::types as contract;

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

/// `registration.decide`.
pub(super) struct DecideRegistration {
    pub(super) call: Arc<String>,
    pub(super) settings: Arc<String>,
}

impl Export for DecideRegistration {
    type Returned = Result<contract::Decision, contract::Failure>;

    async fn invoke(
        self,
        prepared: &Prepared,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Self::Returned> {
        let policy = exported(prepared.registration.as_ref(), "registration")?;
        let instance = policy.instantiate_async(&mut *store).await?;
        let registration = instance.hookwarden_policy_registration();
        let decided = registration.call_decide(store, &self.call, &self.settings);
        decided.await
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
            if prepared.registration.is_some() {
                RegistrationPolicy::new(&mut *store, &instance).map_err(wrong("registration"))?;
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
        let policy = exported(prepared.settings.as_ref(), "settings")?;
        let instance = policy.instantiate_async(&mut *store).await?;
        let settings = instance.hookwarden_policy_settings();
        settings.call_check(store, &self.settings).await
    }
}

/// The component does not export what was to be invoked.
#[derive(Debug, thiserror::Error)]
#[error("does not export `{0}`")]
pub(super) struct NotExported(pub(super) &'static str);

pub(super) fn exported<'a, T>(
    export: Option<&'a T>,
    interface: &'static str,
) -> Result<&'a T, NotExported> {
    export.ok_or(NotExported(interface))
}
