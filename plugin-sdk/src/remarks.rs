//! What a decision says besides deciding.

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
