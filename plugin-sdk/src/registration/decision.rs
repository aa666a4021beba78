//! The decision about a registration.

use serde_json::Value;

use super::call::RequestType;
use crate::bindings::types;
use crate::decision::remarks;
use crate::failure::Failure;
use crate::updates::Updates;

/// What the policy has to say about a registration.
///
/// A decision is no opinion, a denial, or attributes to set; whichever it is,
/// it becomes the commands that Okta accepts for the request type of the call.
/// Okta runs no command of a denial, so attributes set on one are dropped.
///
/// ```
/// use hookwarden_sdk::registration::{Cause, Decision};
///
/// Decision::allow();
/// Decision::deny_field("email", "Use your work address.").reason("free mail");
/// Decision::deny_fields([
///     Cause::at("email", "Use your work address.").code("WORK_EMAIL_REQUIRED"),
///     Cause::at("phone", "Start with the country code."),
/// ]);
/// Decision::set("userType", "Contractor").and_set("customerId", 12345);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Decision {
    effect: Effect,
    reason: Option<String>,
    debug_context: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Effect {
    NoOpinion,
    Deny(Vec<Cause>),
    Set(Updates),
}

/// One reason of a denial, shown to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Cause {
    message: String,
    attribute: Option<String>,
    code: Option<String>,
}

impl Cause {
    /// A message shown at the field of an attribute.
    pub fn at(attribute: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            attribute: Some(attribute.into()),
            code: None,
        }
    }

    /// A message that names no field, so that the person does not learn which
    /// one was at fault. Okta shows its own general text instead of the message
    /// in most sign-up forms.
    pub fn unlocated(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            attribute: None,
            code: None,
        }
    }

    /// A code for machines, such as `INVALID_EMAIL_DOMAIN`.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    fn into_wire(self) -> types::ErrorCause {
        types::ErrorCause {
            error_summary: self.message,
            reason: self.code,
            location_type: None,
            location: self
                .attribute
                .filter(|attribute| !attribute.is_empty())
                .map(|attribute| format!("data.userProfile.{attribute}")),
            domain: None,
        }
    }
}

impl<A: Into<String>, M: Into<String>> From<(A, M)> for Cause {
    fn from((attribute, message): (A, M)) -> Self {
        Self::at(attribute, message)
    }
}

impl Decision {
    fn of(effect: Effect) -> Self {
        Self {
            effect,
            reason: None,
            debug_context: None,
        }
    }

    /// No opinion: as far as this policy is concerned Okta goes on. Another
    /// policy may still deny.
    pub fn no_opinion() -> Self {
        Self::of(Effect::NoOpinion)
    }

    /// The same as [`no_opinion`](Self::no_opinion), for the branch of a rule
    /// that was looked for and met. Nothing a policy says can admit a person
    /// whom another policy denies.
    pub fn allow() -> Self {
        Self::no_opinion()
    }

    /// Denies without a text of the policy's own: the person reads Okta's
    /// "Registration denied." or "Profile update denied.".
    pub fn deny() -> Self {
        Self::of(Effect::Deny(Vec::new()))
    }

    /// Denies, with a message at the field of an attribute.
    pub fn deny_field(attribute: impl Into<String>, message: impl Into<String>) -> Self {
        Self::deny_fields([Cause::at(attribute, message)])
    }

    /// Denies, with several messages, each at its field. Pairs of attribute and
    /// message will do. Classic Engine shows the first only. An empty message is
    /// left out.
    pub fn deny_fields<C: Into<Cause>>(causes: impl IntoIterator<Item = C>) -> Self {
        Self::of(Effect::Deny(causes.into_iter().map(Into::into).collect()))
    }

    /// Lets Okta go on and sets an attribute, to any JSON value. The attribute
    /// must exist in the user schema, with that type. `password` can never be
    /// set: a decision that tries is a failure.
    pub fn set(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::of(Effect::Set(Updates::default())).and_set(attribute, value)
    }

    /// Sets one more attribute. The last value of one attribute counts. On a
    /// denial this does nothing.
    pub fn and_set(mut self, attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        if matches!(self.effect, Effect::NoOpinion) {
            self.effect = Effect::Set(Updates::default());
        }
        if let Effect::Set(updates) = &mut self.effect {
            updates.set(attribute.into(), &value.into());
        }
        self
    }

