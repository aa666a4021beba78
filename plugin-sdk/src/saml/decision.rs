//! The decision about an assertion.

use std::time::Duration;

use super::attribute::Attribute;
use super::call::{Call, read};
use crate::bindings::types;
use crate::decision::{error, remarks};
use crate::envelope::Document;
use crate::failure::Failure;
use crate::part::Section;
use crate::patch::{Op, Operation, pointer, push_text, write};

/// What the policy has to say about an assertion.
///
/// A decision is no opinion, a refusal, or a patch of the assertion. A refusal stands
/// alone: what a decision changed before is dropped with it.
///
/// ```
/// use hookwarden_sdk::saml::{Attribute, Decision, NameFormat, Patch};
///
/// Decision::no_opinion();
/// Decision::deny("Ask for access at the help desk.").reason("not entitled");
/// Decision::set_attribute("department", "Sales")
///     .and_set_attribute("roles", Attribute::texts(["a", "b"]).format(NameFormat::Basic));
/// Decision::patch(Patch::new().name_id("rjones").audiences(["urn:example:app"]));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Decision {
    effect: Effect,
    reason: Option<String>,
    debug_context: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Effect {
    Patch(Patch),
    Deny(String),
}

impl Default for Effect {
    fn default() -> Self {
        Self::Patch(Patch::new())
    }
}

/// What is to change in an assertion, in this order.
///
/// ```
/// use std::time::Duration;
/// use hookwarden_sdk::saml::{Attribute, Decision, Patch};
///
/// let patch = Patch::new()
///     .set_attribute("patient", Attribute::integer(4321))
///     .set_attribute("https://schemas.example.com/claims/tenant", "acme")
///     .replace_value("email", 0, "r.jones@example.com")
///     .context_class("urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos")
///     .session_lifetime(Duration::from_secs(8 * 3600));
/// Decision::patch(patch);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Patch {
    changes: Vec<Change>,
    mistake: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
struct Change {
    subject: About,
    operation: Operation,
}

#[derive(Debug, Clone, PartialEq)]
enum About {
    /// An attribute, which has so many values afterwards.
    Attribute(String, usize),
    /// The value at this position of an attribute that has to be there.
    Value(String, usize),
    Other,
}

impl Patch {
    /// A patch that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the assertion an attribute, in place of one of this name that it may
    /// have. A text will do for an attribute of one `xs:string`. One without values
    /// is not sent.
    ///
    /// The name can be a URI. An empty one is a failure of the policy.
    pub fn set_attribute(
        mut self,
        name: impl Into<String>,
        attribute: impl Into<Attribute>,
    ) -> Self {
        let (name, attribute) = (name.into(), attribute.into());
        if name.is_empty() {
            self.mistake = Some("sets an attribute that has no name");
        }
        match attribute.values().len() {
            0 => self,
            values => {
                let path = pointer("/claims", [name.as_str()]);
                let about = About::Attribute(name, values);
                self.change(about, Op::Add, path, attribute.to_json())
            }
        }
    }

    /// Gives the value at this position of an attribute, counted from zero, another
    /// text. Its type stays. If there is no such value, this does nothing.
    pub fn replace_value(
        self,
        name: impl Into<String>,
        position: usize,
        text: impl AsRef<str>,
    ) -> Self {
        let name = name.into();
        let steps = [&name, "attributeValues", &position.to_string(), "value"];
        let path = pointer("/claims", steps);
        let about = About::Value(name, position);
        self.change(about, Op::Replace, path, json(text.as_ref()))
    }

    /// The name that the application knows the person by. Whoever it names is signed
    /// in; a blank one is a failure of the policy.
    pub fn name_id(mut self, name: impl AsRef<str>) -> Self {
        if name.as_ref().trim().is_empty() {
            self.mistake = Some("sets a blank name id");
        }
        self.replace("/subject/nameId", json(name.as_ref()))
    }

    /// What kind of name the name id is, as a URI.
    pub fn name_id_format(self, uri: impl AsRef<str>) -> Self {
        self.replace("/subject/nameFormat", json(uri.as_ref()))
    }

    /// The class of the authentication context, as a URI.
    pub fn context_class(self, uri: impl AsRef<str>) -> Self {
        let mut context = String::from(r#"{"authnContextClassRef":"#);
        push_text(&mut context, uri.as_ref());
        context.push('}');
        self.replace("/authentication/authnContext", context)
    }

    /// The session, as the application is to know it.
    pub fn session_index(self, index: impl AsRef<str>) -> Self {
        self.replace("/authentication/sessionIndex", json(index.as_ref()))
    }

    /// How long the application may keep the person signed in: the assertion's
    /// `SessionNotOnOrAfter`. Fractions of seconds are dropped; less than a second is
    /// a failure of the policy.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        let seconds = lifetime.as_secs();
        if seconds == 0 {
            self.mistake = Some("sets a session lifetime of less than a second");
        }
        let path = "/authentication/sessionLifetime".to_owned();
        self.change(About::Other, Op::Add, path, seconds.to_string())
    }

