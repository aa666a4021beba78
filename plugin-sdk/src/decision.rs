//! What the decisions of several hooks have in common.

use crate::bindings::types;

/// The remarks of a decision, for a type with the fields `reason` and
/// `debug_context`.
macro_rules! remarks {
    ($decision:ty) => {
        impl $decision {
            /// Why, for the operator's log. Never sent to Okta, nor shown to anybody.
            /// Keep personal data out of it.
            pub fn reason(mut self, reason: impl Into<String>) -> Self {
                self.reason = Some(reason.into());
                self
            }

            /// Free-form JSON for Okta's System Log. Whoever reads that log reads it:
            /// no personal data, no secrets.
            pub fn debug_context(mut self, context: impl Into<serde_json::Value>) -> Self {
                self.debug_context = Some(context.into().to_string());
                self
            }
        }
    };
}
pub(crate) use remarks;

/// Okta's `error` with this summary. A blank one, from a setting perhaps, is left out
/// and must not undo the error.
pub(crate) fn error(summary: String) -> types::OktaError {
    types::OktaError {
        error_summary: Some(summary).filter(|text| !text.trim().is_empty()),
        error_causes: Vec::new(),
    }
}
