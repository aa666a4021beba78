//! The policies that ship with the host, compiled into this program: what the exports of
//! their components do, without a component.

use hookwarden::okta::{self, Command};
use hookwarden::sandbox::{Failure, Outcome};
use hookwarden_sdk::bindings::types;
use hookwarden_sdk::export::Kept;

include!(concat!(env!("OUT_DIR"), "/compiled_in.rs"));

/// Decides one call by the rule of `plugins/only-example-com`, with the settings that it
/// has by default.
///
/// # Errors
///
/// The call is not understood.
pub fn decide(call: String) -> Result<types::Decision, types::Failure> {
    let [registration] = only_example_com::HOOKWARDEN_HANDLERS else {
        panic!("it serves one hook");
    };
    (registration.decide)(call, "{}")
}

/// What the host makes of what an export returns.
#[must_use]
pub fn outcome(returned: Result<types::Decision, types::Failure>) -> Outcome {
    match returned {
        Ok(decision) => Outcome::Decided(decided(decision)),
        Err(types::Failure::InvalidCall(text)) => Outcome::Failed(Failure::InvalidCall(text)),
        Err(types::Failure::Unavailable(text)) => Outcome::Failed(Failure::Unavailable(text)),
        Err(types::Failure::Other(text)) => Outcome::Failed(Failure::Other(text)),
    }
}

fn decided(decision: types::Decision) -> okta::Decision {
    let command = |command: types::Command| Command {
        literal: command.type_,
        value: command.value,
    };
    let cause = |cause: types::ErrorCause| okta::ErrorCause {
        summary: cause.error_summary,
        reason: cause.reason,
        location_type: cause.location_type,
        location: cause.location,
        domain: cause.domain,
    };
    okta::Decision {
        commands: decision.commands.into_iter().map(command).collect(),
        error: decision.error.map(|error| okta::Error {
            summary: error.error_summary,
            causes: error.error_causes.into_iter().map(cause).collect(),
        }),
        debug_context: decision.debug_context,
        reason: decision.reason,
    }
}
