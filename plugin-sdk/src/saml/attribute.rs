//! An attribute of an assertion: its values, and how they are named and typed.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::patch::push_text;

/// An attribute of an assertion: what a call has and what a decision sets.
///
/// A value is text with an XML Schema type beside it, as it is in the assertion: the
/// integer `4321` is the text `4321` with the type `xs:integer`.
///
/// ```
/// use hookwarden_sdk::saml::{Attribute, NameFormat};
///
/// Attribute::text("Sales");
/// Attribute::texts(["Sales", "Marketing"]).format(NameFormat::Basic);
/// Attribute::integer(4321);
/// Attribute::boolean(true);
/// Attribute::typed("xs:anyURI", "https://example.com/").and_text("and a text");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Attribute {
    format: Option<NameFormat>,
    values: Vec<AttributeValue>,
}

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeValue {
    text: String,
    xsi_type: Option<String>,
}

/// How the name of an attribute is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFormat {
    /// A simple name.
    Basic,
    /// Not said. That is the format of an attribute that a policy gives none.
    Unspecified,
    /// A URI.
    Uri,
    /// Any other, by its own URI.
    Other(String),
}

const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified";
const URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";

impl NameFormat {
    /// The format's own URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Basic => BASIC,
            Self::Unspecified => UNSPECIFIED,
            Self::Uri => URI,
            Self::Other(uri) => uri,
        }
    }
}

impl From<String> for NameFormat {
    fn from(uri: String) -> Self {
        match uri.as_str() {
            BASIC => Self::Basic,
            UNSPECIFIED => Self::Unspecified,
            URI => Self::Uri,
            _ => Self::Other(uri),
        }
    }
}

impl AttributeValue {
    /// The value as text, whatever its type.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The XML Schema type, such as `xs:string`.
    #[must_use]
    pub fn xsi_type(&self) -> Option<&str> {
        self.xsi_type.as_deref()
    }
}

impl Attribute {
    fn of(values: Vec<AttributeValue>) -> Self {
        let format = None;
        Self { format, values }
    }

