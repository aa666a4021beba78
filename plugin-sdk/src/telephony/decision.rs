//! The decision about a one-time code.

use serde_json::Value;

use crate::bindings::types;
use crate::decision::{error, remarks};

/// What the policy has to say about a one-time code.
///
/// ```
/// use hookwarden_sdk::telephony::Decision;
///
/// Decision::delivered("TWILIO", "SM49a8ece2").transaction_metadata("Duration=300ms");
/// Decision::pending("VONAGE", "f2b0");
/// Decision::failed().reason("premium number");
/// Decision::hand_back("The provider does not answer.");
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
    Report(Report),
    HandBack(String),
}

/// What became of the code. Each member is written when it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    status: &'static str,
    provider: Option<String>,
    transaction_id: Option<String>,
    transaction_metadata: Option<String>,
}

impl Report {
    /// The command's value: a list of one.
    fn value(&self) -> String {
        let mut value = format!(r#"[{{"status":"{}""#, self.status);
        let members = [
            &self.provider,
            &self.transaction_id,
            &self.transaction_metadata,
        ];
        for member in members.into_iter().flatten() {
            value.push(',');
            value.push_str(member);
        }
        value.push_str("}]");
        value
    }
}

fn member(name: &str, text: String) -> String {
    format!(r#""{name}":{}"#, Value::from(text))
}

impl Decision {
    fn of(effect: Effect) -> Self {
        Self {
            effect,
            reason: None,
            debug_context: None,
        }
    }

    fn report(status: &'static str) -> Self {
        Self::of(Effect::Report(Report {
            status,
            provider: None,
            transaction_id: None,
            transaction_metadata: None,
        }))
    }

    /// No opinion: the code is left to the next policy. If none has one, Okta's own
    /// provider delivers.
    pub fn no_opinion() -> Self {
        Self::of(Effect::NoOpinion)
    }

    /// The code was delivered (`SUCCESSFUL`), by this provider under this id of its
    /// own, such as `TWILIO` and `SM49a8ece2`. Both are for Okta's System Log.
    pub fn delivered(provider: impl Into<String>, transaction_id: impl Into<String>) -> Self {
        Self::report("SUCCESSFUL")
            .provider(provider)
            .transaction_id(transaction_id)
    }

    /// The code is on its way (`PENDING`): the provider took it, and has not said yet
    /// that it was delivered.
    pub fn pending(provider: impl Into<String>, transaction_id: impl Into<String>) -> Self {
        Self::report("PENDING")
            .provider(provider)
            .transaction_id(transaction_id)
    }

    /// The code could not be delivered, or is not to be (`FAILED`).
    ///
    /// Okta does not promise that nobody delivers it then: where the org has Okta's
    /// own provider besides, that one may.
    pub fn failed() -> Self {
        Self::report("FAILED")
    }

    /// Hands the code back: Okta's own provider delivers it. The text is Okta's
    /// `error`, for its System Log. Whoever reads that log reads it: no code, no
    /// phone number, no personal data.
    pub fn hand_back(text: impl Into<String>) -> Self {
        Self::of(Effect::HandBack(text.into()))
    }

    /// Who delivered, or tried to. Nothing on a decision that reports no delivery.
    pub fn provider(self, provider: impl Into<String>) -> Self {
        self.with(|report| report.provider = Some(member("provider", provider.into())))
    }

    /// The provider's own id of the delivery. Nothing on a decision that reports no
    /// delivery.
    pub fn transaction_id(self, id: impl Into<String>) -> Self {
        self.with(|report| report.transaction_id = Some(member("transactionId", id.into())))
    }

    /// What else there is to say about the delivery, such as `Duration=300ms`. Nothing
    /// on a decision that reports no delivery.
    pub fn transaction_metadata(self, text: impl Into<String>) -> Self {
        self.with(|report| {
            report.transaction_metadata = Some(member("transactionMetadata", text.into()));
        })
    }

    fn with(mut self, set: impl FnOnce(&mut Report)) -> Self {
        if let Effect::Report(report) = &mut self.effect {
            set(report);
        }
        self
    }

    pub(super) fn into_wire(self) -> types::Decision {
        let mut wire = types::Decision {
            commands: Vec::new(),
            error: None,
            debug_context: self.debug_context,
            reason: self.reason,
        };
        match self.effect {
            Effect::NoOpinion => {}
            Effect::Report(report) => wire.commands.push(types::Command {
                type_: "com.okta.telephony.action".to_owned(),
                value: report.value(),
            }),
            Effect::HandBack(text) => wire.error = Some(error(text)),
        }
        wire
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

    use super::Decision;

    fn value(decision: Decision) -> String {
        let mut wire = decision.into_wire();
        assert!(wire.error.is_none());
        assert_eq!(wire.commands.len(), 1);
        let command = wire.commands.remove(0);
        assert_eq!(command.type_, "com.okta.telephony.action");
        command.value
    }

    #[test]
    fn a_delivery_is_a_list_of_one() {
        assert_eq!(
            value(Decision::delivered("TWILIO", "SM1")),
            r#"[{"status":"SUCCESSFUL","provider":"TWILIO","transactionId":"SM1"}]"#
        );
        assert_eq!(
            value(Decision::pending("A \"B\"", "1").transaction_metadata("Duration=300ms")),
            r#"[{"status":"PENDING","provider":"A \"B\"","transactionId":"1","transactionMetadata":"Duration=300ms"}]"#
        );
        assert_eq!(value(Decision::failed()), r#"[{"status":"FAILED"}]"#);
        assert_eq!(
            value(Decision::failed().provider("A").provider("B")),
            r#"[{"status":"FAILED","provider":"B"}]"#
        );
    }

    #[test]
    fn no_opinion_is_empty() {
        let wire = Decision::no_opinion().provider("A").into_wire();
        assert!(wire.commands.is_empty() && wire.error.is_none());
        assert_eq!(Decision::default(), Decision::no_opinion());
    }

    #[test]
    fn what_is_handed_back_has_no_command() {
        let decision = Decision::hand_back("No answer.")
            .transaction_metadata("Duration=300ms")
            .reason("timeout")
            .debug_context(json!({"tries": 2}));
        let wire = decision.into_wire();
        assert!(wire.commands.is_empty());
        let error = wire.error.expect("an error");
        assert_eq!(error.error_summary.as_deref(), Some("No answer."));
        assert_eq!(wire.reason.as_deref(), Some("timeout"));
        assert_eq!(wire.debug_context.as_deref(), Some(r#"{"tries":2}"#));

        let wire = Decision::hand_back("").into_wire();
        assert!(
            wire.error
                .is_some_and(|error| error.error_summary.is_none())
        );
    }
}