    /// Whom the assertion is for: the audiences that may accept it, in place of all
    /// that are there. None is a failure of the policy: anyone could accept it.
    pub fn audiences<S: AsRef<str>>(mut self, audiences: impl IntoIterator<Item = S>) -> Self {
        let mut list = String::from("[");
        for audience in audiences {
            if list.len() > 1 {
                list.push(',');
            }
            push_text(&mut list, audience.as_ref());
        }
        if list.len() == 1 {
            self.mistake = Some("restricts the assertion to no audience");
        }
        list.push(']');
        self.replace("/conditions/audienceRestriction", list)
    }

    fn replace(self, path: &str, value: String) -> Self {
        self.change(About::Other, Op::Replace, path.to_owned(), value)
    }

    fn change(mut self, subject: About, op: Op, path: String, value: String) -> Self {
        let value = Some(value);
        let operation = Operation { op, path, value };
        self.changes.push(Change { subject, operation });
        self
    }

    /// The operations that Okta accepts for the assertion of this call.
    fn resolve(self, form: &Form) -> Result<Vec<Operation>, Failure> {
        if let Some(mistake) = self.mistake {
            return Err(Failure::other(mistake));
        }
        let mut operations = Vec::with_capacity(self.changes.len());
        let mut set: Vec<(String, usize)> = Vec::new();
        for Change { subject, operation } in self.changes {
            match subject {
                About::Attribute(name, values) => set.push((name, values)),
                About::Value(name, position) => {
                    let values = match set.iter().rev().find(|(set, _)| *set == name) {
                        Some((_, values)) => *values,
                        None => form.values(&name)?,
                    };
                    if position >= values {
                        continue;
                    }
                }
                About::Other => {}
            }
            operations.push(operation);
        }
        Ok(operations)
    }
}

/// A text as JSON.
fn json(text: &str) -> String {
    let mut json = String::new();
    push_text(&mut json, text);
    json
}

impl Decision {
    /// No opinion: as far as this policy is concerned Okta issues the assertion as it
    /// is. Another policy may still deny.
    pub fn no_opinion() -> Self {
        Self::default()
    }

    /// Refuses the sign-on. The person reads this text on Okta's error page; with a
    /// blank one, Okta's own.
    pub fn deny(message: impl Into<String>) -> Self {
        Self {
            effect: Effect::Deny(message.into()),
            ..Self::default()
        }
    }

    /// Gives the assertion an attribute; see [`Patch::set_attribute`].
    pub fn set_attribute(name: impl Into<String>, attribute: impl Into<Attribute>) -> Self {
        Self::no_opinion().and_set_attribute(name, attribute)
    }

    /// Gives it one more attribute. On a refusal this does nothing.
    pub fn and_set_attribute(
        self,
        name: impl Into<String>,
        attribute: impl Into<Attribute>,
    ) -> Self {
        self.and_patch(Patch::new().set_attribute(name, attribute))
    }

    /// Changes the assertion.
    pub fn patch(patch: Patch) -> Self {
        Self::no_opinion().and_patch(patch)
    }

    /// Changes it further, after what was changed before. On a refusal this does
    /// nothing.
    pub fn and_patch(mut self, patch: Patch) -> Self {
        if let Effect::Patch(all) = &mut self.effect {
            all.changes.extend(patch.changes);
            all.mistake = all.mistake.or(patch.mistake);
        }
        self
    }

    /// Whether this denies.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        matches!(self.effect, Effect::Deny(_))
    }

    pub(super) fn into_wire(self, form: &Form) -> Result<types::Decision, Failure> {
        let mut wire = types::Decision {
            commands: Vec::new(),
            error: None,
            debug_context: self.debug_context,
            reason: self.reason,
        };
        match self.effect {
            Effect::Deny(message) => wire.error = Some(error(message)),
            Effect::Patch(patch) => {
                let operations = patch.resolve(form)?;
                if !operations.is_empty() {
                    wire.commands.push(types::Command {
                        type_: "com.okta.assertion.patch".to_owned(),
                        value: write(&operations),
                    });
                }
            }
        }
        Ok(wire)
    }
}

/// The attributes of a call, which a decision is checked against.
#[doc(hidden)]
#[derive(Debug)]
pub struct Form {
    claims: Section,
    document: Document,
}

impl Form {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            claims: call.claims.clone(),
            document: call.document.clone(),
        }
    }

    /// How many values an attribute has.
    fn values(&self, name: &str) -> Result<usize, Failure> {
        Ok(read(&self.claims, &self.document, name)?
            .map_or(0, |attribute| attribute.values().len()))
    }
}

