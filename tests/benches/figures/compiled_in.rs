//! The same host with the same rule compiled in: what a sandbox costs is the
//! difference.
//!
//! Configuration, listener, authentication, checks, merge, log, metrics and reply cache
//! are the host's. Only where it would evaluate a component it calls a function.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use hookwarden::okta::{self, Command};
use hookwarden::policy::Policy;
use hookwarden::sandbox::{Failure, Outcome};
use hookwarden_sdk::bindings::types::{self, ErrorCause};
use tests::compiled_in;
use tests::serving::Serving;

/// Serves by `hookwarden.toml` until the process is killed.
pub(crate) fn serve() {
    let (config, policies) = (Path::new("hookwarden.toml"), Path::new("policies"));
    let _serving = Serving::start(config, policies, without_sandbox);
    loop {
        thread::park();
    }
}

fn without_sandbox(policy: &Policy) -> Policy {
    let revision = policy.revision.as_ref().expect("the policy is loaded");
    Policy {
        revision: Ok(Arc::new(revision.compiled_in(decide))),
        ..policy.clone()
    }
}

fn decide(call: &str, _settings: &str) -> Outcome {
    match compiled_in::decide(call.to_owned()) {
        Ok(decision) => Outcome::Decided(of_wire(decision)),
        Err(_) => Outcome::Failed(Failure::Other("failed".to_owned())),
    }
}

fn of_wire(decision: types::Decision) -> okta::Decision {
    let command = |command: types::Command| Command {
        literal: command.type_,
        value: command.value,
    };
    let cause = |cause: ErrorCause| okta::ErrorCause {
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
