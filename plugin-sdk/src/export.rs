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
/// see [`Settings`]. Without it the host accepts only empty ones.
///
/// Use the macro once in a crate. Built for anything but WebAssembly it checks
/// the types and exports nothing, so `cargo test` runs the handlers natively.
#[macro_export]
macro_rules! export {
    ($($hook:ident = $handler:path),+ $(,)?) => {
        $( $crate::__export_one!($hook = $handler); )+
    };
}

/// One export. Hidden, because an unknown name gives its error here.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_one {
    (registration = $handler:path) => { $crate::__export_inline!(registration, __export_registration, $handler); };
    (token = $handler:path) => { $crate::__export_inline!(token, __export_token, $handler); };
    (saml = $handler:path) => { $crate::__export_inline!(saml, __export_saml, $handler); };
    (user_import = $handler:path) => { $crate::__export_inline!(user_import, __export_user_import, $handler); };
    (password_import = $handler:path) => { $crate::__export_inline!(password_import, __export_password_import, $handler); };
    (telephony = $handler:path) => { $crate::__export_inline!(telephony, __export_telephony, $handler); };
    (event = $handler:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::event::exports::hookwarden::policy::event::{Guest, Outcome};
            use $crate::bindings::types::Failure;

            struct Policy;

            impl Guest for Policy {
                fn handle(event: String, settings: String) -> Result<Outcome, Failure> {
                    $crate::export::run::<$crate::event::Hook, _, _>($handler, event, &settings)
                }
            }

            $crate::bindings::event::__export_event!(Policy with_types_in $crate::bindings::event);
        };
        $crate::__check_handler!(event, $handler);
    };
    (settings = $settings:path) => {
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
    ($unknown:ident = $handler:path) => {
        compile_error!(concat!(
            "no hook `", stringify!($unknown), "`: the hooks are `registration`, `token`, `saml`, ",
            "`user_import`, `password_import`, `telephony` and `event`; settings are `settings = Type`",
        ));
    };
}

/// The export of one inline hook.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_inline {
    ($hook:ident, $export:ident, $handler:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::types::{Decision, Failure};
            use $crate::bindings::$hook::exports::hookwarden::policy::$hook::Guest;

            struct Policy;

            impl Guest for Policy {
                fn decide(call: String, settings: String) -> Result<Decision, Failure> {
                    $crate::export::run::<$crate::$hook::Hook, _, _>($handler, call, &settings)
                }
            }

    $crate::bindings::$hook::$export!(Policy with_types_in $crate::bindings::$hook);
        };
        $crate::__check_handler!($hook, $handler);
    };
}

/// Natively: the types, and nothing else.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_handler {
    ($hook:ident, $handler:path) => {
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn(String, &str) = |call, settings| {
            drop($crate::export::run::<$crate::$hook::Hook, _, _>(
                $handler, call, settings,
            ));
        };
    };
}

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

/// A function that can be exported: of a call or of a call and settings, to a
/// decision or a `Result` of it. `Arguments` tells the forms apart.
pub trait Handler<Call, Decision, Arguments> {
    /// Reads the settings if the function takes any, and calls it.
    ///
    /// # Errors
    ///
    /// The function's own failure, or settings that do not deserialize.
    fn handle(self, call: Call, settings: &str) -> Result<Decision, Failure>;
}

impl<F, C, R, D> Handler<C, D, (C,)> for F
where
    F: FnOnce(C) -> R,
    R: Outcome<D>,
{
    fn handle(self, call: C, _settings: &str) -> Result<D, Failure> {
        self(call).into_result()
    }
}

impl<F, C, S, R, D> Handler<C, D, (C, S)> for F
where
    F: FnOnce(C, S) -> R,
    S: Settings,
    R: Outcome<D>,
{
    fn handle(self, call: C, settings: &str) -> Result<D, Failure> {
        let settings = settings::from_json(settings)
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
pub fn run<H, F, Arguments>(
    handler: F,
    call: String,
    settings: &str,
) -> Result<H::Wire, crate::bindings::types::Failure>
where
    H: Hook,
    F: Handler<H::Call, H::Decision, Arguments>,
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
                Ok(decision.into_wire())
            }
        }
    };
}
pub(crate) use plain_hook;
