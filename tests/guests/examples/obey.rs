//! Returns the decision that its settings spell out, legal or not.

use hookwarden_sdk::bindings::{self, types};
use hookwarden_sdk::settings::{self, Settings};

#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Orders {
    commands: Vec<Command>,
    /// How often the commands are repeated.
    times: usize,
    /// Sets the attribute `padding` to this many bytes.
    padding: usize,
    deny_at: Option<String>,
    message: String,
    debug_context: Option<String>,
    reason: Option<String>,
}

#[derive(serde::Deserialize)]
struct Command {
    r#type: String,
    value: String,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            commands: Vec::new(),
            times: 1,
            padding: 0,
            deny_at: None,
            message: "No.".to_owned(),
            debug_context: None,
            reason: None,
        }
    }
}

impl Settings for Orders {}

struct Obey;

impl Obey {
    fn decide(settings: &str) -> Result<types::Decision, types::Failure> {
        let orders: Orders = settings::from_json(settings)
            .map_err(|_| types::Failure::Other("bad orders".to_owned()))?;
        let mut commands = Vec::new();
        for _ in 0..orders.times {
            commands.extend(orders.commands.iter().map(|command| types::Command {
                type_: command.r#type.clone(),
                value: command.value.clone(),
            }));
        }
        if orders.padding > 0 {
            commands.push(types::Command {
                type_: "com.okta.user.profile.update".to_owned(),
                value: format!("{{\"padding\":\"{}\"}}", "x".repeat(orders.padding)),
            });
        }
        Ok(types::Decision {
            commands,
            error: orders.deny_at.map(|location| types::OktaError {
                error_summary: None,
                error_causes: vec![types::ErrorCause {
                    error_summary: orders.message,
                    reason: None,
                    location_type: None,
                    location: Some(location),
                    domain: None,
                }],
            }),
            debug_context: orders.debug_context,
            reason: orders.reason,
        })
    }
}

macro_rules! obey {
    ($($hook:ident $export:ident)+) => { $(
        impl bindings::$hook::exports::hookwarden::policy::$hook::Guest for Obey {
            fn decide(_call: String, settings: String) -> Result<types::Decision, types::Failure> {
                Obey::decide(&settings)
            }
        }

        bindings::$hook::$export!(Obey with_types_in bindings::$hook);
    )+ };
}

obey!(
    registration __export_registration
    token __export_token
    saml __export_saml
    user_import __export_user_import
    password_import __export_password_import
    telephony __export_telephony
);
hookwarden_sdk::__export_settings!(Orders);
