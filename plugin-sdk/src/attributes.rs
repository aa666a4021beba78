//! Attributes of a profile.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::{Borrowed, Text, range};

/// Attributes of a profile, in the order in which Okta sent them.
///
/// A value can be any JSON: text, number, boolean, list, object. Okta writes
/// absent attributes as `null` in some calls and leaves them out in others, so
/// [`get`](Self::get) treats the two alike.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    /// What the attributes stand in.
    document: Arc<str>,
    members: Vec<Attribute>,
}

/// An attribute. Its value is parsed when it is asked for: most policies ask for one
/// or two.
#[derive(Debug, Clone)]
struct Attribute {
    name: Text,
    json: Range<usize>,
    /// The value, if it is text that is written with escapes.
    unescaped: OnceCell<Option<String>>,
}

impl Attributes {
    /// What was read from this document.
    pub(crate) fn of(members: Members<'_>, document: &Arc<str>) -> Self {
        let attribute = |(name, json): (Borrowed<'_>, &RawValue)| Attribute {
            name: Text::of(name, document),
            json: range(json.get(), document),
            unescaped: OnceCell::new(),
        };
        Self {
            members: members.0.into_iter().map(attribute).collect(),
            document: Arc::clone(document),
        }
    }

    /// The value of an attribute; `None` if it is absent or `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        let (_, json) = self.find(name)?;
        let value = serde_json::from_str(json).ok();
        value.filter(|value: &Value| !value.is_null())
    }

    /// The value of an attribute that is text; `None` also for other types.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let (attribute, json) = self.find(name)?;
        let text = json.strip_prefix('"')?.strip_suffix('"')?;
        if !text.contains('\\') {
            return Some(text);
        }
        let unescape = || serde_json::from_str(json).ok();
        attribute.unescaped.get_or_init(unescape).as_deref()
    }

    /// Whether an attribute is there and not `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some_and(|(_, json)| json != "null")
    }

    /// The names of all attributes, those of `null` ones included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.members.iter();
        members.map(|attribute| attribute.name.get(&self.document))
    }

    /// The JSON of an attribute.
    pub(crate) fn json(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(_, json)| json)
    }

    /// An attribute, and its JSON.
    fn find(&self, name: &str) -> Option<(&Attribute, &str)> {
        let mut members = self.members.iter();
        let attribute = members.find(|attribute| attribute.name.get(&self.document) == name)?;
        Some((attribute, &self.document[attribute.json.clone()]))
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?;
        let document = Arc::from(json.get());
        let members = serde_json::from_str(&document).map_err(D::Error::custom)?;
        Ok(Self::of(members, &document))
    }
}

/// The members of an object of attributes, as they are read.
#[derive(Debug)]
pub(crate) struct Members<'a>(Vec<(Borrowed<'a>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of attributes")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                // Growing leaves what was there before behind.
                let mut members = Vec::with_capacity(32);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Attributes;

    #[test]
    fn values_keep_their_types_and_their_order() {
        let attributes: Attributes = serde_json::from_str(
            r#"{"z":"\u00fcber","n":12345,"b":false,"none":null,"list":["a",2],"object":{"k":1}}"#,
        )
        .expect("attributes");

        assert_eq!(attributes.text("z"), Some("über"));
        assert_eq!(attributes.get("z"), Some(json!("über")));
        assert_eq!(attributes.get("n"), Some(json!(12345)));
        assert_eq!(attributes.text("n"), None);
        assert_eq!(attributes.get("b"), Some(json!(false)));
        assert_eq!(attributes.get("list"), Some(json!(["a", 2])));
        assert_eq!(attributes.get("object"), Some(json!({"k": 1})));
        let names: Vec<_> = attributes.names().collect();
        assert_eq!(names, ["z", "n", "b", "none", "list", "object"]);
    }

    #[test]
    fn null_and_absent_are_alike() {
        let attributes: Attributes = serde_json::from_str(r#"{"none":null}"#).expect("attributes");
        assert_eq!(attributes.get("none"), attributes.get("absent"));
        assert!(!attributes.has("none") && !attributes.has("absent"));
    }
}
