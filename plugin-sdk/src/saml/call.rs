//! The call: a person signs in to an application.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::attribute::Attribute;
use crate::context::{Context, context_accessors};
use crate::envelope::{Document, Envelope, envelope_accessors};
use crate::failure::{Failure, position};
use crate::part::{Parsed, Part, Section};

/// A call of the SAML assertion hook.
///
/// The parts of the assertion and the circumstances are parsed when they are asked
/// for, each on its own: a member that does not have the form that Okta documents is
/// a [`Failure`] for a policy that asks for it, and nothing to all others. `null` and
/// absent are alike.
#[derive(Debug, Clone)]
pub struct Call {
    envelope: Envelope,
    subject: Part<Option<Subject>>,
    authentication: Part<Option<Authentication>>,
    conditions: Part<Option<Conditions>>,
    lifetime: Part<Option<Lifetime>>,
    pub(super) claims: Section,
    context: Context,
    protocol: Parsed<Option<Protocol>>,
    pub(super) document: Document,
}

#[derive(Debug, Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    assertion: Option<Assertion<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Assertion<'a> {
    #[serde(borrow)]
    subject: Option<&'a RawValue>,
    #[serde(borrow)]
    authentication: Option<&'a RawValue>,
    #[serde(borrow)]
    conditions: Option<&'a RawValue>,
    #[serde(borrow)]
    claims: Option<&'a RawValue>,
    #[serde(borrow)]
    lifetime: Option<&'a RawValue>,
}

/// Whom the assertion is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Subject {
    /// The name that the application knows the person by.
    pub name_id: Option<String>,
    /// What kind of name that is, as a URI.
    pub name_format: Option<String>,
    confirmation: Option<Confirmation>,
}

#[derive(Debug, Clone, Deserialize)]
struct Confirmation {
    method: Option<String>,
    data: Option<ConfirmationData>,
}

#[derive(Debug, Clone, Deserialize)]
struct ConfirmationData {
    recipient: Option<String>,
}

impl Subject {
    /// How the application may take the person for the subject, as a URI.
    #[must_use]
    pub fn confirmation_method(&self) -> Option<&str> {
        self.confirmation.as_ref()?.method.as_deref()
    }

    /// The address that the assertion is sent to.
    #[must_use]
    pub fn recipient(&self) -> Option<&str> {
        let data = self.confirmation.as_ref()?.data.as_ref()?;
        data.recipient.as_deref()
    }
}

/// How the person proved who they are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Authentication {
    /// The session, as the application knows it.
    pub session_index: Option<String>,
    authn_context: Option<AuthnContext>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthnContext {
    authn_context_class_ref: Option<String>,
}

impl Authentication {
    /// The class of the authentication context, such as
    /// `urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport`.
    #[must_use]
    pub fn context_class(&self) -> Option<&str> {
        let context = self.authn_context.as_ref()?;
        context.authn_context_class_ref.as_deref()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conditions {
    audience_restriction: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Lifetime {
    expiration: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Protocol {
    issuer: Option<Issuer>,
}

/// The application that the person signs in to, in whose name Okta issues the
/// assertion.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Issuer {
    /// Okta's id of the application.
    pub id: Option<String>,
    /// The application's name in Okta's console.
    pub name: Option<String>,
    /// The issuer that the assertion names.
    pub uri: Option<String>,
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not in the form of a SAML call.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let data = data.unwrap_or_default();
        let assertion = data.assertion.unwrap_or_default();
        Ok(Self {
            subject: Part::of(assertion.subject, &document),
            authentication: Part::of(assertion.authentication, &document),
            conditions: Part::of(assertion.conditions, &document),
            lifetime: Part::of(assertion.lifetime, &document),
            claims: Section::of("data.assertion.claims", assertion.claims, &document),
            context: Context::of(data.context, &document),
            protocol: Parsed::default(),
            envelope,
            document,
        })
    }

    /// Whom the assertion is about.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn subject(&self) -> Result<Option<&Subject>, Failure> {
        let subject = self.subject.get(&self.document, "data.assertion.subject")?;
        Ok(subject.as_ref())
    }

    /// The name that the application knows the person by.
    ///
    /// # Errors
    ///
    /// As [`subject`](Self::subject).
    pub fn name_id(&self) -> Result<Option<&str>, Failure> {
        let subject = self.subject()?;
        Ok(subject.and_then(|subject| subject.name_id.as_deref()))
    }

    /// How the person proved who they are, as the assertion tells it.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn authentication(&self) -> Result<Option<&Authentication>, Failure> {
        let path = "data.assertion.authentication";
        Ok(self.authentication.get(&self.document, path)?.as_ref())
    }

    /// Whom the assertion is for: the audiences that may accept it.
    ///
    /// # Errors
    ///
    /// They do not have the form that Okta documents.
    pub fn audiences(&self) -> Result<&[String], Failure> {
        let path = "data.assertion.conditions";
        let conditions = self.conditions.get(&self.document, path)?.as_ref();
        let audiences =
            conditions.and_then(|conditions| conditions.audience_restriction.as_deref());
        Ok(audiences.unwrap_or_default())
    }

