//! The call: a person waits for a one-time code.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

use crate::context::Request;
use crate::envelope::{Document, Envelope, envelope_accessors, opaque_debug};
use crate::failure::Failure;
use crate::part::Part;
use crate::text::{Borrowed, Text};

/// What the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestType<'a> {
    /// A person enrols a phone (`com.okta.user.telephony.pre-enrollment`).
    PreEnrollment,
    /// A person signs in (`com.okta.user.telephony.mfa-verification`).
    MfaVerification,
    /// A person unlocks the account (`com.okta.user.telephony.account-unlock`).
    AccountUnlock,
    /// A person sets a new password (`com.okta.user.telephony.password-reset`).
    PasswordReset,
    /// Another one, which Okta does not document, as it stands in the call.
    Other(&'a str),
}

/// How the code is to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel<'a> {
    /// As a text message (`SMS`).
    Sms,
    /// By a call that reads it out (`voice call`, and `Voice`).
    Voice,
    /// Another one, which Okta does not document, as it stands in the call.
    Other(&'a str),
}

/// A call of the telephony hook. Its `Debug` shows nothing of the body but the id.
#[derive(Clone)]
pub struct Call {
    envelope: Envelope,
    first_name: Option<Text>,
    last_name: Option<Text>,
    login: Option<Text>,
    user_id: Option<Text>,
    template: Option<Text>,
    phone_number: Option<Text>,
    otp_code: Option<Text>,
    expires: Option<Text>,
    channel: Option<Text>,
    locale: Option<Text>,
    request: Part<Option<Request>>,
    document: Document,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<Context<'a>>,
    #[serde(borrow)]
    user_profile: Option<UserProfile<'a>>,
    #[serde(borrow)]
    message_profile: Option<MessageProfile<'a>>,
}

#[derive(Default, Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    request: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserProfile<'a> {
    #[serde(borrow)]
    first_name: Option<Borrowed<'a>>,
    #[serde(borrow)]
    last_name: Option<Borrowed<'a>>,
    #[serde(borrow)]
    login: Option<Borrowed<'a>>,
    #[serde(borrow)]
    user_id: Option<Borrowed<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageProfile<'a> {
    #[serde(borrow)]
    msg_template: Option<Borrowed<'a>>,
    #[serde(borrow)]
    phone_number: Option<TextOrNumber<'a>>,
    #[serde(borrow)]
    otp_code: Option<TextOrNumber<'a>>,
    #[serde(borrow)]
    otp_expires: Option<Borrowed<'a>>,
    #[serde(borrow)]
    delivery_channel: Option<Borrowed<'a>>,
    #[serde(borrow)]
    locale: Option<Borrowed<'a>>,
}

/// A text of digits, which Okta's own example writes as a number.
struct TextOrNumber<'a>(Borrowed<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for TextOrNumber<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&'de RawValue>::deserialize(deserializer)?.get();
        let text = match json.as_bytes() {
            [b'"', ..] => serde_json::from_str(json).ok(),
            digits if digits.iter().all(u8::is_ascii_digit) => Some(Borrowed(json.into())),
            _ => None,
        };
        let text = text.ok_or_else(|| D::Error::custom("neither text nor a whole number"))?;
        Ok(Self(text))
    }
}

/// The person whom the code is for.
#[derive(Debug, Clone, Copy)]
pub struct User<'a>(&'a Call);

