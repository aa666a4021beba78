//! From a handler to the exports of a component.

use crate::failure::Failure;
use crate::settings::{self, Settings};

/// Exports handlers, each for one hook, and a type of settings for all of them.
///
/// ```
/// use hookwarden_sdk::{event, registration};
///
/// fn sign_up(call: registration::Call) -> registration::Decision {
///     registration::Decision::no_opinion()
/// }
///
/// fn report(event: event::Event) -> event::Outcome {
///     event::Outcome::Ignored
/// }
///
/// hookwarden_sdk::export!(registration = sign_up, event = report);
/// ```
///
/// The hooks are `registration`, `token`, `saml`, `user_import`,
/// `password_import`, `telephony` and `event`. A handler is a function of a call,
/// or of a call and settings, and returns a decision or a `Result` of it:
///
/// ```text
/// fn(Call) -> Decision                fn(Call) -> Result<Decision, Failure>
/// fn(Call, Settings) -> Decision      fn(Call, Settings) -> Result<Decision, Failure>
/// ```
///
/// With `settings = Type` the component also exports the check of its settings;
/// see [`Settings`]. Without it the host accepts only empty ones, and no handler can
/// take any:
///
/// ```compile_fail
/// # use hookwarden_sdk::registration::{Call, Decision};
/// #[derive(serde::Deserialize)]
/// struct Rule {}
/// impl hookwarden_sdk::settings::Settings for Rule {}
///
/// fn decide(call: Call, rule: Rule) -> Decision {
///     Decision::no_opinion()
/// }
///
/// hookwarden_sdk::export!(registration = decide); // `settings = Rule` is missing
/// ```
///
/// Use the macro once in a crate. Built for anything but WebAssembly it checks
/// the types and exports nothing, so `cargo test` runs the handlers natively.
#[macro_export]
macro_rules! export {
    ($($exports:tt)+) => { $crate::__export_all!([] [] $($exports)+); };
}

/// Sorts what is exported into handlers and settings, one entry at a time.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_all {
    ([$($handlers:tt)*] [] settings = $settings:path $(, $($rest:tt)*)?) => {
        $crate::__export_all!([$($handlers)*] [$settings] $($($rest)*)?);
    };
    ([$($handlers:tt)*] [$($settings:tt)*] $hook:ident = $handler:path $(, $($rest:tt)*)?) => {
        $crate::__export_all!([$($handlers)* ($hook $handler)] [$($settings)*] $($($rest)*)?);
    };
    ([] [$settings:path]) => {
        compile_error!("settings belong to a hook: `registration = decide, settings = Type`");
    };
    ([$(($hook:ident $handler:path))+] []) => {
        $( $crate::__export_handler!($hook, $handler, $crate::export::NoSettings); )+
        $crate::__keep_handlers!($crate::export::NoSettings, $(($hook $handler))+);
    };
    ([$(($hook:ident $handler:path))+] [$settings:path]) => {
        $crate::__export_handlers!($settings, $(($hook $handler))+);
        $crate::__export_settings!($settings);
        $crate::__keep_handlers!($settings, $(($hook $handler))+);
    };
}

/// Repeats the settings for each handler.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_handlers {
    ($settings:path, ($hook:ident $handler:path) $($rest:tt)*) => {
        $crate::__export_handler!($hook, $handler, $settings);
        $crate::__export_handlers!($settings, $($rest)*);
    };
    ($settings:path,) => {};
}

