//! What a policy returned, before anything of it was checked.
//!
//! The shapes are the contract's; every string in them is controlled by the
//! guest.

/// One policy's say about one call. Empty means no opinion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Instructions to Okta, in order.
    pub commands: Vec<Command>,
    /// A denial with text.
    pub error: Option<Error>,
    /// JSON for Okta's System Log.
    pub debug_context: Option<String>,
    /// Words for the operator's log.
    pub reason: Option<String>,
}

impl Decision {
    /// The bytes of all its texts together.
    #[must_use]
    pub fn size(&self) -> usize {
        let commands = self.commands.iter();
        let commands = commands.map(|command| command.literal.len() + command.value.len());
        let error = self.error.as_ref().map_or(0, Error::size);
        let rest = size(&self.debug_context) + size(&self.reason);
        commands.sum::<usize>() + error + rest
    }
}

impl Error {
    /// The bytes of all its texts together.
    fn size(&self) -> usize {
        let causes = self.causes.iter().map(|cause| {
            let ErrorCause {
                summary,
                reason,
                location_type,
                location,
                domain,
            } = cause;
            let others = [reason, location_type, location, domain];
            summary.len() + others.into_iter().map(size).sum::<usize>()
        });
        size(&self.summary) + causes.sum::<usize>()
    }
}

fn size(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

/// One instruction to Okta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Okta's literal.
    pub literal: String,
    /// JSON.
    pub value: String,
}

/// Okta's `error`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Error {
    /// The sentence over all causes.
    pub summary: Option<String>,
    /// In the order in which they are shown.
    pub causes: Vec<ErrorCause>,
}

/// One of Okta's `errorCauses`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorCause {
    /// The sentence the person reads.
    pub summary: String,
    /// A code for machines.
    pub reason: Option<String>,
    /// `body`, `header`, `url` or `query`.
    pub location_type: Option<String>,
    /// The member at fault.
    pub location: Option<String>,
    /// Whose error it is.
    pub domain: Option<String>,
}