    /// One text, an `xs:string`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::typed("xs:string", text)
    }

    /// Several texts, each a value. An attribute without any is not sent.
    pub fn texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        let texts = texts.into_iter();
        texts.fold(Self::of(Vec::new()), Self::and_text)
    }

    /// One `xs:integer`.
    pub fn integer(value: i64) -> Self {
        Self::typed("xs:integer", value.to_string())
    }

    /// One `xs:boolean`.
    pub fn boolean(value: bool) -> Self {
        Self::typed("xs:boolean", if value { "true" } else { "false" })
    }

    /// One value of any XML Schema type, such as `xs:dateTime`, in the text form that
    /// the type has.
    pub fn typed(xsi_type: impl Into<String>, text: impl Into<String>) -> Self {
        Self::of(Vec::new()).and_typed(xsi_type, text)
    }

    /// One more text.
    pub fn and_text(self, text: impl Into<String>) -> Self {
        self.and_typed("xs:string", text)
    }

    /// One more value of any XML Schema type.
    pub fn and_typed(mut self, xsi_type: impl Into<String>, text: impl Into<String>) -> Self {
        self.values.push(AttributeValue {
            text: text.into(),
            xsi_type: Some(xsi_type.into()),
        });
        self
    }

    /// How the name is to be read.
    pub fn format(mut self, format: NameFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// How the name is to be read, if that is said.
    #[must_use]
    pub fn name_format(&self) -> Option<&NameFormat> {
        self.format.as_ref()
    }

    /// The values with their types.
    #[must_use]
    pub fn values(&self) -> &[AttributeValue] {
        &self.values
    }

    /// The first value as text; the only one of most attributes.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.values.first().map(AttributeValue::text)
    }

    /// Whether a value is this text.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.values.iter().any(|value| value.text == text)
    }

    /// As Okta writes an attribute.
    pub(super) fn to_json(&self) -> String {
        let mut json = String::from(r#"{"attributes":{"NameFormat":"#);
        let format = self.format.as_ref();
        push_text(&mut json, format.map_or(UNSPECIFIED, NameFormat::as_str));
        json.push_str(r#"},"attributeValues":["#);
        for (position, value) in self.values.iter().enumerate() {
            if position > 0 {
                json.push(',');
            }
            json.push_str(r#"{"attributes":{"xsi:type":"#);
            push_text(&mut json, value.xsi_type().unwrap_or("xs:string"));
            json.push_str(r#"},"value":"#);
            push_text(&mut json, &value.text);
            json.push('}');
        }
        json.push_str("]}");
        json
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Attribute {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written<'a> {
            attributes: Option<Naming>,
            #[serde(borrow, rename = "attributeValues")]
            values: Option<Vec<WrittenValue<'a>>>,
        }
        #[derive(Deserialize)]
        struct Naming {
            #[serde(rename = "NameFormat")]
            format: Option<String>,
        }
        #[derive(Deserialize)]
        struct WrittenValue<'a> {
            attributes: Option<Typing>,
            #[serde(borrow)]
            value: Option<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Typing {
            #[serde(rename = "xsi:type")]
            xsi_type: Option<String>,
        }
        let text = |json: &RawValue| match serde_json::from_str::<String>(json.get()) {
            Ok(text) => text,
            // A number, a truth value: its JSON is its text.
            Err(_) => json.get().to_owned(),
        };
        let value = |value: WrittenValue<'_>| AttributeValue {
            text: value.value.map(text).unwrap_or_default(),
            xsi_type: value.attributes.and_then(|typing| typing.xsi_type),
        };
        let written = Written::deserialize(deserializer)?;
        let format = written.attributes.and_then(|naming| naming.format);
        let values = written.values.unwrap_or_default();
        Ok(Self {
            format: format.map(NameFormat::from),
            values: values.into_iter().map(value).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Attribute, NameFormat};

    fn written(attribute: &Attribute) -> Value {
        serde_json::from_str(&attribute.to_json()).expect("JSON")
    }

    #[test]
    fn an_attribute_is_written_as_okta_writes_it() {
        assert_eq!(
            written(&Attribute::integer(1234)),
            json!({
                "attributes": {"NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"},
                "attributeValues": [{"attributes": {"xsi:type": "xs:integer"}, "value": "1234"}],
            })
        );
        let several = Attribute::texts(["a\"b", "c"])
            .and_typed("xs:anyURI", "urn:x")
            .format(NameFormat::Basic);
        assert_eq!(
            written(&several),
            json!({
                "attributes": {"NameFormat": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"},
                "attributeValues": [
                    {"attributes": {"xsi:type": "xs:string"}, "value": "a\"b"},
                    {"attributes": {"xsi:type": "xs:string"}, "value": "c"},
                    {"attributes": {"xsi:type": "xs:anyURI"}, "value": "urn:x"},
                ],
            })
        );
        let custom = Attribute::boolean(true).format(NameFormat::Other("urn:own".to_owned()));
        assert_eq!(written(&custom)["attributes"]["NameFormat"], "urn:own");
        assert_eq!(written(&custom)["attributeValues"][0]["value"], "true");
    }

    #[test]
    fn an_attribute_is_read_as_it_was_written() {
        for attribute in [
            Attribute::text("x\n").format(NameFormat::Uri),
            Attribute::integer(-1).format(NameFormat::Other("urn:own".to_owned())),
            Attribute::texts(["a", "b"]).format(NameFormat::Unspecified),
        ] {
            let read: Attribute = serde_json::from_str(&attribute.to_json()).expect("read");
            assert_eq!(read, attribute);
        }
    }

    #[test]
    fn what_is_absent_or_null_or_no_text_can_be_read() {
        let read = |json| serde_json::from_str::<Attribute>(json).expect("an attribute");
        assert_eq!(read("{}"), Attribute::texts::<&str>([]));
        assert_eq!(
            read(r#"{"attributes":null,"attributeValues":null}"#),
            read("{}")
        );
        let values = read(r#"{"attributeValues":[{"value":7},{"value":true},{"value":null},{}]}"#);
        let texts: Vec<_> = values
            .values()
            .iter()
            .map(super::AttributeValue::text)
            .collect();
        assert_eq!(texts, ["7", "true", "", ""]);
        assert_eq!(values.values()[0].xsi_type(), None);
        assert!(values.contains("7") && !values.contains("8"));
        assert!(serde_json::from_str::<Attribute>("[]").is_err());
    }
}
