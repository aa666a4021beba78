//! Attributes to set.

use serde_json::Value;

use crate::failure::Failure;

/// Attributes to set, as the members of a command's object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Updates(Vec<Update>);

/// One attribute to set. It is written when it is set: a policy that sets nothing
/// has no serializer in its component.
#[derive(Debug, Clone, PartialEq)]
struct Update {
    attribute: String,
    member: String,
}

impl Updates {
    /// Sets one more attribute. The last value of one attribute counts.
    pub(crate) fn set(&mut self, attribute: String, value: &Value) {
        let member = format!("{}:{value}", Value::from(attribute.as_str()));
        let mut updates = self.0.iter_mut();
        match updates.find(|update| update.attribute == attribute) {
            Some(update) => update.member = member,
            None => self.0.push(Update { attribute, member }),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The updates as one object.
    pub(crate) fn object(&self) -> Result<String, Failure> {
        let mut object = String::from("{");
        for Update { attribute, member } in &self.0 {
            if attribute == "password" {
                return Err(Failure::other("sets `password`, which Okta never accepts"));
            }
            if object.len() > 1 {
                object.push(',');
            }
            object.push_str(member);
        }
        object.push('}');
        Ok(object)
    }
}
