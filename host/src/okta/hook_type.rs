//! Okta's hook types.

/// One of Okta's extension points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookType {
    /// A person signs up or completes a profile.
    Registration,
    /// A custom authorization server mints tokens.
    Token,
    /// A SAML assertion is issued.
    Saml,
    /// A user is imported from an application.
    UserImport,
    /// A user signs in for the first time with a password from elsewhere.
    PasswordImport,
    /// A one-time code is to be delivered.
    Telephony,
    /// Something happened.
    Event,
}

impl HookType {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Registration,
        Self::Token,
        Self::Saml,
        Self::UserImport,
        Self::PasswordImport,
        Self::Telephony,
        Self::Event,
    ];

    /// Those that this version of the host answers calls of.
    pub fn served() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|hook| hook.is_served())
    }

    /// The name of its interface in the contract, of its hook when none is
    /// configured, and so of the last segment of that hook's path.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Token => "token",
            Self::Saml => "saml",
            Self::UserImport => "user-import",
            Self::PasswordImport => "password-import",
            Self::Telephony => "telephony",
            Self::Event => "event",
        }
    }

    /// The hook type of a [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Okta's literal in a call's `eventType`.
    ///
    /// Source: Okta, *Inline hooks* and *Event hooks*, concepts.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Registration => "com.okta.user.pre-registration",
            Self::Token => "com.okta.oauth2.tokens.transform",
            Self::Saml => "com.okta.saml.tokens.transform",
            Self::UserImport => "com.okta.import.transform",
            Self::PasswordImport => "com.okta.user.credential.password.import",
            Self::Telephony => "com.okta.telephony.provider",
            Self::Event => "com.okta.event_hook",
        }
    }

    /// The hook type of an [`event_type`](Self::event_type).
    #[must_use]
    pub fn from_event_type(literal: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|hook| hook.event_type() == literal)
    }

    /// Whether Okta may repeat a call of this type that had no answer in time.
    ///
    /// Source: Okta, *Inline hooks*, concepts, timeout and retry.
    #[must_use]
    pub fn is_repeated(self) -> bool {
        !matches!(self, Self::Token | Self::Telephony)
    }

    /// Whether calls of this type carry what nobody may keep: a password in plain text,
    /// a one-time code.
    ///
    /// Source: Okta, *Password import inline hook* and *Telephony inline hook*.
    #[must_use]
    pub fn carries_secret(self) -> bool {
        matches!(self, Self::PasswordImport | Self::Telephony)
    }

    /// Whether this version of the host answers calls of this type.
    #[must_use]
    pub fn is_served(self) -> bool {
        self != Self::Event
    }

    /// Whether a policy can deny what a call of this type asks for.
    ///
    /// Source: Okta, *Inline hooks*, each hook's response page.
    #[must_use]
    pub fn has_denial(self) -> bool {
        match self {
            Self::Registration | Self::Token | Self::Saml | Self::PasswordImport => true,
            Self::UserImport | Self::Telephony | Self::Event => false,
        }
    }
}

impl std::fmt::Display for HookType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::HookType;
    use crate::okta::{Call, Effect, merge, sample};

    #[test]
    fn a_type_has_a_denial_if_its_rules_have_one() {
        for hook_type in HookType::served() {
            let json = sample(hook_type, "id").to_string();
            let call = Call::parse(hook_type, json.as_bytes()).expect("a call");
            let mut merge = merge(&call).expect("a call");
            merge.deny_for_failure(None);
            let denied = merge.effect() == Effect::Denied;
            assert_eq!(denied, hook_type.has_denial(), "{hook_type}");
        }
    }
}
