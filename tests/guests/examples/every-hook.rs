//! Serves every hook of the contract, with settings.

use hookwarden_sdk::settings::Settings;
use hookwarden_sdk::{event, password_import, registration, saml, telephony, token, user_import};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Settings for Nothing {}

fn registration(_call: registration::Call, _: Nothing) -> registration::Decision {
    registration::Decision::set("servedBy", "every-hook")
}

fn token(_call: token::Call, _: Nothing) -> token::Decision {
    token::Decision::no_opinion()
}

fn saml(_call: saml::Call) -> Result<saml::Decision, hookwarden_sdk::Failure> {
    Ok(saml::Decision::no_opinion())
}

fn user_import(_call: user_import::Call) -> user_import::Decision {
    user_import::Decision::no_opinion()
}

fn password_import(_call: password_import::Call) -> password_import::Decision {
    password_import::Decision::no_opinion()
}

fn telephony(_call: telephony::Call) -> telephony::Decision {
    telephony::Decision::no_opinion()
}

fn event(_event: event::Event) -> event::Outcome {
    event::Outcome::Ignored
}

hookwarden_sdk::export!(
    registration = registration,
    token = token,
    saml = saml,
    user_import = user_import,
    password_import = password_import,
    telephony = telephony,
    event = event,
    settings = Nothing,
);
