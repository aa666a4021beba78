//! Which operations can be carried out, and which of two policies' collide.

use serde_json::json;

use super::{Patch, steps};
use crate::okta::conflict::Conflicts;

/// A policy's operations on one document.
fn read(operations: &str) -> Result<Patch, String> {
    let original = || {
        json!({
            "claims": { "text": "a", "list": [1, 2], "object": { "a/b~c": 1, "inner": {} } },
        })
    };
    let mut patch = Patch::default();
    let read = patch.read(operations, "value", original, |_, _| Ok(()));
    read.map_err(|violation| violation.to_string())?;
    Ok(patch)
}

#[test]
fn what_can_be_carried_out_is_accepted() {
    for operations in [
        "[]",
        r#"[{"op":"add","path":"/claims/new","value":1}]"#,
        r#"[{"op":"add","path":"/claims/text","value":{"a":[]}}]"#,
        r#"[{"op":"replace","path":"/claims/text","value":"b"}]"#,
        r#"[{"op":"remove","path":"/claims/text"}]"#,
        r#"[{"op":"remove","path":"/claims/text","value":null}]"#,
        r#"[{"value":1,"path":"/claims/list/-","op":"add"}]"#,
        r#"[{"op":"add","path":"/claims/list/2","value":1}]"#,
        r#"[{"op":"replace","path":"/claims/list/1","value":1}]"#,
        r#"[{"op":"remove","path":"/claims/list/0"}]"#,
        r#"[{"op":"replace","path":"/claims/object/a~1b~0c","value":1}]"#,
        r#"[{"op":"add","path":"/claims/new","value":{}},{"op":"add","path":"/claims/new/x","value":1}]"#,
        r#"[{"op":"add","path":"/claims/https:~1~1example.com~1id","value":1}]"#,
    ] {
        assert!(read(operations).is_ok(), "{operations}");
    }
}

#[test]
fn what_okta_would_drop_is_a_violation_with_its_place() {
    for (operations, message) in [
        ("{}", "`value` must be a list"),
        ("[1]", "`value[0]` must be an object"),
        (
            r#"[{"op":"add","path":"/a","value":1,"from":"/b"}]"#,
            "`value[0]` must be an object of `op`, `path` and `value`",
        ),
        (
            r#"[{"op":"move","path":"/a","value":1}]"#,
            "`value[0].op` must be `add`, `replace` or `remove`",
        ),
        (
            r#"[{"path":"/a","value":1}]"#,
            "`value[0].op` must be `add`, `replace` or `remove`",
        ),
        (
            r#"[{"op":"add","path":7,"value":1}]"#,
            "`value[0].path` must be text",
        ),
        (
            r#"[{"op":"add","path":"claims/a","value":1}]"#,
            "`value[0].path` must be a JSON Pointer (RFC 6901), such as `/claims/name`",
        ),
        (
            r#"[{"op":"add","path":"/claims/a~b","value":1}]"#,
            "`value[0].path` must be a JSON Pointer (RFC 6901), such as `/claims/name`",
        ),
        (
            r#"[{"op":"add","path":"/claims/a"}]"#,
            "`value[0].value` must be there, and not `null`",
        ),
        (
            r#"[{"op":"replace","path":"/claims/text","value":null}]"#,
            "`value[0].value` must be there, and not `null`",
        ),
        (
            r#"[{"op":"remove","path":"/claims/text","value":"a"}]"#,
            "`value[0].value` must be absent: `remove` takes none",
        ),
        (
            r#"[{"op":"remove","path":"/claims/text"},{"op":"replace","path":"/claims/text","value":1}]"#,
            "`value[1].path` names nothing that is there",
        ),
        (
            r#"[{"op":"remove","path":"/claims/new"}]"#,
            "`value[0].path` names nothing that is there",
        ),
        (
            r#"[{"op":"add","path":"/claims/new/inner","value":1}]"#,
            "`value[0].path` names nothing that is there",
        ),
        (
            r#"[{"op":"add","path":"/claims/text/inner","value":1}]"#,
            "`value[0].path` names nothing that is there",
        ),
        (
            r#"[{"op":"add","path":"/claims/list/3","value":1}]"#,
            "`value[0].path` names no place of the list that it is in",
        ),
        (
            r#"[{"op":"add","path":"/claims/list/01","value":1}]"#,
            "`value[0].path` names no place of the list that it is in",
        ),
        (
            r#"[{"op":"remove","path":"/claims/list/-"}]"#,
            "`value[0].path` names no place of the list that it is in",
        ),
        (
            r#"[{"op":"replace","path":"/claims/list/2","value":1}]"#,
            "`value[0].path` names no place of the list that it is in",
        ),
    ] {
        assert_eq!(read(operations).expect_err(operations), message);
    }
    let many = vec![r#"{"op":"add","path":"/claims/list/0","value":1}"#; 257].join(",");
    assert_eq!(
        read(&format!("[{many}]")).expect_err("many"),
        "`value` has 257 operations, more than 256"
    );
}

#[test]
fn policies_collide_over_the_same_a_part_or_the_whole_and_over_places_in_lists() {
    let add = |path: &str| format!(r#"[{{"op":"add","path":"{path}","value":1}}]"#);
    for (one, two, collide) in [
        ("/claims/a", "/claims/b", false),
        ("/claims/a", "/claims/a", true),
        ("/claims/object/inner", "/claims/object/other", false),
        ("/claims/object", "/claims/object/inner", true),
        ("/claims/object/inner", "/claims/object", true),
        ("/claims/list/0", "/claims/list/1", true),
        ("/claims/list/0", "/claims/list/-", true),
        ("/claims/list/-", "/claims/list/-", false),
        ("/claims/list/-", "/claims/list", true),
    ] {
        let (mut all, mut conflicts) = (Patch::default(), Conflicts::default());
        all.join(read(&add(one)).expect(one), 0, &mut conflicts);
        all.join(read(&add(two)).expect(two), 1, &mut conflicts);
        assert_eq!(
            all.operations.len(),
            if collide { 1 } else { 2 },
            "{one} {two}"
        );
        assert_eq!(conflicts.is_empty(), !collide, "{one} {two}");
    }
}

#[test]
fn a_patch_that_collides_is_lost_whole() {
    let (mut all, mut conflicts) = (Patch::default(), Conflicts::default());
    let first = r#"[{"op":"add","path":"/claims/a","value":1}]"#;
    let second =
        r#"[{"op":"add","path":"/claims/b","value":2},{"op":"add","path":"/claims/a","value":2}]"#;
    all.join(read(first).expect("a patch"), 0, &mut conflicts);
    all.join(read(second).expect("a patch"), 1, &mut conflicts);
    assert_eq!(all.operations.len(), 1);
}

#[test]
fn a_pointer_is_read_as_its_standard_says() {
    let steps = |pointer| steps(pointer).map(|steps| steps.join("|"));
    assert_eq!(steps("/a/b~1c/~01").as_deref(), Some("a|b/c|~1"));
    assert_eq!(steps("/").as_deref(), Some(""));
    for pointer in ["", "a", "/~", "/~2", "/a~"] {
        assert_eq!(steps(pointer), None, "{pointer}");
    }
}
