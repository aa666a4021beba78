//! A decision made of bare commands, for the hooks that have no decision type
//! of their own yet.

use serde_json::Value;

use crate::bindings::types;

/// What the policy has to say about a call, as Okta's own commands.
///
/// The interface of each hook in the contract lists the commands that Okta
/// accepts there. The host checks them; an illegal one fails the evaluation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    commands: Vec<(String, Value)>,
    error: Option<String>,
    reason: Option<String>,
}

impl Decision {
    /// Leaves Okta to go on.
    #[must_use]
    pub fn no_opinion() -> Self {
        Self::default()
    }

    /// One command: Okta's literal and its value.
    #[must_use]
    pub fn command(literal: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::no_opinion().and_command(literal, value)
    }

    /// Adds a command, carried out after those before it.
    #[must_use]
    pub fn and_command(mut self, literal: impl Into<String>, value: impl Into<Value>) -> Self {
        self.commands.push((literal.into(), value.into()));
        self
    }

    /// Okta's `error`. What it does depends on the hook: it refuses a token and a
    /// SAML sign-on, is only noted when users are imported, and has Okta deliver a
    /// one-time code itself. Okta runs no command beside it.
    #[must_use]
    pub fn error(summary: impl Into<String>) -> Self {
        Self {
            error: Some(summary.into()),
            ..Self::default()
        }
    }

    /// Why, for the operator's log. Never sent to Okta.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(crate) fn into_wire(self) -> types::Decision {
        let to_wire = |(literal, value): (String, Value)| types::Command {
            type_: literal,
            value: value.to_string(),
        };
        types::Decision {
            commands: self.commands.into_iter().map(to_wire).collect(),
            error: self.error.map(|summary| types::OktaError {
                error_summary: Some(summary).filter(|summary| !summary.trim().is_empty()),
                error_causes: Vec::new(),
            }),
            debug_context: None,
            reason: self.reason,
        }
    }
}
