//! The decision about tokens.

use serde_json::Value;

use super::call::{Call, Draft, Token};
use super::patch::{Claim, Patch};
use crate::bindings::types;
use crate::decision::{error, remarks};
use crate::failure::Failure;
use crate::patch::write;

/// What the policy has to say about the tokens that a client asks for.
///
/// A decision is no opinion, a refusal, or patches of the tokens. A refusal stands
/// alone: what a decision changed before is dropped with it.
///
/// ```
/// use std::time::Duration;
/// use hookwarden_sdk::token::{Decision, Patch, Token};
///
/// Decision::no_opinion();
/// Decision::deny("This client is suspended.").reason("suspended client");
/// Decision::set_claim(Token::Access, "tenant", "acme")
///     .and_set_claim(Token::Id, ["employee_profile", "email"], "r.jones@example.com");
/// Decision::patch(
///     Token::Access,
///     Patch::new().append("roles", "auditor").lifetime(Duration::from_secs(600)),
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Decision {
    effect: Effect,
    reason: Option<String>,
    debug_context: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Effect {
    Patch { identity: Patch, access: Patch },
    Deny(String),
}

impl Default for Effect {
    fn default() -> Self {
        Self::Patch {
            identity: Patch::new(),
            access: Patch::new(),
        }
    }
}

impl Decision {
    /// No opinion: as far as this policy is concerned Okta mints the tokens as they
    /// are. Another policy may still deny.
    pub fn no_opinion() -> Self {
        Self::default()
    }

    /// Refuses the tokens. The client gets OAuth's `server_error` with this text as
    /// its `error_description`; with a blank one, Okta's own.
    pub fn deny(description: impl Into<String>) -> Self {
        Self {
            effect: Effect::Deny(description.into()),
            ..Self::default()
        }
    }

    /// Gives a claim of one token this value, whether or not it has one. A `null`
    /// says nothing.
    pub fn set_claim(token: Token, claim: impl Into<Claim>, value: impl Into<Value>) -> Self {
        Self::no_opinion().and_set_claim(token, claim, value)
    }

    /// Gives one more claim a value. On a refusal this does nothing.
    pub fn and_set_claim(
        self,
        token: Token,
        claim: impl Into<Claim>,
        value: impl Into<Value>,
    ) -> Self {
        self.and_patch(token, Patch::new().set(claim, value))
    }

    /// Changes one token. If it is not minted in this call, this does nothing.
    pub fn patch(token: Token, patch: Patch) -> Self {
        Self::no_opinion().and_patch(token, patch)
    }

    /// Changes a token too, after what was changed before. On a refusal this does
    /// nothing.
    pub fn and_patch(mut self, token: Token, patch: Patch) -> Self {
        if let Effect::Patch { identity, access } = &mut self.effect {
            match token {
                Token::Id => identity.extend(patch),
                Token::Access => access.extend(patch),
            }
        }
        self
    }

    /// Whether this denies.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        matches!(self.effect, Effect::Deny(_))
    }

    pub(super) fn into_wire(self, form: &Form) -> Result<types::Decision, Failure> {
        let mut wire = types::Decision {
            commands: Vec::new(),
            error: None,
            debug_context: self.debug_context,
            reason: self.reason,
        };
        match self.effect {
            Effect::Deny(description) => wire.error = Some(error(description)),
            Effect::Patch { identity, access } => {
                for (command, token, draft, patch) in [
                    (
                        "com.okta.identity.patch",
                        Token::Id,
                        &form.identity,
                        identity,
                    ),
                    ("com.okta.access.patch", Token::Access, &form.access, access),
                ] {
                    let operations = patch.resolve(token, draft.as_ref())?;
                    if !operations.is_empty() {
                        wire.commands.push(types::Command {
                            type_: command.to_owned(),
                            value: write(&operations),
                        });
                    }
                }
            }
        }
        Ok(wire)
    }
}

/// The tokens of a call, which a decision is checked against.
#[doc(hidden)]
#[derive(Debug)]
pub struct Form {
    identity: Option<Draft>,
    access: Option<Draft>,
}

impl Form {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            identity: call.identity().cloned(),
            access: call.access().cloned(),
        }
    }
}

remarks!(Decision);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Decision, Form, Patch, Token};
    use crate::bindings::types;
    use crate::testing::{token, token_with};

    fn wire(decision: Decision) -> types::Decision {
        let form = Form::of(&token());
        decision.into_wire(&form).expect("a legal decision")
    }

    #[test]
    fn each_token_has_its_command() {
        let hour = Duration::from_secs(3600);
        let decision = Decision::set_claim(Token::Access, "external_guid", "F038")
            .and_set_claim(Token::Id, "extPatientId", "1234")
            .and_patch(Token::Access, Patch::new().lifetime(hour / 2))
            .and_patch(
                Token::Access,
                Patch::new().lifetime(hour).remove("cid_hint"),
            )
            .debug_context(json!({"rule": 1}));
        let wire = wire(decision);
        let [identity, access] = wire.commands.as_slice() else {
            panic!("{:?}", wire.commands);
        };
        assert_eq!(identity.type_, "com.okta.identity.patch");
        assert_eq!(
            identity.value,
            r#"[{"op":"add","path":"/claims/extPatientId","value":"1234"}]"#
        );
        assert_eq!(access.type_, "com.okta.access.patch");
        assert_eq!(
            serde_json::from_str::<Value>(&access.value).expect("JSON"),
            json!([
                {"op": "add", "path": "/claims/external_guid", "value": "F038"},
                {"op": "replace", "path": "/token/lifetime/expiration", "value": 3600},
            ])
        );
        assert_eq!(wire.debug_context.as_deref(), Some(r#"{"rule":1}"#));
        assert!(wire.error.is_none());
    }

    #[test]
    fn a_token_that_is_not_minted_is_left_alone() {
        let call = token_with([("/data/access", Value::Null)]);
        let decision = Decision::set_claim(Token::Access, "tenant", "acme");
        let both = decision.clone().and_set_claim(Token::Id, "tenant", "acme");
        for (decision, commands) in [(decision, 0), (both, 1)] {
            let wire = decision
                .into_wire(&Form::of(&call))
                .expect("a legal decision");
            assert_eq!(wire.commands.len(), commands);
        }
    }

    #[test]
    fn a_refusal_stands_alone() {
        let decision = Decision::deny("Not now.")
            .and_set_claim(Token::Access, "iss", "dropped")
            .reason("closed");
        assert!(decision.is_denial());
        let wire = wire(decision);
        assert!(wire.commands.is_empty());
        let error = wire.error.expect("an error");
        assert_eq!(error.error_summary.as_deref(), Some("Not now."));
        assert_eq!(wire.reason.as_deref(), Some("closed"));
    }

    #[test]
    fn a_refusal_with_a_blank_text_is_a_refusal_all_the_same() {
        let error = wire(Decision::deny(" ")).error.expect("an error");
        assert_eq!(error.error_summary, None);
    }

    #[test]
    fn no_opinion_is_empty() {
        let decision = Decision::patch(Token::Id, Patch::new());
        assert_eq!(decision, Decision::no_opinion());
        let wire = wire(decision);
        assert!(wire.commands.is_empty() && wire.error.is_none());
    }
}