/// One handler. Hidden, because an unknown name gives its error here.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_handler {
    (registration, $handler:path, $settings:path) => { $crate::__export_inline!(registration, __export_registration, $handler, $settings); };
    (token, $handler:path, $settings:path) => { $crate::__export_inline!(token, __export_token, $handler, $settings); };
    (saml, $handler:path, $settings:path) => { $crate::__export_inline!(saml, __export_saml, $handler, $settings); };
    (user_import, $handler:path, $settings:path) => { $crate::__export_inline!(user_import, __export_user_import, $handler, $settings); };
    (password_import, $handler:path, $settings:path) => { $crate::__export_inline!(password_import, __export_password_import, $handler, $settings); };
    (telephony, $handler:path, $settings:path) => { $crate::__export_inline!(telephony, __export_telephony, $handler, $settings); };
    (event, $handler:path, $settings:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::event::exports::hookwarden::policy::event::{Guest, Outcome};
            use $crate::bindings::types::Failure;

            struct Policy;

            impl Guest for Policy {
                fn handle(event: String, settings: String) -> Result<Outcome, Failure> {
                    $crate::export::run::<$crate::event::Hook, $settings, _, _>($handler, event, &settings)
                }
            }

            $crate::bindings::event::__export_event!(Policy with_types_in $crate::bindings::event);
        };
    };
    ($unknown:ident, $handler:path, $settings:path) => {
        compile_error!(concat!(
            "no hook `", stringify!($unknown), "`: the hooks are `registration`, `token`, `saml`, ",
            "`user_import`, `password_import`, `telephony` and `event`; settings are `settings = Type`, once",
        ));
    };
}

/// The export of the settings' check.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_settings {
    ($settings:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::settings::exports::hookwarden::policy::settings::{Guest, Problem};

            struct Policy;

            impl Guest for Policy {
                fn check(settings: String) -> Result<(), Vec<Problem>> {
                    $crate::export::check::<$settings>(&settings)
                }
            }

            $crate::bindings::settings::__export_settings!(Policy with_types_in $crate::bindings::settings);
        };
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn(&str) = |json| drop($crate::settings::from_json::<$settings>(json));
    };
}

/// The export of one inline hook.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_inline {
    ($hook:ident, $export:ident, $handler:path, $settings:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::types::{Decision, Failure};
            use $crate::bindings::$hook::exports::hookwarden::policy::$hook::Guest;

            struct Policy;

            impl Guest for Policy {
                fn decide(call: String, settings: String) -> Result<Decision, Failure> {
                    $crate::export::run::<$crate::$hook::Hook, $settings, _, _>(
                        $handler, call, &settings,
                    )
                }
            }

    $crate::bindings::$hook::$export!(Policy with_types_in $crate::bindings::$hook);
        };
    };
}

/// Natively: the handlers, for whoever compares them with the component.
#[doc(hidden)]
#[macro_export]
macro_rules! __keep_handlers {
    ($settings:path, $(($hook:ident $handler:path))+) => {
        #[cfg(not(target_arch = "wasm32"))]
        #[doc(hidden)]
        pub const HOOKWARDEN_HANDLERS: &[$crate::export::Kept] = &[$($crate::export::Kept {
            hook: stringify!($hook),
            decide: |call, settings| {
                let came = $crate::export::run::<$crate::$hook::Hook, $settings, _, _>(
                    $handler, call, settings,
                );
                $crate::export::Wire::into_decision(came?)
            },
        }),+];
    };
}

/// A handler of a policy that is built natively.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// The hook, as the macro has it.
    pub hook: &'static str,
    /// What its export does, given a call and settings; for an event it fails.
    pub decide: fn(
        String,
        &str,
    )
        -> Result<crate::bindings::types::Decision, crate::bindings::types::Failure>,
}

/// What an export returns.
pub trait Wire {
    /// As a decision about a call.
    ///
    /// # Errors
    ///
    /// It is none: the hook is for events.
    fn into_decision(
        self,
    ) -> Result<crate::bindings::types::Decision, crate::bindings::types::Failure>;
}

impl Wire for crate::bindings::types::Decision {
    fn into_decision(self) -> Result<Self, crate::bindings::types::Failure> {
        Ok(self)
    }
}

impl Wire for crate::bindings::event::exports::hookwarden::policy::event::Outcome {
    fn into_decision(
        self,
    ) -> Result<crate::bindings::types::Decision, crate::bindings::types::Failure> {
        Err(Failure::other("an event is not decided about").into_wire())
    }
}

/// The settings of a policy that exports none: a handler cannot take them.
#[derive(Debug)]
pub enum NoSettings {}

/// A hook: what comes in, what a handler returns, and what goes out.
pub trait Hook {
    /// The typed call.
    type Call;
    /// What a handler returns.
    type Decision;
    /// What of a call its answer's form depends on.
    type Form;
    /// The decision in the contract's types.
    type Wire;

