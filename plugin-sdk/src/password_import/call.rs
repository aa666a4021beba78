//! The call: somebody signs in with a password that Okta does not know yet.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::password::Password;
use crate::context::Request;
use crate::envelope::{Document, Envelope, envelope_accessors, opaque_debug};
use crate::failure::Failure;
use crate::part::Part;
use crate::text::{Borrowed, Text};

/// A call of the password import hook. Its `Debug` shows neither the password nor
/// anything else of the body but the id.
#[derive(Clone)]
pub struct Call {
    envelope: Envelope,
    username: Text,
    password: Text,
    request: Part<Option<Request>>,
    document: Document,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<Context<'a>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    credential: Option<Credential<'a>>,
}

#[derive(Deserialize)]
struct Credential<'a> {
    #[serde(borrow)]
    username: Option<Borrowed<'a>>,
    #[serde(borrow)]
    password: Option<Borrowed<'a>>,
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not in the form of a password import call. Without a
    /// user name or a password there is nothing to decide, so that is an error too.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let context = data.and_then(|data| data.context);
        let context = context.ok_or_else(|| Failure::invalid_call("no `data.context`"))?;
        let Some(Credential {
            username: Some(username),
            password: Some(password),
        }) = context.credential
        else {
            let message = "`data.context.credential` has no user name or no password";
            return Err(Failure::invalid_call(message));
        };
        Ok(Self {
            username: Text::of(username, document.text()),
            password: Text::of(password, document.text()),
            request: Part::of(context.request, &document),
            envelope,
            document,
        })
    }

    /// The name that the person signs in with, as Okta sends it.
    #[must_use]
    pub fn username(&self) -> &str {
        self.username.get(self.document.text())
    }

    /// The password that the person typed, in plain text. Keep it out of every text
    /// that leaves the policy.
    #[must_use]
    pub fn password(&self) -> Password<'_> {
        Password::new(self.password.get(self.document.text()))
    }

    /// The request that the person's browser made; `None` if Okta sends none. The first
    /// use parses it.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn request(&self) -> Result<Option<&Request>, Failure> {
        let request = self.request.get(&self.document, "data.context.request")?;
        Ok(request.as_ref())
    }
}

envelope_accessors!(Call);
opaque_debug!(Call);

#[cfg(test)]
mod tests {
    use super::Call;
    use crate::testing::password_import;

    #[test]
    fn the_credential_is_read_with_its_escapes() {
        let call = password_import("rosario@example.com", "a\"b\u{fc}\n");
        assert_eq!(call.username(), "rosario@example.com");
        assert_eq!(call.password().as_str(), "a\"b\u{fc}\n");
        assert_eq!(call.password().as_bytes().len(), 6);
        let request = call.request().expect("a context").expect("a request");
        assert_eq!(request.url(), Some("/api/v1/authn"));
    }

    #[test]
    fn a_call_does_not_print_its_password() {
        for password in ["hunter2", "hun\"ter2"] {
            let call = password_import("rosario@example.com", password);
            let printed = format!("{call:?} {:?} {:#?}", call.password(), call.clone());
            assert!(!printed.contains("ter2"), "{printed}");
            assert!(!printed.contains("rosario"), "{printed}");
            assert!(printed.contains("testing"), "{printed}");
        }
    }

    #[test]
    fn a_call_without_a_credential_is_none() {
        for json in [
            "{}",
            r#"{"data":{"credential":{"username":"a","password":"b"}}}"#,
            r#"{"data":{"context":{}}}"#,
            r#"{"data":{"context":{"credential":{"username":"a"}}}}"#,
            r#"{"data":{"context":{"credential":{"username":"a","password":null}}}}"#,
            r#"{"data":{"context":{"credential":{"username":null,"password":"b"}}}}"#,
        ] {
            assert!(Call::from_json(json).is_err(), "{json}");
        }
        let empty = r#"{"data":{"context":{"credential":{"username":"a","password":""}}}}"#;
        let call = Call::from_json(empty).expect("a call");
        assert_eq!(call.password().as_str(), "");
        assert!(call.request().is_ok_and(|request| request.is_none()));
    }

    #[test]
    fn an_error_does_not_quote_the_call() {
        for json in [
            r#"{"data":{"context":{"credential":{"username":"a","password":["hunter2"]}}}}"#,
            r#"{"data":{"context":{"credential":"hunter2"}}}"#,
            r#"{"data":{"context":{"credential":{"username":"a","password":"hunter2"#,
        ] {
            let error = Call::from_json(json).expect_err("no call");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
