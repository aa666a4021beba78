//! Preparing: from the bytes of a component to something that can be invoked.

use wasmtime::component::{Component, InstancePre};

use super::Sandbox;
use super::state::State;
use crate::bindings::v0_1::registration::RegistrationPolicyPre;
use crate::bindings::v0_1::settings::SettingsCheckPre;
use crate::okta::HookType;
use crate::telemetry::foreign;

/// Whether a component imports WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wasi {
    /// It is linked to the inert one.
    Imported,
    /// It has none.
    Absent,
}

/// A component that is compiled and linked, ready to be instantiated.
pub struct Prepared {
    pub(super) sandbox: Sandbox,
    pub(super) wasi: Wasi,
    pub(super) component: InstancePre<State>,
    pub(super) registration: Option<RegistrationPolicyPre<State>>,
    pub(super) settings: Option<SettingsCheckPre<State>>,
}

/// Why a component cannot be prepared. The texts come from wasmtime and name
/// types and imports, which whoever made the component controls.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The code is invalid, or uses a proposal that is switched off.
    #[error("it does not compile: {}", foreign(.0))]
    Compile(String),
    /// An import that the host does not have, or has with another type.
    #[error("it cannot be linked: {}", foreign(.0))]
    Link(String),
    /// See [`WrongExport`].
    #[error(transparent)]
    Export(#[from] WrongExport),
}

/// An export that is missing or has another type than the contract's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its export `{interface}` does not have the contract's type: {}", foreign(.reason))]
pub struct WrongExport {
    /// The interface.
    pub interface: &'static str,
    /// What is different.
    pub reason: String,
}

impl Sandbox {
    /// Compiles and links a component, which must export these hooks. This takes
    /// long, and the compiler may panic on it: call it from a thread that may block
    /// and that nobody misses.
    ///
    /// # Errors
    ///
    /// See [`PrepareError`].
    pub fn prepare(
        &self,
        component: &[u8],
        wasi: Wasi,
        hooks: &[HookType],
        checks_settings: bool,
    ) -> Result<Prepared, PrepareError> {
        let component = Component::from_binary(&self.engine, component)
            .map_err(|error| PrepareError::Compile(chain(&error)))?;
        let linker = match wasi {
            Wasi::Imported => &self.linkers.wasi,
            Wasi::Absent => &self.linkers.plain,
        };
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|error| PrepareError::Link(chain(&error)))?;
        let wrong = |interface| {
            move |error: wasmtime::Error| WrongExport {
                interface,
                reason: chain(&error),
            }
        };
        let registration = hooks
            .contains(&HookType::Registration)
            .then(|| RegistrationPolicyPre::new(pre.clone()))
            .transpose()
            .map_err(wrong("registration"))?;
        let settings = checks_settings
            .then(|| SettingsCheckPre::new(pre.clone()))
            .transpose()
            .map_err(wrong("settings"))?;
        Ok(Prepared {
            sandbox: self.clone(),
            wasi,
            component: pre,
            registration,
            settings,
        })
    }
}

/// An error with all its causes, on one line.
pub(super) fn chain(error: &wasmtime::Error) -> String {
    let causes: Vec<_> = error.chain().map(ToString::to_string).collect();
    causes.join(": ")
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("wasi", &self.wasi)
            .finish_non_exhaustive()
    }
}
