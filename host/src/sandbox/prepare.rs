//! Preparing: from the bytes of a component to something that can be invoked.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wasmtime::Engine;
use wasmtime::component::{Component as CompiledCode, InstancePre};

use super::cache::Fresh;
use super::code::{Share, TooMuchCode};
use super::compile::{CompileError, Patience};
use super::component::Component;
use super::decide::Linked;
use super::state::State;
use super::{Sandbox, blocking};
use crate::bindings::v0_1::settings::SettingsCheckPre;
use crate::okta::HookType;
use crate::telemetry::foreign;

/// What a component is linked to and for. What is not named here cannot be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The inert WASI.
    pub wasi: bool,
    /// `secrets`.
    pub secrets: bool,
    /// `dataset`.
    pub dataset: bool,
    /// `wasi:keyvalue`.
    pub key_value: bool,
    /// `wasi:http`, which needs WASI.
    pub http: bool,
    /// The hooks that it must export.
    pub hooks: Vec<HookType>,
    /// Whether it must export `settings`.
    pub checks_settings: bool,
}

impl Links {
    /// Whether it reaches beyond its evaluation.
    pub(super) fn reach_out(&self) -> bool {
        self.secrets || self.dataset || self.key_value || self.http
    }
}

/// A component that is compiled and linked, ready to be instantiated.
pub struct Prepared {
    pub(super) sandbox: Sandbox,
    pub(super) wasi: bool,
    pub(super) reaches_out: bool,
    pub(super) component: InstancePre<State>,
    /// One for each inline hook that it serves.
    pub(super) policies: Vec<Linked>,
    pub(super) settings: Option<SettingsCheckPre<State>>,
    /// Its code counts as long as anybody has it.
    _share: Share,
    fresh: Mutex<Option<Fresh>>,
}

impl Prepared {
    /// Keeps its code for the next start: it is a policy.
    pub fn keep_code(&self) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fresh) = fresh.take() {
            fresh.keep();
        }
    }
}

/// Why a component cannot be prepared. The texts come from wasmtime and name
/// types and imports, which whoever made the component controls.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// See [`CompileError`].
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// An import that the host does not have, or has with another type.
    #[error("it cannot be linked: {}", foreign(.0))]
    Link(String),
    /// See [`TooMuchCode`].
    #[error(transparent)]
    TooMuchCode(#[from] TooMuchCode),
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
    /// Links a component if it was compiled before and its code was kept. Reads files.
    ///
    /// # Errors
    ///
    /// See [`PrepareError`].
    ///
    /// # Panics
    ///
    /// When wasmtime does, which is a bug of it or of ours.
    pub fn prepare_kept(
        &self,
        component: &Component,
        links: &Links,
    ) -> Result<Option<Prepared>, PrepareError> {
        let Some(code) = self.kept(component)? else {
            return Ok(None);
        };
        self.link(code, links).map(Some)
    }

    /// Compiles and links a component. Its code is
    /// [kept](Prepared::keep_code) or removed.
    ///
    /// # Errors
    ///
    /// See [`PrepareError`].
    ///
    /// # Panics
    ///
    /// When wasmtime does, which is a bug of it or of ours.
    pub async fn prepare(
        &self,
        component: &Component,
        links: &Links,
        patience: Patience,
    ) -> Result<Prepared, PrepareError> {
        if patience == Patience::None {
            return Err(CompileError::Pending.into());
        }
        let compiler = &self.compiler;
        let code = compiler
            .compile(&self.engine, self.reserve, component, patience)
            .await?;
        let (sandbox, component, links) = (self.clone(), component.clone(), links.clone());
        let prepare = move || {
            let share = sandbox.code.take(code.len() as u64)?;
            let cache = sandbox.cache.as_ref();
            let fresh = cache.and_then(|cache| cache.put(&component, &code));
            let file = fresh.as_ref().map(Fresh::file);
            let code = file.as_deref().map_or(Code::Bytes(&code), Code::File);
            let code = load(&sandbox.engine, code)
                .map_err(|error| CompileError::Unusable(chain(&error)))?;
            let loaded = LoadedCode { code, share, fresh };
            sandbox.link(loaded, &links)
        };
        blocking(prepare).await
    }

    fn kept(&self, component: &Component) -> Result<Option<LoadedCode>, TooMuchCode> {
        let file = self.cache.as_ref().and_then(|cache| cache.get(component));
        let Some((file, metadata)) = file.and_then(|file| {
            let metadata = fs::metadata(&file).ok()?;
            Some((file, metadata))
        }) else {
            return Ok(None);
        };
        let share = self.code.take(metadata.len())?;
        let code = load(&self.engine, Code::File(&file)).ok();
        let fresh = None;
        Ok(code.map(|code| LoadedCode { code, share, fresh }))
    }

    fn link(
        &self,
        LoadedCode { code, share, fresh }: LoadedCode,
        links: &Links,
    ) -> Result<Prepared, PrepareError> {
        let linker = self.linkers.of(links);
        let pre = linker
            .and_then(|linker| linker.instantiate_pre(&code))
            .map_err(|error| PrepareError::Link(chain(&error)))?;
        let wrong = |interface| {
            move |error: wasmtime::Error| WrongExport {
                interface,
                reason: chain(&error),
            }
        };
        let mut policies = Vec::with_capacity(links.hooks.len());
        for hook_type in &links.hooks {
            if let Some(policy) = Linked::find(*hook_type, &pre) {
                policies.push(policy.map_err(wrong(hook_type.name()))?);
            }
        }
        let settings = links
            .checks_settings
            .then(|| SettingsCheckPre::new(pre.clone()))
            .transpose()
            .map_err(wrong("settings"))?;
        Ok(Prepared {
            sandbox: self.clone(),
            wasi: links.wasi,
            reaches_out: links.reach_out(),
            component: pre,
            policies,
            settings,
            _share: share,
            fresh: Mutex::new(fresh),
        })
    }
}

/// Code that is in memory, and counts.
struct LoadedCode {
    code: CompiledCode,
    share: Share,
    fresh: Option<Fresh>,
}

/// Code that this host compiled.
enum Code<'a> {
    /// As a compiler returned it.
    Bytes(&'a [u8]),
    /// In the cache. It is mapped into memory, and read as it is used.
    File(&'a Path),
}

/// Makes code ready to be linked.
///
/// Wasmtime checks that it was compiled by the same version for an engine with the
/// same settings, and trusts the rest of it.
#[expect(
    unsafe_code,
    reason = "code that is loaded is code that is run: it comes from a child of this host, or from the cache, which nobody else can write, which tells when a file is damaged, and whose files are replaced and never changed; a policy's file never gets here without being compiled"
)]
fn load(engine: &Engine, code: Code<'_>) -> wasmtime::Result<CompiledCode> {
    match code {
        // SAFETY: it was made by `Engine::precompile_component`; see above.
        Code::Bytes(bytes) => unsafe { CompiledCode::deserialize(engine, bytes) },
        // SAFETY: the same, and nobody changes the file; see above.
        Code::File(file) => unsafe { CompiledCode::deserialize_file(engine, file) },
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