remarks!(Decision);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::attribute::{Attribute, NameFormat};
    use super::{Decision, Form, Patch};
    use crate::bindings::types;
    use crate::testing::{saml, saml_with};

    fn wire(decision: Decision) -> types::Decision {
        let form = Form::of(&saml());
        decision.into_wire(&form).expect("a legal decision")
    }

    fn operations(patch: Patch) -> Value {
        let wire = wire(Decision::patch(patch));
        assert_eq!(wire.commands[0].type_, "com.okta.assertion.patch");
        serde_json::from_str(&wire.commands[0].value).expect("JSON")
    }

    #[test]
    fn an_attribute_is_added_whole() {
        let patient = Attribute::integer(1234).format(NameFormat::Basic);
        assert_eq!(
            operations(Patch::new().set_attribute("patient", patient)),
            json!([{
                "op": "add",
                "path": "/claims/patient",
                "value": {
                    "attributes": {"NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"},
                    "attributeValues": [
                        {"attributes": {"xsi:type": "xs:integer"}, "value": "1234"},
                    ],
                },
            }])
        );
    }

    #[test]
    fn the_other_parts_are_replaced_and_the_session_gets_a_lifetime() {
        let patch = Patch::new()
            .name_id("rjones\"")
            .name_id_format("urn:x")
            .context_class("urn:y")
            .session_index("s1")
            .session_lifetime(Duration::from_millis(300_900))
            .audiences(["urn:a", "urn:b"]);
        assert_eq!(
            operations(patch),
            json!([
                {"op": "replace", "path": "/subject/nameId", "value": "rjones\""},
                {"op": "replace", "path": "/subject/nameFormat", "value": "urn:x"},
                {
                    "op": "replace",
                    "path": "/authentication/authnContext",
                    "value": {"authnContextClassRef": "urn:y"},
                },
                {"op": "replace", "path": "/authentication/sessionIndex", "value": "s1"},
                {"op": "add", "path": "/authentication/sessionLifetime", "value": 300},
                {
                    "op": "replace",
                    "path": "/conditions/audienceRestriction",
                    "value": ["urn:a", "urn:b"],
                },
            ])
        );
    }

    #[test]
    fn a_value_is_replaced_where_there_is_one() {
        let uri = "http://schemas.example/ws/2005/identity";
        let patch = Patch::new()
            .replace_value("email", 0, "r.jones@example.com")
            .replace_value("email", 1, "left out")
            .replace_value("absent", 0, "left out")
            .replace_value(uri, 1, "left out")
            .set_attribute(uri, Attribute::texts(["a", "b"]))
            .replace_value(uri, 1, "c")
            .set_attribute("empty", Attribute::texts::<&str>([]));
        let operations = operations(patch);
        assert_eq!(operations.as_array().map(Vec::len), Some(3));
        assert_eq!(
            operations[0],
            json!({
                "op": "replace",
                "path": "/claims/email/attributeValues/0/value",
                "value": "r.jones@example.com",
            })
        );
        let path = "/claims/http:~1~1schemas.example~1ws~12005~1identity";
        assert_eq!(operations[1]["path"], path);
        assert_eq!(
            operations[2],
            json!({
                "op": "replace",
                "path": format!("{path}/attributeValues/1/value"),
                "value": "c",
            })
        );
    }

    #[test]
    fn an_attribute_in_another_form_is_a_failure_only_for_who_replaces_in_it() {
        let call = saml_with([("/data/assertion/claims/email", "secret")]);
        let replaced = Decision::patch(Patch::new().replace_value("email", 0, "x"));
        let failure = replaced
            .into_wire(&Form::of(&call))
            .expect_err("no attribute");
        assert!(!failure.to_string().contains("secret"), "{failure}");
        let set = Decision::set_attribute("email", "x");
        assert!(set.into_wire(&Form::of(&call)).is_ok());
    }

    #[test]
    fn mistakes_are_failures() {
        for patch in [
            Patch::new().set_attribute("", "x"),
            Patch::new().name_id(" "),
            Patch::new().audiences::<&str>([]),
            Patch::new().session_lifetime(Duration::from_millis(999)),
        ] {
            let decision = Decision::set_attribute("a", "b").and_patch(patch.clone());
            let form = Form::of(&saml());
            assert!(decision.into_wire(&form).is_err(), "{patch:?}");
        }
    }

    #[test]
    fn a_refusal_stands_alone() {
        let decision = Decision::deny("Not for you.")
            .and_set_attribute("", "dropped")
            .reason("closed")
            .debug_context("closed");
        assert!(decision.is_denial());
        let wire = wire(decision);
        assert!(wire.commands.is_empty());
        let summary = wire.error.expect("an error").error_summary;
        assert_eq!(summary.as_deref(), Some("Not for you."));
        assert_eq!(wire.reason.as_deref(), Some("closed"));
        assert_eq!(wire.debug_context.as_deref(), Some("\"closed\""));
    }

    #[test]
    fn a_refusal_with_a_blank_text_is_a_refusal_all_the_same() {
        let error = wire(Decision::deny("")).error.expect("an error");
        assert_eq!(error.error_summary, None);
    }

    #[test]
    fn no_opinion_is_empty() {
        let decision = Decision::patch(Patch::new());
        assert_eq!(decision, Decision::no_opinion());
        let wire = wire(decision);
        assert!(wire.commands.is_empty() && wire.error.is_none());
    }
}
