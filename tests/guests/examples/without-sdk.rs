//! A policy made with a bindings generator alone, from the contract's files.

wit_bindgen::generate!({
    path: "../../wit",
    world: "registration-policy",
    generate_all,
});

use exports::hookwarden::policy::registration::Guest;
use hookwarden::policy::types::{Command, Decision, Failure};

struct WithoutSdk;

impl Guest for WithoutSdk {
    fn decide(call: String, _settings: String) -> Result<Decision, Failure> {
        let mut decision = Decision {
            commands: Vec::new(),
            error: None,
            debug_context: None,
            reason: None,
        };
        if !call.contains("@example.com\"") {
            decision.commands.push(Command {
                type_: "com.okta.action.update".to_owned(),
                value: r#"{"registration":"DENY"}"#.to_owned(),
            });
        }
        Ok(decision)
    }
}

export!(WithoutSdk);