    /// Whether this denies.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        matches!(self.effect, Effect::Deny(_))
    }

    pub(super) fn into_wire(self, request_type: RequestType) -> Result<types::Decision, Failure> {
        let mut wire = types::Decision {
            commands: Vec::new(),
            error: None,
            debug_context: self.debug_context,
            reason: self.reason,
        };
        match self.effect {
            Effect::NoOpinion => {}
            Effect::Deny(mut causes) => {
                // An empty text, from a setting perhaps, must not undo a denial.
                causes.retain(|cause| !cause.message.trim().is_empty());
                wire.commands.push(types::Command {
                    type_: "com.okta.action.update".to_owned(),
                    value: r#"{"registration":"DENY"}"#.to_owned(),
                });
                if !causes.is_empty() {
                    wire.error = Some(types::OktaError {
                        error_summary: None,
                        error_causes: causes.into_iter().map(Cause::into_wire).collect(),
                    });
                }
            }
            Effect::Set(updates) => wire.commands.push(types::Command {
                type_: match request_type {
                    RequestType::ProgressiveProfile => "com.okta.user.progressive.profile.update",
                    RequestType::SelfServiceRegistration | RequestType::Classic => {
                        "com.okta.user.profile.update"
                    }
                }
                .to_owned(),
                value: updates.object()?,
            }),
        }
        Ok(wire)
    }
}

impl Default for Decision {
    fn default() -> Self {
        Self::no_opinion()
    }
}

remarks!(Decision);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::call::RequestType::{Classic, ProgressiveProfile, SelfServiceRegistration};
    use super::{Cause, Decision};

    #[test]
    fn attributes_are_set_by_the_command_of_the_request_type() {
        for (request_type, literal) in [
            (SelfServiceRegistration, "com.okta.user.profile.update"),
            (Classic, "com.okta.user.profile.update"),
            (
                ProgressiveProfile,
                "com.okta.user.progressive.profile.update",
            ),
        ] {
            let decision = Decision::set("customerId", 12345)
                .and_set("tags", json!(["a", "b"]))
                .and_set("customerId", 6);
            let wire = decision.into_wire(request_type).expect("a legal decision");
            assert_eq!(wire.commands.len(), 1);
            assert_eq!(wire.commands[0].type_, literal);
            assert_eq!(
                wire.commands[0].value,
                r#"{"customerId":6,"tags":["a","b"]}"#
            );
            assert!(wire.error.is_none());
        }
    }

    #[test]
    fn a_denial_stands_alone() {
        let decision = Decision::deny_fields([
            Cause::at("email", "Use your work address.").code("WORK_EMAIL_REQUIRED"),
            Cause::unlocated("Ask your contact."),
        ])
        .and_set("userType", "Contractor")
        .reason("free mail");
        let wire = decision.into_wire(Classic).expect("a legal decision");

        assert_eq!(wire.commands.len(), 1);
        assert_eq!(wire.commands[0].value, r#"{"registration":"DENY"}"#);
        let causes = wire.error.expect("a text").error_causes;
        assert_eq!(
            causes[0].location.as_deref(),
            Some("data.userProfile.email")
        );
        assert_eq!(causes[0].reason.as_deref(), Some("WORK_EMAIL_REQUIRED"));
        assert_eq!(causes[1].location, None);
        assert_eq!(wire.reason.as_deref(), Some("free mail"));
    }

    #[test]
    fn a_denial_without_text_has_no_error() {
        let wire = Decision::deny()
            .into_wire(ProgressiveProfile)
            .expect("a legal decision");
        assert_eq!(wire.commands.len(), 1);
        assert!(wire.error.is_none());
    }

    #[test]
    fn a_denial_with_empty_texts_is_a_denial_all_the_same() {
        let wire = Decision::deny_field("email", " ")
            .into_wire(Classic)
            .expect("legal");
        assert_eq!((wire.commands.len(), wire.error.is_none()), (1, true));
        let wire = Decision::deny_field("", "No.")
            .into_wire(Classic)
            .expect("legal");
        assert_eq!(wire.error.expect("a text").error_causes[0].location, None);
    }

    #[test]
    fn no_opinion_is_empty() {
        let wire = Decision::allow()
            .into_wire(Classic)
            .expect("a legal decision");
        assert!(wire.commands.is_empty() && wire.error.is_none());
    }

    #[test]
    fn the_password_cannot_be_set() {
        let decision = Decision::set("password", "hunter2");
        assert!(decision.into_wire(Classic).is_err());
    }
}
