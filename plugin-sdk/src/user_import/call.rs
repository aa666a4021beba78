//! The call: a user of an app is imported.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attributes::{self, Attributes};
use crate::envelope::{Document, Envelope, envelope_accessors};
use crate::failure::Failure;
use crate::part::Part;
use crate::text::{Borrowed, Text};

/// What Okta does with an imported user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new user of Okta is created (`CREATE_USER`).
    CreateUser,
    /// A user that Okta has already is linked to the one of the app (`LINK_USER`).
    LinkUser,
}

/// A call of the user import hook.
#[derive(Debug, Clone)]
pub struct Call {
    envelope: Envelope,
    result: Option<Action>,
    app_user: Attributes,
    user: Attributes,
    user_id: Option<Text>,
    context: Part<Context>,
    document: Document,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    action: Option<Planned<'a>>,
    #[serde(borrow)]
    app_user: Option<Profiled<'a>>,
    #[serde(borrow)]
    user: Option<Profiled<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Planned<'a> {
    #[serde(borrow)]
    result: Option<Borrowed<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Profiled<'a> {
    #[serde(borrow)]
    id: Option<Borrowed<'a>>,
    #[serde(borrow)]
    profile: Option<attributes::Members<'a>>,
}

/// What Okta says about the import that the user came with.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Context {
    /// The app that users are imported from.
    pub application: Option<Application>,
    /// The import.
    pub job: Option<Job>,
    conflicts: Option<Vec<Value>>,
    matches: Option<Vec<Value>>,
    policy: Option<Vec<Value>>,
}

/// An app.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Application {
    /// The name of the kind of app, such as `salesforce`.
    pub name: Option<String>,
    /// Okta's id of the app: `0oa…`.
    pub id: Option<String>,
    /// The name that administrators see.
    pub label: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
}

/// An import.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Job {
    /// Okta's id of the import.
    pub id: Option<String>,
    /// What is imported: `import:users`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

impl Context {
    /// The names of the attributes of the Okta user that are in conflict, such as
    /// `login`.
    pub fn conflicts(&self) -> impl Iterator<Item = &str> {
        texts(self.conflicts.as_deref())
    }

    /// The users of Okta that the imported one was matched with, one or several.
    /// Okta does not document what stands here for each.
    #[must_use]
    pub fn matches(&self) -> &[Value] {
        self.matches.as_deref().unwrap_or_default()
    }

    /// The names of the rules by which users are matched, such as `EMAIL` and
    /// `FIRST_AND_LAST_NAME`.
    pub fn policy(&self) -> impl Iterator<Item = &str> {
        texts(self.policy.as_deref())
    }
}

fn texts(values: Option<&[Value]>) -> impl Iterator<Item = &str> {
    let values = values.unwrap_or_default().iter();
    values.filter_map(Value::as_str)
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not in the form of a user import call.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let data = data.unwrap_or_default();
        let app_user = data.app_user.unwrap_or_default();
        let user = data.user.unwrap_or_default();
        let result = data.action.and_then(|action| action.result);
        let attributes = |members: Option<attributes::Members<'_>>| {
            let attributes = members.map(|members| Attributes::of(members, document.shared()));
            attributes.unwrap_or_default()
        };
        Ok(Self {
            result: match result.as_ref().map(|result| result.0.as_ref()) {
                Some("CREATE_USER") => Some(Action::CreateUser),
                Some("LINK_USER") => Some(Action::LinkUser),
                _ => None,
            },
            app_user: attributes(app_user.profile),
            user: attributes(user.profile),
            user_id: user.id.map(|id| Text::of(id, document.text())),
            context: Part::of(data.context, &document),
            envelope,
            document,
        })
    }

    /// The user as the app has them. `null` and lists occur among the values.
    #[must_use]
    pub fn app_user(&self) -> &Attributes {
        &self.app_user
    }

    /// The user as Okta would have them, after the app's attributes were mapped.
    /// `null` and lists occur among the values.
    #[must_use]
    pub fn user(&self) -> &Attributes {
        &self.user
    }

    /// Okta's id of the user that the imported one was matched with: `00u…`. `None`
    /// if there is none.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        Some(self.user_id.as_ref()?.get(self.document.text()))
    }

    /// What Okta does if no policy has an opinion. `None` if Okta does not say, or
    /// says what it does not document.
    #[must_use]
    pub fn result(&self) -> Option<Action> {
        self.result
    }

    /// The import that the user came with; empty if Okta sends nothing. The first use
    /// parses it.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn context(&self) -> Result<&Context, Failure> {
        self.context.get(&self.document, "data.context")
    }
}