/// The code, and how it is to be delivered.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a>(&'a Call);

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or not in the form of a telephony call.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let data = data.unwrap_or_default();
        let user = data.user_profile.unwrap_or_default();
        let message = data.message_profile.unwrap_or_default();
        let text = |text: Option<Borrowed<'_>>| Some(Text::of(text?, document.text()));
        Ok(Self {
            first_name: text(user.first_name),
            last_name: text(user.last_name),
            login: text(user.login),
            user_id: text(user.user_id),
            template: text(message.msg_template),
            phone_number: text(message.phone_number.map(|number| number.0)),
            otp_code: text(message.otp_code.map(|code| code.0)),
            expires: text(message.otp_expires),
            channel: text(message.delivery_channel),
            locale: text(message.locale),
            request: Part::of(data.context.unwrap_or_default().request, &document),
            envelope,
            document,
        })
    }

    /// What the code is for. `None` in calls as they were before March 2022, which
    /// have `/data/messageProfile/eventAction` instead.
    #[must_use]
    pub fn request_type(&self) -> Option<RequestType<'_>> {
        Some(match self.text(&self.envelope.request_type)? {
            "com.okta.user.telephony.pre-enrollment" => RequestType::PreEnrollment,
            "com.okta.user.telephony.mfa-verification" => RequestType::MfaVerification,
            "com.okta.user.telephony.account-unlock" => RequestType::AccountUnlock,
            "com.okta.user.telephony.password-reset" => RequestType::PasswordReset,
            other => RequestType::Other(other),
        })
    }

    /// The person whom the code is for.
    #[must_use]
    pub fn user(&self) -> User<'_> {
        User(self)
    }

    /// The code, and how it is to be delivered.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        Message(self)
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

    fn text<'a>(&'a self, text: &'a Option<Text>) -> Option<&'a str> {
        Some(text.as_ref()?.get(self.document.text()))
    }
}

impl<'a> User<'a> {
    /// Okta's id of the user: `00u…`.
    #[must_use]
    pub fn id(self) -> Option<&'a str> {
        self.0.text(&self.0.user_id)
    }

    /// The name that the user signs in with.
    #[must_use]
    pub fn login(self) -> Option<&'a str> {
        self.0.text(&self.0.login)
    }

    /// The first name.
    #[must_use]
    pub fn first_name(self) -> Option<&'a str> {
        self.0.text(&self.0.first_name)
    }

    /// The last name.
    #[must_use]
    pub fn last_name(self) -> Option<&'a str> {
        self.0.text(&self.0.last_name)
    }
}

impl<'a> Message<'a> {
    /// The whole text message, the code in it. Not in a voice call.
    #[must_use]
    pub fn template(self) -> Option<&'a str> {
        self.0.text(&self.0.template)
    }

    /// The phone number to deliver to, as Okta sends it: usually `+` and digits
    /// (E.164), but Okta's own examples have digits alone.
    #[must_use]
    pub fn phone_number(self) -> Option<&'a str> {
        self.0.text(&self.0.phone_number)
    }

    /// The one-time code. It may begin with zeros, so keep it as text.
    #[must_use]
    pub fn otp_code(self) -> Option<&'a str> {
        self.0.text(&self.0.otp_code)
    }

    /// When the code expires: ISO 8601, UTC, such as `2022-01-28T21:48:34.321Z`.
    #[must_use]
    pub fn expires(self) -> Option<&'a str> {
        self.0.text(&self.0.expires)
    }

    /// How the code is to be delivered. Upper and lower case are alike.
    #[must_use]
    pub fn channel(self) -> Option<Channel<'a>> {
        let channel = self.0.text(&self.0.channel)?;
        let is = |name| channel.eq_ignore_ascii_case(name);
        Some(if is("SMS") {
            Channel::Sms
        } else if is("voice call") || is("voice") {
            Channel::Voice
        } else {
            Channel::Other(channel)
        })
    }

    /// The person's language, such as `EN-US` or `en`.
    #[must_use]
    pub fn locale(self) -> Option<&'a str> {
        self.0.text(&self.0.locale)
    }
}

envelope_accessors!(Call);
opaque_debug!(Call);

#[cfg(test)]
mod tests {
    use super::{Call, Channel, RequestType};
    use crate::testing::{telephony, telephony_by_voice};

