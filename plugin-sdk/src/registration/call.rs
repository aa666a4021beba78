//! The call: a person signs up or completes a profile.

use std::cell::OnceCell;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attributes::{self, Attributes};
use crate::context::{Request, User};
use crate::email;
use crate::envelope::{Document, Envelope, envelope_accessors};
use crate::failure::Failure;
use crate::part::Part;

/// Which of the registration calls this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestType {
    /// A person signs up (Identity Engine, `self.service.registration`).
    SelfServiceRegistration,
    /// A person completes or changes a profile (`progressive.profile`).
    ProgressiveProfile,
    /// A person signs up in an org on Classic Engine, which sends no
    /// `requestType`. To a policy this is the same as
    /// [`SelfServiceRegistration`](Self::SelfServiceRegistration).
    Classic,
}

/// A call of the registration hook.
#[derive(Debug, Clone)]
pub struct Call {
    envelope: Envelope,
    request_type: RequestType,
    submitted: Attributes,
    context: Part<Context>,
    email_domain: OnceCell<Option<String>>,
    document: Document,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    user_profile: Option<attributes::Members<'a>>,
    #[serde(borrow)]
    user_profile_update: Option<attributes::Members<'a>>,
}

/// What Okta says about the circumstances of the call.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Context {
    /// The request that the person's browser made.
    pub request: Option<Request>,
    /// The user as they are so far, in a progressive call.
    pub user: Option<User>,
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not in the form of a registration call.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let data = data.unwrap_or_default();
        let request_type = envelope.request_type.as_ref();
        let request_type = match request_type.map(|text| text.get(document.text())) {
            Some("self.service.registration") => RequestType::SelfServiceRegistration,
            Some("progressive.profile") => RequestType::ProgressiveProfile,
            Some(_) => return Err(Failure::invalid_call("an unknown `requestType`")),
            // Early Identity Engine sent none either, for both kinds of call.
            None if data.user_profile.is_none() && data.user_profile_update.is_some() => {
                RequestType::ProgressiveProfile
            }
            None => RequestType::Classic,
        };
        let submitted = match request_type {
            RequestType::ProgressiveProfile => data.user_profile_update,
            RequestType::SelfServiceRegistration | RequestType::Classic => data.user_profile,
        };
        let submitted = submitted.map(|members| Attributes::of(members, document.shared()));
        Ok(Self {
            request_type,
            submitted: submitted.unwrap_or_default(),
            context: Part::of(data.context, &document),
            email_domain: OnceCell::new(),
            envelope,
            document,
        })
    }

    /// Which of the registration calls this is.
    #[must_use]
    pub fn request_type(&self) -> RequestType {
        self.request_type
    }

    /// Whether a person completes a profile, rather than signs up.
    #[must_use]
    pub fn is_progressive(&self) -> bool {
        self.request_type == RequestType::ProgressiveProfile
    }

    /// What the person submitted: the form when signing up, the changed
    /// attributes alone when completing a profile.
    #[must_use]
    pub fn submitted(&self) -> &Attributes {
        &self.submitted
    }

    /// A submitted attribute; `None` if absent or `null`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Value> {
        self.submitted.get(name)
    }

    /// A submitted attribute that is text; `None` also for other types.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.submitted.text(name)
    }

    /// The submitted e-mail address, as the person wrote it.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// The attribute that the person's address was submitted in, and what they wrote
    /// there: `email`, also if it is no text, or `login` where no e-mail address is
    /// submitted. A login need not be an address.
    #[must_use]
    pub fn address(&self) -> Option<(&'static str, &str)> {
        if self.submitted().has("email") {
            return Some(("email", self.email().unwrap_or_default()));
        }
        Some(("login", self.text("login")?))
    }

    /// The domain of the submitted e-mail address, in the form that domains are
    /// compared in (see [`email::domain`]); `None` if no address was submitted,
    /// and also if what was submitted is not one. In a progressive call that
    /// does not change the address there is none.
    #[must_use]
    pub fn email_domain(&self) -> Option<&str> {
        self.email_domain
            .get_or_init(|| self.email().and_then(email::domain))
            .as_deref()
    }

    /// The circumstances of the call; empty if Okta sends none. The first use parses
    /// them.
    ///
    /// # Errors
    ///
    /// They do not have the form that Okta documents.
    pub fn context(&self) -> Result<&Context, Failure> {
        self.context.get(&self.document, "data.context")
    }

    /// The user as they are so far. Only in a progressive call.
    ///
    /// # Errors
    ///
    /// As [`context`](Self::context).
    pub fn user(&self) -> Result<Option<&User>, Failure> {
        Ok(self.context()?.user.as_ref())
    }
}

envelope_accessors!(Call);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Call, RequestType};
    use crate::testing::{classic_sign_up, complete_profile, sign_up};

    #[test]
    fn the_request_type_is_named_or_told_by_what_was_submitted() {
        let named = sign_up([("email", "a@example.com")]);
        assert_eq!(named.request_type(), RequestType::SelfServiceRegistration);
        let progressive = complete_profile([("employeeNumber", 1234)]);
        assert_eq!(progressive.request_type(), RequestType::ProgressiveProfile);
        let classic = classic_sign_up([("email", "a@example.com")]);
        assert_eq!(classic.request_type(), RequestType::Classic);

        let unnamed = Call::from_json(r#"{"requestType":null,"data":{"userProfileUpdate":{}}}"#);
        assert!(unnamed.expect("a call").is_progressive());
        assert!(Call::from_json(r#"{"requestType":"profile.delete"}"#).is_err());
    }

    #[test]
    fn a_progressive_call_has_the_changes_and_the_user_so_far() {
        let call = complete_profile([("employeeNumber", 1234)]);
        assert_eq!(call.attribute("employeeNumber"), Some(json!(1234)));
        assert_eq!(call.email_domain(), None);
        let user = call.user().expect("a context").expect("the current user");
        assert_eq!(user.id.as_deref(), Some("00u48gwcu01WxvNo"));
        let login = user.profile().and_then(|profile| profile.text("login"));
        assert_eq!(login, Some("rosario.jones@example.com"));
    }

    #[test]
    fn members_that_have_no_method_are_kept() {
        let json =
            r#"{"eventTypeVersion":1,"new":{"member":[1]},"data":{"userProfile":{"email":null}}}"#;
        let call = Call::from_json(json).expect("a call");
        assert_eq!(call.json(), json);
        assert_eq!(call.pointer("/new/member/0"), Some(&json!(1)));
        assert_eq!(call.email(), None);
        assert!(
            call.context()
                .is_ok_and(|context| context.request.is_none())
        );
    }

    #[test]
    fn the_request_tells_where_the_person_is() {
        let call = sign_up([("email", "a@example.com")]);
        let context = call.context().expect("a context");
        let request = context.request.as_ref().expect("a request");
        assert_eq!(request.ip_address.as_deref(), Some("192.0.2.1"));
        assert_eq!(request.url(), Some("/idp/idx/enroll/new"));
    }

    #[test]
    fn a_context_of_another_form_is_an_error_only_for_who_asks() {
        let json = r#"{"data":{"context":{"request":{"ipAddress":7}},"userProfile":{"email":"a@b.example"}}}"#;
        let call = Call::from_json(json).expect("a call");
        assert_eq!(call.email_domain(), Some("b.example"));
        assert!(call.context().is_err() && call.user().is_err());
    }

    #[test]
    fn an_error_does_not_quote_the_call() {
        let error = Call::from_json(r#"{"eventId":{"secret":"hunter2"}}"#).expect_err("no call");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
