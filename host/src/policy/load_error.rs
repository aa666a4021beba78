//! Why a policy has no revision: for the author or the operator to act on.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::HistoryError;
use super::contract::ContractError;
use super::name::PolicyName;
use super::settings::SettingsError;
use super::ungranted::AllUngranted;
use crate::capabilities::secrets::SecretUnreadable;
use crate::files::ReadError;
use crate::sandbox::{CompileError, InvokeError, PrepareError, Problem};
use crate::telemetry::foreign;

/// The most problems of settings that are kept; the contract says so.
const MAX_PROBLEMS: usize = 64;

/// Why a policy has no revision.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A configured chain names it, and it has no file.
    #[error("there is no file `{0}.wasm` in the policy folder")]
    Missing(PolicyName),
    /// Its files cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no policy of the contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// It serves hooks that this version of the host does not.
    #[error("it serves {0}, and this version of the host serves only inline hooks")]
    NotServed(String),
    /// Its failures are to deny what cannot be denied.
    #[error(
        "nothing denies the calls that it serves, {0}: `on_failure` must be \"skip\" or \"as-okta\" for it"
    )]
    NothingToDeny(String),
    /// It asks for what nobody granted.
    #[error("{0}")]
    Ungranted(AllUngranted),
    /// A secret that is granted to it has no value.
    #[error("the secret `{name}`, bound with `policies.{policy}.grants.secrets`: {problem}")]
    NoSecret {
        /// The policy.
        policy: PolicyName,
        /// What its author calls it.
        name: String,
        /// Why.
        problem: SecretUnreadable,
    },
    /// Two folders have it.
    #[error(
        "there is another in `{}`: remove one, or say which is meant with `policies.{policy}.folder`",
        other.display()
    )]
    Ambiguous {
        /// The policy.
        policy: PolicyName,
        /// The other component.
        other: PathBuf,
    },
    /// It is not the component that the operator wants.
    #[error("its SHA-256 is `{found}`, and `policies.{policy}.sha256` is another")]
    OtherDigest {
        /// The policy.
        policy: PolicyName,
        /// What it is, in hexadecimal.
        found: String,
    },
    /// Its settings file is wrong.
    #[error("its settings file is {0}")]
    Settings(#[from] SettingsError),
    /// It has settings and cannot check them.
    #[error(
        "it takes no settings (it does not export `hookwarden:policy/settings`), but its settings file has some"
    )]
    SettingsNotTaken,
    /// No instance could be made of it.
    #[error("when it was started it {0}")]
    NotStarted(InvokeError),
    /// It refused its settings.
    #[error("it refuses its settings: {}", list(.0))]
    SettingsRefused(Vec<Problem>),
    /// It did not check its settings.
    #[error("while checking its settings it {0}")]
    SettingsUnchecked(InvokeError),
    /// It cannot be compiled or linked.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// It is pinned to a revision that cannot be had.
    #[error(
        "it is pinned, and {0}; pin another with `hookwarden rollback`, or `hookwarden unpin` it"
    )]
    Pinned(HistoryError),
    /// What is kept of it cannot be had.
    #[error(transparent)]
    History(HistoryError),
    /// Nobody has looked at it yet.
    #[error("it is still to be read")]
    Unread,
    /// Loading it panicked.
    #[error("the host failed on it; report the component to Hookwarden's authors")]
    Panicked,
}

impl LoadError {
    /// Whether that may end without anybody's doing.
    pub(super) fn is_pending(&self) -> bool {
        matches!(
            self,
            Self::Unread | Self::Prepare(PrepareError::Compile(CompileError::Pending))
        )
    }
}

/// What the guest says about its settings. It has seen nothing but them.
fn list(problems: &[Problem]) -> String {
    let mut list = String::new();
    for (index, Problem { path, message }) in problems.iter().take(MAX_PROBLEMS).enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        let place = if path.is_empty() {
            String::new()
        } else {
            format!("`{}`: ", foreign(path))
        };
        let _ = write!(list, "{separator}{place}{}", foreign(message));
    }
    list
}
