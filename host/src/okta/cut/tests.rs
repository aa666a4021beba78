//! What is cut from a call, and that nothing else is.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Place, Places};
use crate::okta::call::Members;
use crate::okta::{Attributes, Call, HookType, sample_of, sample_types};

const PLACES: Places = &[
    ("profile", Place::Attributes),
    (
        "user",
        Place::Within(&[
            ("profile", Place::Attributes),
            ("mail", Place::Attribute("email")),
        ]),
    ),
];

fn only(names: &[&str]) -> Attributes {
    names.iter().copied().collect()
}

/// What is left of an object.
fn cut<'a>(text: &'a str, see: &[&str]) -> Cow<'a, str> {
    super::cut(text, 0, PLACES, &only(see))
}

#[test]
fn a_member_goes_with_the_comma_that_belongs_to_it() {
    let all = r#"{ "profile" : { "a" : 1 , "b" : 2 , "c" : 3 , "d" : 4 } , "x" : 0 }"#;
    for (see, rest) in [
        (&["a"] as &[_], r#"{ "a" : 1 }"#),
        (&["b"], r#"{ "b" : 2 }"#),
        (&["d"], r#"{ "d" : 4 }"#),
        (&["a", "d"], r#"{ "a" : 1 , "d" : 4 }"#),
        (&["b", "c"], r#"{ "b" : 2 , "c" : 3 }"#),
        (&["b", "d"], r#"{ "b" : 2 , "d" : 4 }"#),
        (&["a", "c"], r#"{ "a" : 1 , "c" : 3 }"#),
        (&["a", "b", "c"], r#"{ "a" : 1 , "b" : 2 , "c" : 3 }"#),
        (&[], "{  }"),
        (&["profile", "x", "A"], "{  }"),
    ] {
        let rest = format!(r#"{{ "profile" : {rest} , "x" : 0 }}"#);
        assert_eq!(cut(all, see), rest, "{see:?}");
    }
    assert_eq!(
        cut("{\"profile\":{\n  \"a\":1,\n  \"b\":2\n}}", &["b"]),
        "{\"profile\":{\n  \"b\":2\n}}"
    );
    assert_eq!(
        cut("{\"profile\":{\n  \"a\":1,\n  \"b\":2\n}}", &["a"]),
        "{\"profile\":{\n  \"a\":1\n}}"
    );
    assert_eq!(
        cut(r#"{"profile":{"a":1},"user":{"profile":{"a":1}}}"#, &[]),
        r#"{"profile":{},"user":{"profile":{}}}"#
    );
}

#[test]
fn names_count_as_they_read_and_nothing_in_a_text_counts() {
    for (text, rest) in [
        (
            r#"{"profile":{"\u0065mail":"1","\u0061":"2","email\"":"3"}}"#,
            r#"{"profile":{"\u0065mail":"1"}}"#,
        ),
        (
            r#"{"us\u0065r":{"m\u0061il":1,"\u0070rofile":{"a":1}}}"#,
            r#"{"us\u0065r":{"m\u0061il":1,"\u0070rofile":{}}}"#,
        ),
        (
            r#"{"profile":{"a":"}],{\"email\":1","email":"\\","b":"\\\"}","c\\":"\u007d"},"x":"}"}"#,
            r#"{"profile":{"email":"\\"},"x":"}"}"#,
        ),
        (
            r#"{"profile":{"ü":"世界","email":"é","😀":"\ud83d\ude00"}}"#,
            r#"{"profile":{"email":"é"}}"#,
        ),
    ] {
        assert_eq!(cut(text, &["email"]), rest);
    }
}

#[test]
fn values_are_cut_and_kept_whole() {
    assert_eq!(
        cut(
            r#"{"profile":{"a":{"email":[1,{"b":"]"}]},"email":{"a":[{"a":-1.50E+01},1e3,-0]},"b":[[]]},"x":1.0}"#,
            &["email"]
        ),
        r#"{"profile":{"email":{"a":[{"a":-1.50E+01},1e3,-0]}},"x":1.0}"#
    );
}

#[test]
fn a_member_may_be_an_attribute_by_itself_under_another_name() {
    let text = r#"{"user":{"id":1,"mail":{"email":2},"email":3}}"#;
    assert_eq!(cut(text, &["email"]), text);
    assert_eq!(cut(text, &["mail"]), r#"{"user":{"id":1,"email":3}}"#);
}

#[test]
fn what_is_not_in_the_table_stays() {
    for text in [
        "{}",
        r#"{"profile":{}}"#,
        r#"{"profile" : { } , "user":{ }}"#,
        r#"{"x":{"profile":{"a":1},"a":1},"Profile":{"a":1},"a":1}"#,
        r#"{"user":{"user":{"profile":{"a":1}},"a":1},"mail":1}"#,
        r#"{"profile":{"email":1}}"#,
    ] {
        let rest = cut(text, &["email"]);
        assert!(
            matches!(rest, Cow::Borrowed(rest) if rest == text),
            "{rest}"
        );
    }
}

#[test]
fn what_stands_where_an_object_should_is_cut_unless_it_is_null() {
    for (text, rest) in [
        (
            r#"{"profile":null,"user":{"profile":null}}"#,
            r#"{"profile":null,"user":{"profile":null}}"#,
        ),
        (r#"{"user": null}"#, r#"{"user": null}"#),
        (r#"{"profile":"{\"a\":1}","x":1}"#, r#"{"x":1}"#),
        (r#"{"x":1,"profile":[{"email":1}]}"#, r#"{"x":1}"#),
        (r#"{"user":[{"profile":{"a":1}}]}"#, "{}"),
        (
            r#"{"user":{"profile":4155550143,"id":1}}"#,
            r#"{"user":{"id":1}}"#,
        ),
        (r#"{"user":true}"#, "{}"),
    ] {
        assert_eq!(cut(text, &["email"]), rest);
    }
}

#[test]
fn nothing_is_too_deep_or_too_long() {
    let deep = format!("{}1{}", "[{\"a\":".repeat(60), "}]".repeat(60));
    let many: String = (0..10_000).map(|n| format!("\"a{n}\":{n},")).collect();
    let call = |cut: &str| format!(r#"{{"profile":{{{cut}"email":{deep}}},"x":{deep}}}"#);
    let all = call(&format!("\"a\":{deep},{many}"));
    assert!(cut(&all, &["email"]) == call(""));
}

/// What of a call is an attribute, once more: paths from the top, `*` for each member.
fn paths(hook_type: HookType) -> &'static [&'static str] {
    match hook_type {
        HookType::Registration => &[
            "data.userProfile.*",
            "data.userProfileUpdate.*",
            "data.context.user.profile.*",
            "data.context.session.login",
        ],
        HookType::Token => &[
            "data.context.user.profile.*",
            "data.context.session.login",
            "data.identity.claims.*",
            "data.access.claims.*",
        ],
        HookType::Saml => &[
            "data.context.user.profile.*",
            "data.context.session.login",
            "data.assertion.claims.*",
            "data.assertion.subject.nameId",
        ],
        HookType::UserImport => &[
            "data.appUser.profile.*",
            "data.user.profile.*",
            "data.context.matches",
        ],
        HookType::PasswordImport => &["data.context.credential.*"],
        HookType::Telephony => &["data.userProfile.*", "data.messageProfile.*"],
        HookType::Event => &[],
    }
}

/// Takes from a value what is on a path and not seen; notes the names of all that is there.
fn take(value: &mut Value, path: &[&str], see: &Attributes, names: &mut Vec<String>) {
    let (Some(object), Some((step, rest))) = (value.as_object_mut(), path.split_first()) else {
        return;
    };
    if let (Some(value), [_, ..]) = (object.get_mut(*step), rest) {
        return take(value, rest, see, names);
    }
    object.retain(|name, _| {
        let is_attribute = rest.is_empty() && (step == name || *step == "*");
        if is_attribute {
            names.push(name.clone());
        }
        !is_attribute || see.contains(name)
    });
}

fn without(hook_type: HookType, call: &str, see: &Attributes) -> (Value, Vec<String>) {
    let mut call = serde_json::from_str(call).expect("JSON");
    let mut names = Vec::new();
    for path in paths(hook_type) {
        let path: Vec<_> = path.split('.').collect();
        take(&mut call, &path, see, &mut names);
    }
    names.sort();
    names.dedup();
    (call, names)
}

/// Where the samples of a hook type are.
fn folder(hook_type: HookType) -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    samples.join(hook_type.name())
}

/// Every sample of a call.
fn samples() -> Vec<(HookType, String)> {
    let mut samples = Vec::new();
    for hook_type in HookType::served() {
        let folder = folder(hook_type);
        let requests = fs::read_dir(folder.join("requests")).expect("samples");
        let requests = requests.map(|file| file.expect("a file").path());
        for path in requests.chain([folder.join("call.json")]) {
            samples.push((hook_type, fs::read_to_string(path).expect("a sample")));
        }
        for sample_type in sample_types(hook_type) {
            let sample = sample_of(hook_type, sample_type.name, "id").expect("a sample");
            samples.push((hook_type, sample.to_string()));
        }
    }
    samples
}

/// The same call, written otherwise: `between` gives what stands between two tokens, and
/// `within` what stands for a letter or digit of a text.
fn rewritten(
    call: &str,
    mut between: impl FnMut() -> &'static str,
    mut within: impl FnMut(char) -> String,
) -> String {
    let value: Value = serde_json::from_str(call).expect("JSON");
    let mut written = String::new();
    let (mut is_text, mut is_escape) = (false, false);
    for letter in value.to_string().chars() {
        match letter {
            '"' if !is_escape => {
                is_text = !is_text;
                written.push('"');
            }
            _ if is_text => {
                let is_plain = letter.is_ascii_alphanumeric() && !is_escape;
                is_escape = letter == '\\' && !is_escape;
                match is_plain {
                    true => written += &within(letter),
                    false => written.push(letter),
                }
                continue;
            }
            '{' | '}' | '[' | ']' | ':' | ',' => {
                written += between();
                written.push(letter);
                written += between();
            }
            _ => written.push(letter),
        }
    }
    written
}

/// A call in several spellings.
fn spellings(call: &str) -> Vec<String> {
    const SPACE: [&str; 8] = ["", "", " ", "\n", "\r\n  ", "\t", "    ", " \n\n"];
    let mut random = 1_u32;
    let mut next = move |below: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) as usize % below
    };
    let pretty: Value = serde_json::from_str(call).expect("JSON");
    let mut spellings = vec![
        call.to_owned(),
        rewritten(call, || "", String::from),
        serde_json::to_string_pretty(&pretty).expect("JSON"),
        rewritten(call, || "", |letter| format!("\\u{:04x}", letter as u32)),
    ];
    for _ in 0..4 {
        spellings.push(rewritten(call, || SPACE[next(SPACE.len())], String::from));
    }
    spellings
}

/// Whether one text is another without some of its bytes.
fn is_part(rest: &str, of: &str) -> bool {
    let mut bytes = of.bytes();
    rest.bytes().all(|byte| bytes.any(|other| other == byte))
}

/// Whether all that is in one JSON is, byte for byte and in the same order, in another.
fn is_kept(rest: &str, of: &str) -> bool {
    let (Some(rest), Some(all)) = (Members::of_object(rest), Members::of_object(of)) else {
        return rest == of;
    };
    let mut all = all.into_vec().into_iter();
    rest.into_vec().into_iter().all(|(name, value)| {
        let (_, other) = all.find(|(other, _)| *other == name).expect("it was there");
        is_kept(value.get(), other.get())
    })
}

#[test]
fn of_every_call_in_every_spelling_what_is_not_seen_is_cut_and_the_rest_stays() {
    for (hook_type, call) in samples() {
        let (_, names) = without(hook_type, &call, &Attributes::All);
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert!(!names.is_empty(), "{hook_type}: {call}");
        let alone = names.iter().map(|name| vec![*name]);
        let but_one = (0..names.len()).map(|index| [&names[..index], &names[index + 1..]].concat());
        let seen: Vec<_> = alone.chain(but_one).chain([vec![]]).collect();
        for text in spellings(&call) {
            let call = Call::parse(hook_type, text.as_bytes()).expect("a call");
            for see in [Attributes::All, only(&names)] {
                let rest = call.seen(&see);
                assert!(matches!(rest, Cow::Borrowed(rest) if rest == text));
            }
            for see in &seen {
                let see = only(see);
                let rest = call.seen(&see);
                let read: Value = serde_json::from_str(&rest).expect("JSON");
                assert_eq!(read, without(hook_type, &text, &see).0, "{see:?}");
                assert!(is_part(&rest, &text) && is_kept(&rest, &text), "{rest}");
                Call::parse(hook_type, rest.as_bytes()).expect("a call");
            }
        }
    }
}

/// What `call.json` of each hook type says of a person, besides the `email`.
fn personal(hook_type: HookType) -> &'static [&'static str] {
    match hook_type {
        HookType::Registration => &["Rosario", "Jones", "the-login"],
        HookType::Token => &[
            "Rosario",
            "Jones",
            "the-login",
            "en_US",
            "Los_Angeles",
            "1990-01-01",
            "B0A1",
            "sjc",
            "1234",
            "memberNumber",
            "api://default",
        ],
        HookType::Saml => &[
            "Rosario",
            "Jones",
            "the-login",
            "en_US",
            "Los_Angeles",
            "4321",
            "two",
            "claims/company",
            "attributeValues",
        ],
        HookType::UserImport => &[
            "Sally",
            "Admin",
            "the-login",
            "PRO",
            "user221",
            "tech@example.net",
            "mobilePhone",
        ],
        HookType::PasswordImport => &["the-login", "horse"],
        HookType::Telephony => &[
            "Rosario",
            "Jones",
            "the-login",
            "040117",
            "4155550143",
            "EN-US",
            "19:20:23",
        ],
        HookType::Event => &[],
    }
}

#[test]
fn a_policy_that_sees_the_email_alone_sees_nothing_else_of_the_person() {
    for hook_type in HookType::served() {
        let mut text = fs::read_to_string(folder(hook_type).join("call.json")).expect("a sample");
        // They are the email as well.
        for name in ["login", "nameId", "username", "preferred_username", "sub"] {
            for email in ["rosario.jones@example.com", "sally.admin@example.net"] {
                let member = |value: &str| format!(r#""{name}": "{value}""#);
                text = text.replace(&member(email), &member("the-login"));
            }
        }
        let call = Call::parse(hook_type, text.as_bytes()).expect("a call");
        let rest = call.seen(&only(&["email"]));
        for said in personal(hook_type) {
            assert!(text.contains(said), "{hook_type}: {said}");
            assert!(!rest.contains(said), "{hook_type}: {said} in {rest}");
        }
        let emails = |text: &str| text.matches(r#""email": ""#).count();
        let in_a_claim = hook_type == HookType::Token;
        assert_eq!(emails(&rest) + usize::from(in_a_claim), emails(&text));
    }
}
