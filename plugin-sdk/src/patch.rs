//! Patches of what Okta is about to issue, as its commands carry them: operations
//! after RFC 6902, with places as JSON Pointers (RFC 6901).

/// One operation. Its value is JSON that was written when it was set: a policy
/// that sets nothing has no serializer in its component.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) op: Op,
    pub(crate) path: String,
    pub(crate) value: Option<String>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// Adds a member, or replaces it; in a list it makes room.
    Add,
    /// Replaces what is there.
    Replace,
    /// Removes what is there.
    Remove,
}

/// The pointer to a member below `top`, which is a pointer itself. Each name is one
/// step, whatever is in it: a claim can be named by a URI.
pub(crate) fn pointer<'a>(top: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut pointer = top.to_owned();
    for name in names {
        pointer.push('/');
        for character in name.chars() {
            match character {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                other => pointer.push(other),
            }
        }
    }
    pointer
}

/// The operations as the `value` of a command: a list of `{"op", "path", "value"}`.
pub(crate) fn write(operations: &[Operation]) -> String {
    let mut list = String::from("[");
    for Operation { op, path, value } in operations {
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(match op {
            Op::Add => r#"{"op":"add","path":"#,
            Op::Replace => r#"{"op":"replace","path":"#,
            Op::Remove => r#"{"op":"remove","path":"#,
        });
        push_text(&mut list, path);
        if let Some(value) = value {
            list.push_str(r#","value":"#);
            list.push_str(value);
        }
        list.push('}');
    }
    list.push(']');
    list
}

/// Writes a text as JSON.
pub(crate) fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\0'..='\u{1f}' => {
                let hex = |digit: u32| char::from_digit(digit, 16).unwrap_or('0');
                let code = u32::from(character);
                json.push_str("\\u00");
                json.push(hex(code >> 4));
                json.push(hex(code & 15));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Op, Operation, pointer, push_text, write};

    #[test]
    fn a_name_is_one_step_whatever_is_in_it() {
        let names = ["https://id.example/claims/tenant", "a~b", ""];
        assert_eq!(
            pointer("/claims", names),
            "/claims/https:~1~1id.example~1claims~1tenant/a~0b/"
        );
        assert_eq!(pointer("/claims", ["~1"]), "/claims/~01");
        assert_eq!(pointer("/claims", []), "/claims");
    }

    #[test]
    fn operations_are_a_list_of_objects() {
        let operation = |op, value: Option<&str>| Operation {
            op,
            path: "/claims/a\"b".to_owned(),
            value: value.map(str::to_owned),
        };
        let written = write(&[
            operation(Op::Add, Some("[1]")),
            operation(Op::Replace, Some(r#""x""#)),
            operation(Op::Remove, None),
        ]);
        assert_eq!(
            serde_json::from_str::<Value>(&written).expect("JSON"),
            json!([
                {"op": "add", "path": "/claims/a\"b", "value": [1]},
                {"op": "replace", "path": "/claims/a\"b", "value": "x"},
                {"op": "remove", "path": "/claims/a\"b"},
            ])
        );
        assert_eq!(write(&[]), "[]");
    }

    #[test]
    fn a_text_is_read_again_as_it_was() {
        let text = "\"quoted\" \\ \0 \n \u{1f} / über \u{2028}";
        let mut written = String::new();
        push_text(&mut written, text);
        assert_eq!(
            serde_json::from_str::<String>(&written).expect("JSON"),
            text
        );
    }
}
