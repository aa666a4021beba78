//! Attributes of a profile.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Attributes of a profile, in the order in which Okta sent them.
///
/// A value can be any JSON: text, number, boolean, list, object. Okta writes
/// absent attributes as `null` in some calls and leaves them out in others, so
/// [`get`](Self::get) treats the two alike.
#[derive(Debug, Clone, Default)]
pub struct Attributes(Vec<(String, Attribute)>);

/// Most attributes are text. The others are parsed when they are asked for: most
/// policies ask for one or two.
#[derive(Debug, Clone)]
enum Attribute {
    Text(String),
    Json(Box<RawValue>),
}

impl Attributes {
    /// The value of an attribute; `None` if it is absent or `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        match self.find(name)? {
            Attribute::Text(text) => Some(Value::String(text.clone())),
            Attribute::Json(json) => serde_json::from_str(json.get())
                .ok()
                .filter(|value: &Value| !value.is_null()),
        }
    }

    /// The value of an attribute that is text; `None` also for other types.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            Attribute::Text(text) => Some(text),
            Attribute::Json(_) => None,
        }
    }

    /// Whether an attribute is there and not `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self.find(name) {
            Some(Attribute::Text(_)) => true,
            Some(Attribute::Json(json)) => json.get() != "null",
            None => false,
        }
    }

    /// The names of all attributes, those of `null` ones included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        let mut attributes = self.0.iter();
        let (_, attribute) = attributes.find(|(attribute, _)| attribute == name)?;
        Some(attribute)
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of attributes")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Attributes, M::Error> {
                let mut attributes = Vec::new();
                while let Some((name, json)) = map.next_entry::<String, Box<RawValue>>()? {
                    let attribute = if json.get().starts_with('"') {
                        let text = serde_json::from_str(json.get());
                        Attribute::Text(text.map_err(|_| M::Error::custom("text is malformed"))?)
                    } else {
                        Attribute::Json(json)
                    };
                    attributes.push((name, attribute));
                }
                Ok(Attributes(attributes))
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
