//! A failure: the policy could not decide.

use crate::bindings::types;

/// Why a policy could not decide.
///
/// A failure is not a denial: the operator has chosen beforehand what Okta is
/// told when this policy fails. The text is for the operator's log, and never
/// reaches the person or Okta. Keep personal data out of it.
///
/// ```
/// use hookwarden_sdk::Failure;
/// use hookwarden_sdk::registration::{Call, Decision};
///
/// fn decide(call: Call) -> Result<Decision, Failure> {
///     let Some(number) = call.attribute("employeeNumber") else {
///         return Ok(Decision::no_opinion());
///     };
///     let number = number
///         .as_u64()
///         .ok_or_else(|| Failure::invalid_call("`employeeNumber` is no number"))?;
///     Ok(Decision::set("badge", format!("E-{number}")))
/// }
/// # hookwarden_sdk::export!(registration = decide);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(types::Failure);

impl Failure {
    /// The call does not have the form that this policy understands.
    pub fn invalid_call(message: impl Into<String>) -> Self {
        Self(types::Failure::InvalidCall(message.into()))
    }

    /// Something the decision needs did not answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self(types::Failure::Unavailable(message.into()))
    }

    /// Anything else.
    pub fn other(message: impl Into<String>) -> Self {
        Self(types::Failure::Other(message.into()))
    }

    #[doc(hidden)]
    pub fn into_wire(self) -> types::Failure {
        self.0
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            types::Failure::InvalidCall(message) => write!(f, "invalid call: {message}"),
            types::Failure::Unavailable(message) => write!(f, "unavailable: {message}"),
            types::Failure::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}

/// Where the JSON broke off, without what it says there: the text around the
/// place may be somebody's personal data.
pub(crate) fn position(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Data => "a member has the wrong type",
        Category::Syntax => "not JSON",
        Category::Eof => "the text ends too early",
        Category::Io => "unreadable",
    };
    format!(
        "{what}, at line {}, column {}",
        error.line(),
        error.column()
    )
}
