//! What `wit-bindgen` generates from the contract, and nothing else.
//!
//! One module per world, all with the types of [`types`]. The rest of the SDK
//! turns these into types worth writing a policy with.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]

/// Every import a policy may use, and the types that all interfaces share.
pub mod capabilities {
    wit_bindgen::generate!({
        path: "../wit",
        world: "capabilities",
        generate_all,
        additional_derives: [PartialEq, Eq],
    });
}

pub use capabilities::hookwarden::policy::types;

/// Small values that a policy keeps.
pub mod key_value {
    wit_bindgen::generate!({
        path: "../wit",
        world: "key-value",
        generate_all,
    });
}

/// Requests to services.
pub mod outgoing_http {
    wit_bindgen::generate!({
        path: "../wit",
        world: "outgoing-http",
        generate_all,
    });
}

macro_rules! exports {
    ($($module:ident = $world:literal, $macro:literal, $path:literal;)+) => { $(
        #[doc = concat!("World `", $world, "`.")]
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit",
                world: $world,
                with: { "hookwarden:policy/types@0.1.0": crate::bindings::types },
                pub_export_macro: true,
                export_macro_name: $macro,
                default_bindings_module: $path,
            });
        }
    )+ };
}

exports! {
    registration = "registration-policy", "__export_registration", "hookwarden_sdk::bindings::registration";
    token = "token-policy", "__export_token", "hookwarden_sdk::bindings::token";
    saml = "saml-policy", "__export_saml", "hookwarden_sdk::bindings::saml";
    user_import = "user-import-policy", "__export_user_import", "hookwarden_sdk::bindings::user_import";
    password_import = "password-import-policy", "__export_password_import", "hookwarden_sdk::bindings::password_import";
    telephony = "telephony-policy", "__export_telephony", "hookwarden_sdk::bindings::telephony";
    event = "event-policy", "__export_event", "hookwarden_sdk::bindings::event";
    settings = "settings-check", "__export_settings", "hookwarden_sdk::bindings::settings";
}
