//! `decide`, the export of every inline hook: linked, and of one instance. One line a
//! hook type; wasmtime generates a type of its own for each.

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{AsContextMut, Store};

use super::state::State;
use crate::bindings::v0_1 as bindings;
use crate::bindings::v0_1::types as contract;
use crate::okta::HookType;

/// What `decide` returns.
pub(super) type Decided = Result<contract::Decision, contract::Failure>;

macro_rules! inline_hooks {
    ($($hook:ident: $module:ident, $policy:ident, $linked:ident, $interface:ident;)+) => {
        /// A component's export for one hook type.
        pub(super) enum Linked {
            $(
                #[doc = concat!("World `", stringify!($module), "`.")]
                $hook(bindings::$module::$linked<State>),
            )+
        }

        /// The same of an instance.
        pub(super) enum Instantiated {
            $(
                #[doc = concat!("World `", stringify!($module), "`.")]
                $hook(bindings::$module::$policy),
            )+
        }

        impl Linked {
            /// Finds the export for a hook type; `None` if that is no inline hook.
            ///
            /// # Errors
            ///
            /// It is missing or has another type.
            pub(super) fn find(
                hook_type: HookType,
                component: &InstancePre<State>,
            ) -> Option<wasmtime::Result<Self>> {
                match hook_type {
                    $(HookType::$hook => {
                        let linked = bindings::$module::$linked::new(component.clone());
                        Some(linked.map(Self::$hook))
                    })+
                    HookType::Event => None,
                }
            }

            /// What it answers.
            pub(super) fn hook_type(&self) -> HookType {
                match self {
                    $(Self::$hook(_) => HookType::$hook,)+
                }
            }

            /// Loads it from an instance, and nothing more.
            ///
            /// # Errors
            ///
            /// It has another type.
            pub(super) fn load(
                &self,
                store: &mut Store<State>,
                instance: &Instance,
            ) -> wasmtime::Result<()> {
                match self {
                    $(Self::$hook(_) => bindings::$module::$policy::new(store, instance).map(drop),)+
                }
            }

            /// Makes an instance.
            ///
            /// # Errors
            ///
            /// There is no room for it, or it trapped as it was made.
            pub(super) async fn instantiate(
                &self,
                store: &mut Store<State>,
            ) -> wasmtime::Result<Instantiated> {
                Ok(match self {
                    $(Self::$hook(linked) => {
                        Instantiated::$hook(linked.instantiate_async(store).await?)
                    })+
                })
            }
        }

        impl Instantiated {
            /// Decides a call.
            ///
            /// # Errors
            ///
            /// The guest trapped.
            pub(super) async fn decide(
                &self,
                store: impl AsContextMut<Data = State>,
                call: &String,
                settings: &String,
            ) -> wasmtime::Result<Decided> {
                match self {
                    $(Self::$hook(policy) => {
                        policy.$interface().call_decide(store, call, settings).await
                    })+
                }
            }
        }
    };
}

inline_hooks! {
    Registration: registration, RegistrationPolicy, RegistrationPolicyPre, hookwarden_policy_registration;
    Token: token, TokenPolicy, TokenPolicyPre, hookwarden_policy_token;
    Saml: saml, SamlPolicy, SamlPolicyPre, hookwarden_policy_saml;
    UserImport: user_import, UserImportPolicy, UserImportPolicyPre, hookwarden_policy_user_import;
    PasswordImport: password_import, PasswordImportPolicy, PasswordImportPolicyPre, hookwarden_policy_password_import;
    Telephony: telephony, TelephonyPolicy, TelephonyPolicyPre, hookwarden_policy_telephony;
}
