//! A violation: a decision that Okta would not accept or would misread.

use std::fmt;

/// Why a decision is not sent to Okta. It counts as a failure of the policy.
///
/// `Display` gives the rule and the place and quotes nothing that the guest
/// said; what it said is apart, for a log that may hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule that was broken.
    pub rule: Rule,
    /// Where: a path from the decision, such as `commands[0].value`.
    pub at: String,
    /// The offending name or literal. Controlled by the guest.
    pub said: Option<String>,
}

/// The rules that a decision must keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// More commands than the contract allows.
    TooManyCommands {
        /// The limit.
        limit: usize,
        /// How many there were.
        found: usize,
    },
    /// A literal that Okta does not know here.
    UnknownCommand {
        /// Okta's literals for this hook.
        known: &'static [&'static str],
    },
    /// A command of the other request type.
    OtherRequestType {
        /// The literal that this call takes.
        expected: &'static str,
    },
    /// Not JSON, or JSON that names a member twice or nests too deep.
    NotJson,
    /// JSON of another type.
    WrongType {
        /// What it must be.
        expected: &'static str,
    },
    /// An attribute that can never be set.
    ForbiddenAttribute,
    /// A command that would never run, because of the error beside it.
    ErrorBesideCommand,
    /// A text that must not be empty.
    EmptyText,
    /// A text that Okta reads as one of a few.
    UnknownValue {
        /// What it may be.
        known: &'static str,
    },
    /// The answer would be larger than Okta takes.
    TooLarge {
        /// In bytes.
        limit: usize,
        /// In bytes, of this decision with those before it.
        found: usize,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &self.at;
        match &self.rule {
            Rule::TooManyCommands { limit, found } => {
                write!(f, "`{at}` has {found} commands, more than {limit}")
            }
            Rule::UnknownCommand { known } => {
                write!(f, "`{at}` is no command of this hook; it has ")?;
                list(f, known)
            }
            Rule::OtherRequestType { expected } => {
                write!(f, "`{at}` is not for this request type; use `{expected}`")
            }
            Rule::NotJson => write!(
                f,
                "`{at}` is not JSON, names a member twice or nests more than 127 deep"
            ),
            Rule::WrongType { expected } => write!(f, "`{at}` must be {expected}"),
            Rule::ForbiddenAttribute => write!(f, "`{at}` can never be set"),
            Rule::ErrorBesideCommand => write!(
                f,
                "`{at}` would never run: Okta runs no command beside an `error`"
            ),
            Rule::EmptyText => write!(f, "`{at}` must not be empty"),
            Rule::UnknownValue { known } => write!(f, "`{at}` must be {known}"),
            Rule::TooLarge { limit, found } => write!(
                f,
                "`{at}` makes the answer {found} bytes, more than Okta's {limit}"
            ),
        }
    }
}

impl std::error::Error for Violation {}

fn list(f: &mut fmt::Formatter<'_>, names: &[&str]) -> fmt::Result {
    for (position, name) in names.iter().enumerate() {
        let separator = match position {
            0 => "",
            last if last + 1 == names.len() => " and ",
            _ => ", ",
        };
        write!(f, "{separator}`{name}`")?;
    }
    Ok(())
}
