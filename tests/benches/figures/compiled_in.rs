//! The same host with the same rule compiled in: what a sandbox costs is the
//! difference.
//!
//! Configuration, listener, authentication, checks, merge, log, metrics and reply cache
//! are the host's. Only where it would evaluate a component it calls a function.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use hookwarden::policy::Policy;
use hookwarden::sandbox::Outcome;
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
    compiled_in::outcome(compiled_in::decide(call.to_owned()))
}
