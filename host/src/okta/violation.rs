//! A violation: a decision that Okta would not accept or would misread, or that does what
//! the operator did not grant.

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
    /// More than a decision may have.
    TooMany {
        /// Of what.
        of: &'static str,
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
    /// An attribute that the operator did not grant.
    NotGranted,
    /// A denial, which the operator did not grant.
    MayNotDeny,
    /// A command that would never run, because of the error beside it.
    ErrorBesideCommand,
    /// An error, where Okta defines none.
    NoError,
    /// A change of a token that was not asked for.
    NotRequested {
        /// Which.
        token: &'static str,
    },
    /// A claim that only Okta sets.
    ReservedClaim {
        /// Which.
        claim: &'static str,
        /// Of which token.
        token: &'static str,
    },
    /// A path to something that is not there.
    NothingThere,
    /// A place in a list that the list does not have.
    PastTheEnd,
    /// A command that is nothing without another.
    Lacks {
        /// The other.
        command: &'static str,
    },
    /// A command that says otherwise than one before it.
    Contradiction,
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
            Rule::TooMany { of, limit, found } => {
                write!(f, "`{at}` has {found} {of}, more than {limit}")
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
            Rule::NotGranted => write!(
                f,
                "`{at}` sets an attribute that the operator did not grant; add it to `attributes.set` of the policy, or leave it out"
            ),
            Rule::MayNotDeny => write!(
                f,
                "`{at}` denies, which the operator did not grant; set `deny` of the policy to `true`, or leave it out"
            ),
            Rule::ErrorBesideCommand => write!(
                f,
                "`{at}` would never run: Okta runs no command beside an `error`"
            ),
            Rule::NoError => write!(f, "`{at}` means nothing to Okta for this hook"),
            Rule::NotRequested { token } => {
                write!(f, "`{at}` is for an {token} token, and none was requested")
            }
            Rule::ReservedClaim { claim, token } => write!(
                f,
                "`{at}` names the claim `{claim}`, which only Okta sets in an {token} token"
            ),
            Rule::NothingThere => write!(f, "`{at}` names nothing that is there"),
            Rule::PastTheEnd => write!(f, "`{at}` names no place of the list that it is in"),
            Rule::Lacks { command } => write!(f, "`{at}` needs `{command}` beside it"),
            Rule::Contradiction => write!(f, "`{at}` says otherwise than a command before it"),
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
