//! The decision about an imported user.

use serde_json::Value;

use crate::bindings::types;
use crate::decision::{error, remarks};
use crate::failure::Failure;
use crate::updates::Updates;

/// What the policy has to say about an imported user.
///
/// A decision is an error, or any of: whether the user is created or linked,
/// attributes of the user in Okta, attributes of the user in the app. Okta runs no
/// command of an error, so what is set on one is dropped.
///
/// ```
/// use hookwarden_sdk::user_import::Decision;
///
/// Decision::link_user("00u48gwcu01WxvNo").reason("known by its external id");
/// Decision::create_user().and_set_user("userType", "Contractor");
/// Decision::set_app_user("accountType", "PRO").and_set_user("costCenter", 12345);
/// Decision::error("The personnel number is missing.");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Decision {
    effect: Effect,
    reason: Option<String>,
    debug_context: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Effect {
    Import {
        target: Target,
        app_user: Updates,
        user: Updates,
    },
    Error(String),
}

/// Which user of Okta the imported one becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// The one that Okta chose.
    Unchanged,
    /// A new one.
    New,
    /// That of this id, as the command's object; `None` if the id is blank.
    Existing(Option<String>),
}

impl Decision {
    fn of(effect: Effect) -> Self {
        Self {
            effect,
            reason: None,
            debug_context: None,
        }
    }

    fn import(target: Target) -> Self {
        Self::of(Effect::Import {
            target,
            app_user: Updates::default(),
            user: Updates::default(),
        })
    }

    /// No opinion: as far as this policy is concerned Okta goes on with what it
    /// would do.
    pub fn no_opinion() -> Self {
        Self::import(Target::Unchanged)
    }

    /// Creates a new user in Okta, also where Okta would link an existing one.
    pub fn create_user() -> Self {
        Self::import(Target::New)
    }

