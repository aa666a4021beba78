//! What wasmtime generates from the contract, and nothing else.
//!
//! One module per contract line. `sandbox` converts these types into the host's
//! own, so that a second line is a second module here and nothing elsewhere.

#![allow(missing_docs, unreachable_pub, reason = "generated")]

/// What a world exports, one module each, all with the types of the module around it.
macro_rules! exports {
    ($($module:ident = $world:literal;)+) => { $(
        #[doc = concat!("World `", $world, "`.")]
        pub mod $module {
            wasmtime::component::bindgen!({
                path: "../wit",
                world: $world,
                exports: { default: async },
                with: { "hookwarden:policy/types": super::types },
            });
        }
    )+ };
}

/// The line 0.1.
pub mod v0_1 {
    /// Every import, and the types that all interfaces share.
    pub mod capabilities {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "capabilities",
            imports: {
                "hookwarden:policy/log.write": async | trappable,
                "hookwarden:policy/evaluation.hook": async | trappable,
                "hookwarden:policy/evaluation.remaining": async | trappable,
                "hookwarden:policy/secrets.get": async | trappable,
                "hookwarden:policy/dataset.contains": async | trappable,
                "hookwarden:policy/dataset.lookup": async | trappable,
            },
        });
    }

    /// Small values that a policy keeps.
    pub mod key_value {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "key-value",
            imports: { default: async | trappable },
        });
    }

    pub use capabilities::hookwarden::policy::types;

    exports! {
        registration = "registration-policy";
        token = "token-policy";
        saml = "saml-policy";
        user_import = "user-import-policy";
        password_import = "password-import-policy";
        telephony = "telephony-policy";
        settings = "settings-check";
    }
}
