//! What wasmtime generates from the contract, and nothing else.
//!
//! One module per contract line. `sandbox` converts these types into the host's
//! own, so that a second line is a second module here and nothing elsewhere.

#![allow(missing_docs, unreachable_pub, reason = "generated")]

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
            },
        });
    }

    pub use capabilities::hookwarden::policy::types;

    /// World `registration-policy`.
    pub mod registration {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "registration-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `token-policy`.
    pub mod token {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "token-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `saml-policy`.
    pub mod saml {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "saml-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `user-import-policy`.
    pub mod user_import {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "user-import-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `password-import-policy`.
    pub mod password_import {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "password-import-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `telephony-policy`.
    pub mod telephony {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "telephony-policy",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }

    /// World `settings-check`.
    pub mod settings {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "settings-check",
            exports: { default: async },
            with: { "hookwarden:policy/types": super::types },
        });
    }
}
