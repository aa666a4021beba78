//! The decision about a password.

use crate::bindings::types;

/// What the policy has to say about a password.
///
/// ```
/// use hookwarden_sdk::password_import::Decision;
///
/// Decision::verified();
/// Decision::unverified().reason("not in the table");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    answer: Answer,
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    NoOpinion,
    Verified,
    Unverified,
}

impl Decision {
    fn of(answer: Answer) -> Self {
        Self {
            answer,
            reason: None,
        }
    }

    /// No opinion, for users that are not this policy's business. If no policy has
    /// one, Okta refuses the password.
    pub fn no_opinion() -> Self {
        Self::of(Answer::NoOpinion)
    }

    /// The password is the user's: Okta signs the person in and keeps it.
    ///
    /// Never the answer to doubt. Return a [`Failure`](crate::Failure) when you
    /// could not find out.
    pub fn verified() -> Self {
        Self::of(Answer::Verified)
    }

    /// The password is not the user's: the person is refused, and Okta asks again
    /// next time.
    pub fn unverified() -> Self {
        Self::of(Answer::Unverified)
    }

    /// Why, for the operator's log. Never sent to Okta or shown to the person. Keep
    /// the password out of it, and personal data.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Whether this says that the password is the user's.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.answer == Answer::Verified
    }

    pub(super) fn into_wire(self) -> types::Decision {
        let value = match self.answer {
            Answer::NoOpinion => None,
            Answer::Verified => Some(r#"{"credential":"VERIFIED"}"#),
            Answer::Unverified => Some(r#"{"credential":"UNVERIFIED"}"#),
        };
        let command = value.map(|value| types::Command {
            type_: "com.okta.action.update".to_owned(),
            value: value.to_owned(),
        });
        types::Decision {
            commands: command.into_iter().collect(),
            error: None,
            debug_context: None,
            reason: self.reason,
        }
    }
}

impl Default for Decision {
    fn default() -> Self {
        Self::no_opinion()
    }
}

#[cfg(test)]
mod tests {
    use super::Decision;

    #[test]
    fn each_answer_is_one_command_or_none() {
        for (decision, value) in [
            (Decision::no_opinion(), None),
            (Decision::default(), None),
            (Decision::verified(), Some(r#"{"credential":"VERIFIED"}"#)),
            (
                Decision::unverified(),
                Some(r#"{"credential":"UNVERIFIED"}"#),
            ),
        ] {
            let wire = decision.reason("why").into_wire();
            let commands = wire.commands.iter();
            let values: Vec<_> = commands.map(|command| command.value.as_str()).collect();
            assert_eq!(values, Vec::from_iter(value));
            let mut commands = wire.commands.iter();
            assert!(commands.all(|command| command.type_ == "com.okta.action.update"));
            assert!(wire.error.is_none() && wire.debug_context.is_none());
            assert_eq!(wire.reason.as_deref(), Some("why"));
        }
    }

    #[test]
    fn only_one_answer_verifies() {
        assert!(Decision::verified().is_verified());
        assert!(!Decision::unverified().is_verified());
        assert!(!Decision::no_opinion().is_verified());
    }
}
