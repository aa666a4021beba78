//! Settings: TOML beside the component, JSON to the policy.

use crate::telemetry::foreign;

/// Why a settings file cannot be used. Says where, and never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not TOML.
    #[error("not TOML, at line {line}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What TOML expects there.
        reason: String,
    },
    /// A number that JSON does not have.
    #[error("`{}` is no number that JSON has", foreign(.key))]
    NotFinite {
        /// The key.
        key: String,
    },
}

/// The JSON object of a settings file; `{}` for an empty one.
pub(super) fn to_json(text: &str) -> Result<String, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error
            .span()
            .map_or("", |span| text.get(..span.start).unwrap_or(""));
        SettingsError::Syntax {
            line: before.matches('\n').count() + 1,
            reason: error.message().to_owned(),
        }
    })?;
    Ok(json_of_toml(toml::Value::Table(table))?.to_string())
}

/// The JSON of a value in TOML.
///
/// # Errors
///
/// A number in it is one that JSON does not have.
pub fn json_of_toml(value: toml::Value) -> Result<serde_json::Value, SettingsError> {
    json(value).map_err(|mut path| {
        path.reverse();
        SettingsError::NotFinite { key: path.concat() }
    })
}

/// The path of a number that JSON does not have is put together on the way back,
/// the last part first: to carry it along would cost its length for each value.
fn json(value: toml::Value) -> Result<serde_json::Value, Vec<String>> {
    use serde_json::Value;

    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => {
            Value::Number(serde_json::Number::from_f64(number).ok_or_else(Vec::new)?)
        }
        toml::Value::Boolean(yes) => yes.into(),
        // JSON has no dates: RFC 3339 text, as TOML writes them.
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => values
            .into_iter()
            .enumerate()
            .map(|(index, value)| json(value).map_err(|path| longer(path, format!("[{index}]"))))
            .collect::<Result<_, _>>()?,
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| match json(value) {
                Ok(value) => Ok((name, value)),
                Err(path) => Err(longer(path, name)),
            })
            .collect::<Result<_, _>>()?,
    })
}

fn longer(mut path: Vec<String>, part: String) -> Vec<String> {
    let is_key = path.last().is_some_and(|after| !after.starts_with('['));
    if is_key {
        path.push(".".to_owned());
    }
    path.push(part);
    path
}

#[cfg(test)]
mod tests {
    use super::{SettingsError, to_json};

    #[test]
    fn toml_becomes_json() {
        assert_eq!(to_json("").as_deref(), Ok("{}"));
        let text =
            "domain = \"x\"\nn = 3\nf = 0.5\nyes = true\nd = 2026-11-21\n[t]\na = [1, \"b\"]\n";
        assert_eq!(
            to_json(text).as_deref(),
            Ok(r#"{"d":"2026-11-21","domain":"x","f":0.5,"n":3,"t":{"a":[1,"b"]},"yes":true}"#)
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let error = to_json("a = 1\nsecret hunter2\n").expect_err("no TOML");
        assert!(
            matches!(error, SettingsError::Syntax { line: 2, .. }),
            "{error}"
        );
        assert!(!error.to_string().contains("hunter2"));
        let error = to_json("[t]\na = [1.0, nan]\n").expect_err("no JSON");
        assert_eq!(error.to_string(), "`t.a[1]` is no number that JSON has");
    }
}
