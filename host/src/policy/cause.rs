//! Why an evaluation failed, in a word: for the log, for metrics, and for whoever
//! wants to know what there is to fail.

/// A kind of failure. What each counts as is the operator's choice, and the same for
/// all: see `hook::failure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// There is nothing to evaluate.
    NotLoaded,
    /// The hook's time was up before its turn.
    NotStarted,
    /// All places of the policy were taken.
    PolicyBusy,
    /// All places of the host were taken.
    HostBusy,
    /// All places of the policy in the slow lane were taken.
    PolicySlow,
    /// All places of the host in the slow lane were taken.
    HostSlow,
    /// No instance could be made.
    NoRoom,
    /// A limit was reached.
    OutOfFuel,
    /// A limit was reached.
    DeadlineExceeded,
    /// A limit was reached.
    MemoryExceeded,
    /// A limit was reached.
    TablesExceeded,
    /// A limit was reached.
    StackExceeded,
    /// A limit was reached.
    HostCallsExceeded,
    /// A limit was reached.
    HostBytesExceeded,
    /// A limit was reached.
    LogExceeded,
    /// A limit was reached.
    HandlesExceeded,
    /// A limit was reached.
    OutputExceeded,
    /// The engine stopped it.
    Trapped,
    /// It ended its program.
    Exited,
    /// What it handed over could not be read.
    UnreadableAnswer,
    /// It does not export what was to be invoked.
    NotExported,
    /// It said that it could not decide.
    Undecided,
    /// Okta would not accept what it decided, or misread it.
    IllegalDecision,
}

/// Whose failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The policy's.
    Guest,
    /// The host's, or that of whoever runs it.
    Host,
}

impl Blame {
    /// A word for machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Host => "host",
        }
    }
}

impl Cause {
    /// All of them, as they are documented.
    pub const ALL: [Self; 23] = [
        Self::OutOfFuel,
        Self::DeadlineExceeded,
        Self::MemoryExceeded,
        Self::TablesExceeded,
        Self::StackExceeded,
        Self::HostCallsExceeded,
        Self::HostBytesExceeded,
        Self::LogExceeded,
        Self::HandlesExceeded,
        Self::OutputExceeded,
        Self::Trapped,
        Self::Exited,
        Self::UnreadableAnswer,
        Self::Undecided,
        Self::IllegalDecision,
        Self::NotExported,
        Self::PolicyBusy,
        Self::PolicySlow,
        Self::HostBusy,
        Self::HostSlow,
        Self::NoRoom,
        Self::NotStarted,
        Self::NotLoaded,
    ];

    /// A word for machines.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().0
    }

    /// Whose failure it is.
    #[must_use]
    pub fn blame(self) -> Blame {
        self.row().1
    }

    /// What happened, and what of the configuration it depends on.
    #[must_use]
    pub fn tells(self) -> &'static str {
        self.row().2
    }

    /// The table.
    fn row(self) -> (&'static str, Blame, &'static str) {
        use Blame::{Guest, Host};

        match self {
            Self::OutOfFuel => (
                "out-of-fuel",
                Guest,
                "it computed too much: `limits.fuel`, `limits.fuel_per_byte`",
            ),
            Self::DeadlineExceeded => (
                "deadline-exceeded",
                Guest,
                "it took too long: `limits.deadline`, or what was left of the hook's",
            ),
            Self::MemoryExceeded => (
                "memory-exceeded",
                Guest,
                "it was refused memory: `limits.memory`",
            ),
            Self::TablesExceeded => (
                "tables-exceeded",
                Guest,
                "it was refused table elements: `limits.table_elements`",
            ),
            Self::StackExceeded => (
                "stack-exceeded",
                Guest,
                "it recursed too deep: `sandbox.stack`",
            ),
            Self::HostCallsExceeded => (
                "host-calls-exceeded",
                Guest,
                "it made too many host calls: `limits.host_calls`",
            ),
            Self::HostBytesExceeded => (
                "host-bytes-exceeded",
                Guest,
                "too many bytes passed through its host calls: `limits.host_bytes`",
            ),
            Self::LogExceeded => (
                "log-exceeded",
                Guest,
                "it wrote too much to its log: `limits.log_bytes`",
            ),
            Self::HandlesExceeded => (
                "handles-exceeded",
                Guest,
                "it held too many handles: `limits.handles`",
            ),
            Self::OutputExceeded => (
                "output-exceeded",
                Guest,
                "it returned too much: `limits.output`",
            ),
            Self::Trapped => ("trapped", Guest, "it trapped; a panic in Rust is a trap"),
            Self::Exited => ("exited", Guest, "it called `exit` instead of returning"),
            Self::UnreadableAnswer => (
                "unreadable-answer",
                Guest,
                "what it handed over cannot be read, or is far too much",
            ),
            Self::Undecided => ("undecided", Guest, "it said that it could not decide"),
            Self::IllegalDecision => (
                "illegal-decision",
                Guest,
                "Okta would not accept its decision, or would misread it",
            ),
            Self::NotExported => ("not-exported", Guest, "it does not serve the hook"),
            Self::PolicyBusy => (
                "policy-busy",
                Guest,
                "all its places were taken by evaluations of its own: `limits.evaluations`",
            ),
            Self::PolicySlow => (
                "policy-slow",
                Guest,
                "it computed on after a slice, and all its places in the slow lane were taken: `limits.slow_evaluations`",
            ),
            Self::HostBusy => (
                "host-busy",
                Host,
                "all places were taken: `sandbox.evaluations`",
            ),
            Self::HostSlow => (
                "host-slow",
                Host,
                "it computed on after a slice, and all places in the slow lane were taken: `sandbox.slow_evaluations`",
            ),
            Self::NoRoom => ("no-room", Host, "no instance could be made"),
            Self::NotStarted => (
                "not-started",
                Host,
                "the hook's time was up before its turn: `hook.deadline`",
            ),
            Self::NotLoaded => (
                "not-loaded",
                Host,
                "there is nothing to evaluate: `/policies` says why",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Cause;

    #[test]
    fn each_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Cause::ALL.iter().map(|cause| cause.word()).collect();
        assert_eq!(words.len(), Cause::ALL.len());
    }
}