    /// Links the user of Okta that has this id (`00u…`), instead of creating one or
    /// of linking another. A blank id is a failure.
    ///
    /// The imported user may then use the app as that one, and the app may write to
    /// that one's profile: link only by what you trust the app to say.
    pub fn link_user(user_id: impl Into<String>) -> Self {
        let id = user_id.into();
        let object = (!id.trim().is_empty()).then(|| format!(r#"{{"id":{}}}"#, Value::from(id)));
        Self::import(Target::Existing(object))
    }

    /// Sets an attribute of the user in Okta, to any JSON value. It must exist in the
    /// user schema, with that type. `password` can never be set: a decision that
    /// tries is a failure.
    pub fn set_user(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::no_opinion().and_set_user(attribute, value)
    }

    /// Sets an attribute of the user in the app, from where Okta maps it on to its
    /// own user. It must exist in the app's schema, with that type. `password` can
    /// never be set: a decision that tries is a failure.
    pub fn set_app_user(attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::no_opinion().and_set_app_user(attribute, value)
    }

    /// Sets one more attribute of the user in Okta, as [`set_user`](Self::set_user).
    /// The last value of one attribute counts. On an error this does nothing.
    pub fn and_set_user(mut self, attribute: impl Into<String>, value: impl Into<Value>) -> Self {
        if let Effect::Import { user, .. } = &mut self.effect {
            user.set(attribute.into(), &value.into());
        }
        self
    }

    /// Sets one more attribute of the user in the app, as
    /// [`set_app_user`](Self::set_app_user). The last value of one attribute counts.
    /// On an error this does nothing.
    pub fn and_set_app_user(
        mut self,
        attribute: impl Into<String>,
        value: impl Into<Value>,
    ) -> Self {
        if let Effect::Import { app_user, .. } = &mut self.effect {
            app_user.set(attribute.into(), &value.into());
        }
        self
    }

    /// Reports an error, which Okta writes to its System Log. Whoever reads that log
    /// reads the text: no personal data. It is no denial: Okta does not say that it
    /// leaves the user out, so count on the import going on.
    pub fn error(text: impl Into<String>) -> Self {
        Self::of(Effect::Error(text.into()))
    }

    pub(super) fn into_wire(self) -> Result<types::Decision, Failure> {
        let mut wire = types::Decision {
            commands: Vec::new(),
            error: None,
            debug_context: self.debug_context,
            reason: self.reason,
        };
        let mut command = |literal: &str, value: String| {
            wire.commands.push(types::Command {
                type_: literal.to_owned(),
                value,
            });
        };
        match self.effect {
            Effect::Import {
                target,
                app_user,
                user,
            } => {
                match target {
                    Target::Unchanged => {}
                    Target::New => {
                        let create = r#"{"result":"CREATE_USER"}"#;
                        command("com.okta.action.update", create.to_owned());
                    }
                    Target::Existing(object) => {
                        let object = object
                            .ok_or_else(|| Failure::other("links a user whose id is blank"))?;
                        let link = r#"{"result":"LINK_USER"}"#;
                        command("com.okta.action.update", link.to_owned());
                        command("com.okta.user.update", object);
                    }
                }
                // The app's attributes first: they are mapped on to the user's, and
                // what was set there is to prevail.
                if !app_user.is_empty() {
                    command("com.okta.appUser.profile.update", app_user.object()?);
                }
                if !user.is_empty() {
                    command("com.okta.user.profile.update", user.object()?);
                }
            }
            Effect::Error(text) => wire.error = Some(error(text)),
        }
        Ok(wire)
    }
}

impl Default for Decision {
    fn default() -> Self {
        Self::no_opinion()
    }
}

remarks!(Decision);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Decision;

    fn commands(decision: Decision) -> Vec<(String, String)> {
        let wire = decision.into_wire().expect("a legal decision");
        assert!(wire.error.is_none());
        let commands = wire.commands.into_iter();
        commands
            .map(|command| (command.type_, command.value))
            .collect()
    }

    fn pair(literal: &str, value: &str) -> (String, String) {
        (literal.to_owned(), value.to_owned())
    }

    #[test]
    fn no_opinion_is_empty() {
        assert!(commands(Decision::no_opinion().reason("none")).is_empty());
        assert_eq!(Decision::default(), Decision::no_opinion());
    }

    #[test]
    fn a_link_always_names_its_user() {
        assert_eq!(
            commands(Decision::link_user(r#"00u"1"#)),
            [
                pair("com.okta.action.update", r#"{"result":"LINK_USER"}"#),
                pair("com.okta.user.update", r#"{"id":"00u\"1"}"#),
            ]
        );
        for blank in ["", " ", "\n"] {
            assert!(Decision::link_user(blank).into_wire().is_err());
        }
    }

    #[test]
    fn attributes_of_both_profiles_go_with_any_target() {
        let create = Decision::create_user()
            .and_set_user("userType", "a")
            .and_set_app_user("groups", json!(["a", null]))
            .and_set_user("userType", "b");
        assert_eq!(
            commands(create),
            [
                pair("com.okta.action.update", r#"{"result":"CREATE_USER"}"#),
                pair(
                    "com.okta.appUser.profile.update",
                    r#"{"groups":["a",null]}"#
                ),
                pair("com.okta.user.profile.update", r#"{"userType":"b"}"#),
            ]
        );
        let link = Decision::link_user("00u1").and_set_app_user("firstName", "Stan");
        assert_eq!(commands(link).len(), 3);
        let set = Decision::set_app_user("firstName", "Stan").and_set_app_user("lastName", "Lee");
        assert_eq!(
            commands(set),
            [pair(
                "com.okta.appUser.profile.update",
                r#"{"firstName":"Stan","lastName":"Lee"}"#
            )]
        );
    }

    #[test]
    fn the_password_cannot_be_set_in_either() {
        for decision in [
            Decision::set_user("password", "hunter2"),
            Decision::set_app_user("password", "hunter2"),
            Decision::create_user().and_set_user("password", "hunter2"),
        ] {
            let failure = decision.into_wire().expect_err("an illegal decision");
            assert!(!failure.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn an_error_stands_alone() {
        let decision = Decision::error("No number.")
            .and_set_user("userType", "a")
            .and_set_app_user("userType", "a")
            .debug_context(json!({"rule": 1}));
        let wire = decision.into_wire().expect("a legal decision");
        assert!(wire.commands.is_empty());
        let error = wire.error.expect("an error");
        assert_eq!(error.error_summary.as_deref(), Some("No number."));
        assert_eq!(wire.debug_context.as_deref(), Some(r#"{"rule":1}"#));

        let wire = Decision::error(" ").into_wire().expect("a legal decision");
        assert!(
            wire.error
                .is_some_and(|error| error.error_summary.is_none())
        );
    }
}