    /// Reads a call.
    ///
    /// # Errors
    ///
    /// The text is not a call of this hook.
    fn call(json: String) -> Result<Self::Call, Failure>;

    /// What of `call` its answer's form depends on.
    fn form(call: &Self::Call) -> Self::Form;

    /// Writes a decision.
    ///
    /// # Errors
    ///
    /// The decision asks for something that Okta never accepts.
    fn wire(decision: Self::Decision, form: Self::Form) -> Result<Self::Wire, Failure>;
}

/// A function that can be exported: of a call, or of a call and the settings that
/// are exported beside it, to a decision or a `Result` of it. `Arguments` tells the
/// forms apart.
pub trait Handler<Call, Decision, Settings, Arguments> {
    /// Reads the settings if the function takes them, and calls it.
    ///
    /// # Errors
    ///
    /// The function's own failure, or settings that do not deserialize.
    fn handle(self, call: Call, settings: &str) -> Result<Decision, Failure>;
}

impl<F, C, S, R, D> Handler<C, D, S, (C,)> for F
where
    F: FnOnce(C) -> R,
    R: Outcome<D>,
{
    fn handle(self, call: C, _settings: &str) -> Result<D, Failure> {
        self(call).into_result()
    }
}

impl<F, C, S, R, D> Handler<C, D, S, (C, S)> for F
where
    F: FnOnce(C, S) -> R,
    S: Settings,
    R: Outcome<D>,
{
    fn handle(self, call: C, settings: &str) -> Result<D, Failure> {
        // They were checked when the policy was loaded.
        let settings = serde_json::from_str(settings)
            .map_err(|_| Failure::other("the settings are not those that were checked"))?;
        self(call, settings).into_result()
    }
}

/// What a handler may return.
pub trait Outcome<Decision> {
    /// As a `Result`.
    ///
    /// # Errors
    ///
    /// The handler failed.
    fn into_result(self) -> Result<Decision, Failure>;
}

impl<D> Outcome<D> for D {
    fn into_result(self) -> Result<D, Failure> {
        Ok(self)
    }
}

impl<D> Outcome<D> for Result<D, Failure> {
    fn into_result(self) -> Self {
        self
    }
}

/// One call through one handler: what an export does.
///
/// # Errors
///
/// In the contract's types: the call is not understood, or the handler failed.
pub fn run<H, S, F, Arguments>(
    handler: F,
    call: String,
    settings: &str,
) -> Result<H::Wire, crate::bindings::types::Failure>
where
    H: Hook,
    F: Handler<H::Call, H::Decision, S, Arguments>,
{
    report_panics();
    let run = || {
        let call = H::call(call)?;
        let form = H::form(&call);
        H::wire(handler.handle(call, settings)?, form)
    };
    run().map_err(Failure::into_wire)
}

/// The check of settings: what the export `settings.check` does.
///
/// # Errors
///
/// In the contract's types: every problem found.
pub fn check<S: Settings>(
    settings: &str,
) -> Result<(), Vec<crate::bindings::settings::exports::hookwarden::policy::settings::Problem>> {
    report_panics();
    settings::check::<S>(settings)
}

/// A panic ends the instance, and on this target nothing else tells where it
/// was. Its message is left out: it may quote the call.
fn report_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(at) => crate::log::error(&format!("panicked at {}:{}", at.file(), at.line())),
        None => crate::log::error("panicked"),
    }));
}

/// Implements [`Hook`] for a hook whose answer depends on nothing in the call.
macro_rules! plain_hook {
    ($hook:ty) => {
        impl crate::export::Hook for $hook {
            type Call = Call;
            type Decision = Decision;
            type Form = ();
            type Wire = crate::bindings::types::Decision;

            fn call(json: String) -> Result<Call, crate::Failure> {
                Call::from_json(json)
            }

            fn form(_call: &Call) {}

            fn wire(decision: Decision, (): ()) -> Result<Self::Wire, crate::Failure> {
                crate::export::Outcome::into_result(decision.into_wire())
            }
        }
    };
}
pub(crate) use plain_hook;
