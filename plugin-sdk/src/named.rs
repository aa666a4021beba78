//! Settings that name something of the operator's: `{ secret = "crm-token" }`.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::Value;

/// Reads the object whose only member is `member`, with a name in it. An error does not
/// quote what stands there: somebody may have written the secret itself.
pub(crate) fn name<'de, D: Deserializer<'de>>(
    deserializer: D,
    member: &str,
) -> Result<String, D::Error> {
    let named = match Value::deserialize(deserializer)? {
        Value::Object(mut members) if members.len() == 1 => members.remove(member),
        _ => None,
    };
    match named {
        Some(Value::String(name)) if !name.trim().is_empty() => Ok(name),
        _ => Err(D::Error::custom(format_args!(
            "must name a {member}, as `{{ {member} = \"name\" }}`"
        ))),
    }
}
