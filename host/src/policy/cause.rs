//! Why an evaluation failed, in a word: for the log, for metrics, and for whoever
//! wants to know what there is to fail.

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

macro_rules! causes {
    ($($cause:ident = $word:literal, $blame:ident, $tells:literal;)*) => {
        /// A kind of failure. What each counts as is the operator's choice, and the
        /// same for all: see `hook::failure`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $(
                #[doc = $tells]
                $cause,
            )*
        }

        impl Cause {
            /// All of them, in the order in which they are documented.
            pub const ALL: &[Self] = &[$(Self::$cause),*];

            /// A word for machines.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$cause => $word,)*
                }
            }

            /// Whose failure it is.
            #[must_use]
            pub fn blame(self) -> Blame {
                match self {
                    $(Self::$cause => Blame::$blame,)*
                }
            }

            /// What happened, and what of the configuration it depends on.
            #[must_use]
            pub fn tells(self) -> &'static str {
                match self {
                    $(Self::$cause => $tells,)*
                }
            }
        }
    };
}

causes! {
    OutOfFuel = "out-of-fuel", Guest,
        "it computed too much: `limits.fuel`, `limits.fuel_per_byte`";
    DeadlineExceeded = "deadline-exceeded", Guest,
        "it took too long: `limits.deadline`, or what was left of the hook's";
    MemoryExceeded = "memory-exceeded", Guest,
        "it was refused memory: `limits.memory`";
    TablesExceeded = "tables-exceeded", Guest,
        "it was refused table elements: `limits.table_elements`";
    StackExceeded = "stack-exceeded", Guest,
        "it recursed too deep: `sandbox.stack`";
    HostCallsExceeded = "host-calls-exceeded", Guest,
        "it made too many host calls: `limits.host_calls`";
    HostBytesExceeded = "host-bytes-exceeded", Guest,
        "too many bytes passed through its host calls: `limits.host_bytes`";
    LogExceeded = "log-exceeded", Guest,
        "it wrote too much to its log: `limits.log_bytes`";
    HandlesExceeded = "handles-exceeded", Guest,
        "it held too many handles: `limits.handles`";
    OutputExceeded = "output-exceeded", Guest,
        "it returned too much: `limits.output`";
    Trapped = "trapped", Guest,
        "it trapped; a panic in Rust is a trap";
    Exited = "exited", Guest,
        "it called `exit` instead of returning";
    UnreadableAnswer = "unreadable-answer", Guest,
        "what it handed over cannot be read, or is far too much";
    Undecided = "undecided", Guest,
        "it said that it could not decide";
    IllegalDecision = "illegal-decision", Guest,
        "Okta would not accept its decision, or would misread it";
    NotGranted = "not-granted", Guest,
        "its decision does what it may not: `attributes.set`, `deny`";
    NotExported = "not-exported", Guest,
        "it does not serve the hook";
    PolicyBusy = "policy-busy", Guest,
        "all its places were taken by evaluations of its own: `limits.evaluations`";
    PolicySlow = "policy-slow", Guest,
        "it computed on after a slice, and all its places in the slow lane were taken: `limits.slow_evaluations`";
    HostBusy = "host-busy", Host,
        "all places were taken: `sandbox.evaluations`";
    HostSlow = "host-slow", Host,
        "it computed on after a slice, and all places in the slow lane were taken: `sandbox.slow_evaluations`";
    NoRoom = "no-room", Host,
        "no instance could be made";
    NotStarted = "not-started", Host,
        "the hook's time was up before its turn: `hook.deadline`";
    NotLoaded = "not-loaded", Host,
        "there is nothing to evaluate: `/policies` says why";
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