envelope_accessors!(Call);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, Call};
    use crate::testing::{matched_user_import, user_import};

    /// What Okta documents, with other people in it.
    const CALL: &str = r#"{
        "source": "cal1", "eventId": "e1", "eventTime": "2026-02-27T20:59:04.000Z",
        "eventTypeVersion": "1.0", "cloudEventVersion": "0.1",
        "eventType": "com.okta.import.transform", "contentType": "application/json",
        "data": {
            "context": {
                "conflicts": ["login", {"new": 1}],
                "application": {"name": "crm", "id": "0oa1", "label": "CRM", "status": "ACTIVE"},
                "job": {"id": "ij1", "type": "import:users"},
                "matches": [],
                "policy": ["EMAIL", "FIRST_AND_LAST_NAME"]
            },
            "action": {"result": "CREATE_USER"},
            "appUser": {"profile": {"externalId": "u-1", "secondEmail": null, "groups": ["all"]}},
            "user": {"profile": {"login": "rosario@example.com", "city": null}}
        }
    }"#;

    #[test]
    fn both_profiles_are_read_with_nulls_and_lists() {
        let call = Call::from_json(CALL).expect("a call");
        assert_eq!(call.app_user().text("externalId"), Some("u-1"));
        assert_eq!(call.app_user().get("groups"), Some(json!(["all"])));
        assert!(!call.app_user().has("secondEmail"));
        assert_eq!(call.user().text("login"), Some("rosario@example.com"));
        assert_eq!(call.user().names().count(), 2);
        assert_eq!(call.result(), Some(Action::CreateUser));
        assert_eq!(call.user_id(), None);
    }

    #[test]
    fn the_context_tells_of_the_import() {
        let call = Call::from_json(CALL).expect("a call");
        let context = call.context().expect("a context");
        assert_eq!(context.conflicts().collect::<Vec<_>>(), ["login"]);
        assert_eq!(
            context.policy().collect::<Vec<_>>(),
            ["EMAIL", "FIRST_AND_LAST_NAME"]
        );
        assert!(context.matches().is_empty());
        let application = context.application.as_ref().expect("an app");
        assert_eq!(application.label.as_deref(), Some("CRM"));
        assert_eq!(application.status.as_deref(), Some("ACTIVE"));
        let job = context.job.as_ref().expect("an import");
        assert_eq!(job.kind.as_deref(), Some("import:users"));
    }

    #[test]
    fn a_matched_user_has_an_id() {
        let call = matched_user_import("00u1", [("externalId", "u-1")], [("login", "a")]);
        assert_eq!(call.user_id(), Some("00u1"));
        assert_eq!(call.result(), Some(Action::LinkUser));
        let call = user_import([("externalId", "u-1")], [("login", "a")]);
        assert_eq!(call.user_id(), None);
        assert_eq!(call.result(), Some(Action::CreateUser));
    }

    #[test]
    fn what_is_absent_or_new_is_no_error() {
        for json in [
            "{}",
            r#"{"data":null}"#,
            r#"{"data":{"user":null,"appUser":{"profile":null},"context":null,"action":{}}}"#,
            r#"{"data":{"action":{"result":"MERGE_USER"},"context":{"conflicts":null}}}"#,
        ] {
            let call = Call::from_json(json).expect(json);
            assert_eq!(call.result(), None);
            assert_eq!(call.user().names().count(), 0);
            let context = call.context().expect(json);
            assert_eq!(context.conflicts().count(), 0);
        }
    }

    #[test]
    fn an_error_does_not_quote_the_call() {
        for json in [
            r#"{"data":{"user":{"profile":"hunter2"}}}"#,
            r#"{"data":{"action":{"result":{"hunter2":1}}}}"#,
        ] {
            let error = Call::from_json(json).expect_err("no call");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let call = Call::from_json(r#"{"data":{"context":{"job":"hunter2"}}}"#).expect("a call");
        let error = call.context().expect_err("no context");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