    #[test]
    fn the_message_and_the_user_are_read() {
        let call = telephony("+14155550100", "012345");
        assert_eq!(call.request_type(), Some(RequestType::MfaVerification));
        let message = call.message();
        assert_eq!(message.phone_number(), Some("+14155550100"));
        assert_eq!(message.otp_code(), Some("012345"));
        assert_eq!(message.template(), Some("Your code is 012345"));
        assert_eq!(message.expires(), Some("2026-01-01T00:05:00.000Z"));
        assert_eq!(message.channel(), Some(Channel::Sms));
        assert_eq!(message.locale(), Some("EN-US"));
        let user = call.user();
        assert_eq!(user.id(), Some("00u48gwcu01WxvNo"));
        assert_eq!(user.login(), Some("rosario.jones@example.com"));
        assert_eq!(user.first_name(), Some("Rosario"));
        assert_eq!(user.last_name(), Some("Jones"));
        let request = call.request().expect("a context").expect("a request");
        assert_eq!(request.method.as_deref(), Some("POST"));

        let call = telephony_by_voice("+14155550100", "012345");
        assert_eq!(call.message().channel(), Some(Channel::Voice));
        assert_eq!(call.message().template(), None);
    }

    #[test]
    fn a_number_and_a_code_may_be_numbers() {
        let json = r#"{"data":{"messageProfile":{"phoneNumber":9876543210,"otpCode":11111}}}"#;
        let call = Call::from_json(json).expect("a call");
        assert_eq!(call.message().phone_number(), Some("9876543210"));
        assert_eq!(call.message().otp_code(), Some("11111"));

        let json = r#"{"data":{"messageProfile":{"phoneNumber":"\u002b1","otpCode":null}}}"#;
        let call = Call::from_json(json).expect("a call");
        assert_eq!(call.message().phone_number(), Some("+1"));
        assert_eq!(call.message().otp_code(), None);
    }

    #[test]
    fn a_request_type_is_known_other_or_absent() {
        for (member, expected) in [
            ("pre-enrollment", RequestType::PreEnrollment),
            ("mfa-verification", RequestType::MfaVerification),
            ("account-unlock", RequestType::AccountUnlock),
            ("password-reset", RequestType::PasswordReset),
            ("new", RequestType::Other("com.okta.user.telephony.new")),
        ] {
            let json = format!(r#"{{"requestType":"com.okta.user.telephony.{member}"}}"#);
            let call = Call::from_json(json).expect("a call");
            assert_eq!(call.request_type(), Some(expected));
        }
        for json in ["{}", r#"{"requestType":null}"#] {
            let call = Call::from_json(json).expect("a call");
            assert_eq!(call.request_type(), None);
            assert_eq!(call.message().channel(), None);
            assert_eq!(call.user().id(), None);
        }
    }

    #[test]
    fn a_channel_is_known_in_any_case() {
        for (name, expected) in [
            ("SMS", Channel::Sms),
            ("sms", Channel::Sms),
            ("voice call", Channel::Voice),
            ("Voice", Channel::Voice),
            ("VOICE CALL", Channel::Voice),
            ("WhatsApp", Channel::Other("WhatsApp")),
        ] {
            let json = format!(r#"{{"data":{{"messageProfile":{{"deliveryChannel":"{name}"}}}}}}"#);
            let call = Call::from_json(json).expect("a call");
            assert_eq!(call.message().channel(), Some(expected));
        }
    }

    #[test]
    fn neither_code_nor_number_is_printed() {
        let call = telephony("+14155550100", "012345");
        let printed = format!("{call:?} {:?} {:?}", call.message(), call.user());
        for secret in ["4155550100", "12345", "rosario"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(printed.contains("testing"), "{printed}");
    }

    #[test]
    fn an_error_does_not_quote_the_call() {
        for json in [
            r#"{"data":{"messageProfile":{"otpCode":["hunter2"]}}}"#,
            r#"{"data":{"messageProfile":{"phoneNumber":{"hunter2":1}}}}"#,
            r#"{"data":{"messageProfile":{"otpCode":true,"locale":"hunter2"}}}"#,
            r#"{"data":{"messageProfile":{"otpCode":1e5,"locale":"hunter2"}}}"#,
            r#"{"data":{"userProfile":"hunter2"}}"#,
        ] {
            let error = Call::from_json(json).expect_err("no call");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
