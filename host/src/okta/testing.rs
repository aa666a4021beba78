//! What the tests of every hook type need.

use super::{
    Authority, Call, Command, Decision, Error, ErrorCause, HookType, Malformed, Merge, Violation,
    merge,
};

/// The names of policies, in the order of a chain.
const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];

/// The body of a call with these members.
pub(super) fn body(hook_type: HookType, members: &str) -> String {
    format!(r#"{{"eventType":"{}",{members}}}"#, hook_type.event_type())
}

/// A body that is a call of the type; or why it is none.
pub(super) fn parse(hook_type: HookType, body: &str) -> Result<Call, Malformed> {
    let call = Call::parse(hook_type, body.as_bytes())?;
    merge(&call)?;
    Ok(call)
}

/// A call with these members.
pub(super) fn call(hook_type: HookType, members: &str) -> Call {
    parse(hook_type, &body(hook_type, members)).expect("a call")
}

/// A decision of commands: literal and value.
pub(super) fn commands(commands: &[(&str, &str)]) -> Decision {
    let command = |(literal, value): &(&str, &str)| Command {
        literal: (*literal).to_owned(),
        value: (*value).to_owned(),
    };
    Decision {
        commands: commands.iter().map(command).collect(),
        ..Decision::default()
    }
}

/// A decision that is an error with this summary.
pub(super) fn error(summary: &str) -> Decision {
    Decision {
        error: Some(Error {
            summary: Some(summary.to_owned()),
            causes: Vec::new(),
        }),
        ..Decision::default()
    }
}

/// A decision that is an error with one cause at this place.
pub(super) fn error_at(location: &str) -> Decision {
    Decision {
        error: Some(Error {
            summary: None,
            causes: vec![ErrorCause {
                summary: "No.".to_owned(),
                location: Some(location.to_owned()),
                ..ErrorCause::default()
            }],
        }),
        ..Decision::default()
    }
}

/// A decision that says this for Okta's log and nothing else.
pub(super) fn debug(json: &str) -> Decision {
    Decision {
        debug_context: Some(json.to_owned()),
        ..Decision::default()
    }
}

/// The merged decisions of a chain, up to the one that settles the call.
pub(super) fn merged(call: &Call, decisions: Vec<Decision>) -> Box<dyn Merge<'_> + '_> {
    let mut merge = merge(call).expect("a call");
    for (name, decision) in NAMES.into_iter().zip(decisions) {
        merge
            .add(name, decision, &Authority::default())
            .expect("a legal decision");
        if merge.is_settled() {
            break;
        }
    }
    merge
}

/// Status and body of an answer.
pub(super) fn written(merge: &dyn Merge<'_>) -> (u16, String) {
    let answer = merge.answer();
    let body = String::from_utf8(answer.body.to_vec()).expect("JSON");
    (answer.status, body)
}

/// The answer to the decisions of a chain.
pub(super) fn answer(call: &Call, decisions: Vec<Decision>) -> (u16, String) {
    written(&*merged(call, decisions))
}

/// What is wrong with a decision, which is not added then.
pub(super) fn violation(call: &Call, decision: Decision) -> String {
    violation_under(&Authority::default(), call, decision).to_string()
}

/// What is wrong with the decision of a policy with this authority.
pub(super) fn violation_under(authority: &Authority, call: &Call, decision: Decision) -> Violation {
    let mut merge = merge(call).expect("a call");
    let before = merge.answer();
    let added = merge.add("first", decision, authority);
    let violation = added.expect_err("a violation");
    assert_eq!(merge.answer(), before);
    violation
}