    /// How long the assertion is good for, in whole seconds; `None` if Okta does not
    /// say.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn lifetime(&self) -> Result<Option<Duration>, Failure> {
        let path = "data.assertion.lifetime";
        let lifetime = self.lifetime.get(&self.document, path)?.as_ref();
        let seconds = lifetime.and_then(|lifetime| lifetime.expiration);
        Ok(seconds.map(Duration::from_secs))
    }

    /// An attribute of the assertion, by its whole name, which can be a URI.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn attribute(&self, name: &str) -> Result<Option<Attribute>, Failure> {
        read(&self.claims, &self.document, name)
    }

    /// The names of all attributes of the assertion.
    ///
    /// # Errors
    ///
    /// They do not have the form that Okta documents.
    pub fn attribute_names(&self) -> Result<impl Iterator<Item = &str>, Failure> {
        Ok(self.claims.members(&self.document)?.names())
    }

    /// The application that the person signs in to.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn issuer(&self) -> Result<Option<&Issuer>, Failure> {
        let json = self.context.json(&self.document, "protocol")?;
        let protocol = self.protocol.get(json, "data.context.protocol")?.as_ref();
        Ok(protocol.and_then(|protocol| protocol.issuer.as_ref()))
    }
}

/// Reads an attribute of an assertion.
pub(super) fn read(
    claims: &Section,
    document: &Document,
    name: &str,
) -> Result<Option<Attribute>, Failure> {
    let Some(json) = claims.json(document, name)? else {
        return Ok(None);
    };
    serde_json::from_str(json).map_err(|error| {
        Failure::invalid_call(format!(
            "an attribute of the assertion: {}",
            position(&error)
        ))
    })
}

envelope_accessors!(Call);
context_accessors!(Call);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::attribute::{Attribute, NameFormat};
    use super::Call;
    use crate::testing::{saml, saml_with};

    #[test]
    fn the_assertion_is_typed() {
        let call = saml();
        assert_eq!(call.name_id(), Ok(Some("rosario.jones@example.com")));
        let subject = call.subject().expect("a subject").expect("a subject");
        assert_eq!(
            subject.recipient(),
            Some("https://app.example.com/saml/sso")
        );
        let method = subject.confirmation_method();
        assert_eq!(method, Some("urn:oasis:names:tc:SAML:2.0:cm:bearer"));
        assert!(subject.name_format.is_some());
        let authentication = call.authentication().expect("a form").expect("there");
        assert_eq!(authentication.session_index.as_deref(), Some("idtesting"));
        let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
        assert_eq!(authentication.context_class(), Some(class));
        assert_eq!(call.audiences().expect("a form"), ["urn:example:app"]);
        assert_eq!(call.lifetime(), Ok(Some(Duration::from_secs(300))));
        let issuer = call.issuer().expect("a context").expect("an issuer");
        assert_eq!(issuer.id.as_deref(), Some("0oatesting"));
        let user = call.user().expect("a context").expect("a user");
        assert_eq!(user.id.as_deref(), Some("00u48gwcu01WxvNo"));
        assert!(call.session().is_ok_and(|session| session.is_some()));
    }

    #[test]
    fn attributes_have_values_with_formats_and_types() {
        let uri = "/data/assertion/claims/http:~1~1schemas.example~1ws~1roles";
        let roles = json!({
            "attributes": {"NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"},
            "attributeValues": [{"value": "a"}, {"value": "b"}],
        });
        let call = saml_with([(uri, roles)]);
        let roles = call.attribute("http://schemas.example/ws/roles");
        let roles = roles.expect("a form").expect("an attribute");
        assert_eq!(roles.name_format(), Some(&NameFormat::Uri));
        assert_eq!(roles.values().len(), 2);
        let email = call.attribute("email").expect("a form");
        let expected = Attribute::text("rosario.jones@example.com").format(NameFormat::Unspecified);
        assert_eq!(email, Some(expected));
        assert_eq!(call.attribute("absent"), Ok(None));
        let names: Vec<_> = call.attribute_names().expect("a form").collect();
        assert_eq!(names, ["email", "http://schemas.example/ws/roles"]);
    }

    #[test]
    fn everything_can_be_absent() {
        for json in [
            r#"{}"#,
            r#"{"data":{"context":null,"assertion":null}}"#,
            r#"{"data":{"assertion":{"subject":null,"claims":null,"conditions":{}}}}"#,
        ] {
            let call = Call::from_json(json).expect("a call");
            assert_eq!(call.name_id(), Ok(None));
            assert_eq!(call.attribute("email"), Ok(None));
            assert_eq!(call.audiences(), Ok(&[][..]));
            assert_eq!(call.lifetime(), Ok(None));
            assert!(call.issuer().is_ok_and(|issuer| issuer.is_none()));
            assert!(call.session().is_ok_and(|session| session.is_none()));
        }
        let null = saml_with([("/data/assertion/claims/email", Value::Null)]);
        assert_eq!(null.attribute("email"), Ok(None));
    }

    #[test]
    fn what_is_in_another_form_is_an_error_only_for_who_asks() {
        let call = saml_with([
            ("/data/assertion/claims/email", json!("secret")),
            ("/data/assertion/subject/nameId", json!({"secret": 1})),
            ("/data/context/protocol", json!("secret")),
        ]);
        assert!(call.audiences().is_ok() && call.user().is_ok());
        for error in [
            call.attribute("email")
                .expect_err("no attribute")
                .to_string(),
            call.name_id().expect_err("no name").to_string(),
            call.issuer().expect_err("no issuer").to_string(),
        ] {
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(Call::from_json(r#"{"data":{"assertion":7}}"#).is_err());
    }
}
