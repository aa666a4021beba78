//! Every sample is a call of its hook, and of the type that it says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{sample, sample_of, sample_types};
use crate::okta::{Call, Effect, HookType, merge};

/// Every sample, with its hook and its type's name.
fn all() -> impl Iterator<Item = (HookType, &'static str, Value)> {
    HookType::ALL.into_iter().flat_map(|hook_type| {
        sample_types(hook_type).iter().map(move |sample_type| {
            let name = sample_type.name;
            let sample = sample_of(hook_type, name, "id").expect("a type of the hook");
            (hook_type, name, sample)
        })
    })
}

fn of(hook_type: HookType, name: &str) -> Value {
    sample_of(hook_type, name, "id").expect("a type of the hook")
}

/// Whether there is something at a place in a sample of a token.
fn has(name: &str, place: &str) -> bool {
    of(HookType::Token, name).pointer(place).is_some()
}

#[test]
fn every_inline_hook_has_samples_and_the_first_is_its_default() {
    for hook_type in HookType::ALL {
        let types = sample_types(hook_type);
        assert_eq!(types.is_empty(), !hook_type.is_served(), "{hook_type}");
        let names: BTreeSet<_> = types.iter().map(|sample_type| sample_type.name).collect();
        assert_eq!(names.len(), types.len(), "{hook_type}");
        if let Some(first) = types.first() {
            let default = sample(hook_type, "id");
            assert_eq!(sample_of(hook_type, first.name, "id"), Some(default));
        }
        assert_eq!(sample_of(hook_type, "no-such-type", "id"), None);
    }
}

#[test]
fn every_sample_is_a_call_with_nothing_decided() {
    for (hook_type, name, sample) in all() {
        let json = sample.to_string();
        let call = Call::parse(hook_type, json.as_bytes()).expect(name);
        let effect = merge(&call).expect(name).effect();
        assert_eq!(effect, Effect::NoOpinion, "{hook_type} {name}");
        assert_eq!(call.event_id().map(AsRef::as_ref), Some("id"));
        // `hookwarden dev` puts it between the quotes of a shell.
        assert!(!json.contains('\''), "{hook_type} {name}");
    }
}

#[test]
fn no_two_samples_of_a_hook_are_the_same() {
    let all: Vec<_> = all().collect();
    for (index, (hook_type, name, sample)) in all.iter().enumerate() {
        for (other_hook, other, other_sample) in &all[..index] {
            assert!(
                hook_type != other_hook || sample != other_sample,
                "{hook_type}: {name}, {other}"
            );
        }
    }
}

#[test]
fn a_registration_is_of_each_request_type_or_of_none() {
    for (name, request_type, submitted, action) in [
        (
            "self-service",
            Some("self.service.registration"),
            "userProfile",
            Some("ALLOW"),
        ),
        (
            "progressive",
            Some("progressive.profile"),
            "userProfileUpdate",
            Some("ALLOW"),
        ),
        ("classic", None, "userProfile", None),
    ] {
        let sample = of(HookType::Registration, name);
        let found = sample.get("requestType").and_then(Value::as_str);
        assert_eq!(found, request_type, "{name}");
        let data = &sample["data"];
        assert!(data[submitted].is_object(), "{name}");
        assert_eq!(data["action"].as_str(), action, "{name}");
        let user = data.pointer("/context/user").is_some();
        assert_eq!(user, name == "progressive");
    }
}

#[test]
fn a_token_has_what_its_grant_has() {
    for sample_type in sample_types(HookType::Token) {
        let name = sample_type.name;
        let sample = of(HookType::Token, name);
        let protocol = &sample["data"]["context"]["protocol"];
        let grant_type = protocol["request"]["grant_type"].as_str().expect(name);
        let last = grant_type.rsplit([':', '/']).next().expect("a part");
        assert_eq!(last.replace('_', "-"), name);
        assert_eq!(has(name, "/data/access"), name != "implicit", "{name}");
        let has_user = name != "client-credentials";
        for place in [
            "/data/identity",
            "/data/context/user",
            "/data/access/claims/uid",
        ] {
            let expected = has_user && (name != "implicit" || !place.contains("access"));
            assert_eq!(has(name, place), expected, "{name} {place}");
        }
        let refreshed = has(
            name,
            "/data/context/protocol/OriginalGrant/refresh_token/jti",
        );
        assert_eq!(refreshed, name == "refresh-token");
    }
    assert!(has("authorization-code", "/data/context/session"));
    assert!(!has("refresh-token", "/data/context/session"));
    assert!(!has("client-credentials", "/data/context/session"));
}

#[test]
fn an_assertion_is_issued_with_and_without_a_session() {
    for (name, has_session) in [("session", true), ("no-session", false)] {
        let sample = of(HookType::Saml, name);
        let session = sample.pointer("/data/context/session");
        assert_eq!(session.is_some(), has_session, "{name}");
    }
}

#[test]
fn an_import_creates_a_user_or_links_to_one() {
    let created = of(HookType::UserImport, "create");
    assert_eq!(created["data"]["action"]["result"], "CREATE_USER");
    assert_eq!(created.pointer("/data/user/id"), None);
    let linked = of(HookType::UserImport, "link");
    assert_eq!(linked["data"]["action"]["result"], "LINK_USER");
    let matches = &linked["data"]["context"]["matches"];
    assert_eq!(matches[0], linked["data"]["user"]["id"]);
}

#[test]
fn a_code_is_sent_for_each_request_type_and_spoken() {
    for sample_type in sample_types(HookType::Telephony) {
        let sample = of(HookType::Telephony, sample_type.name);
        let request_type = sample["requestType"].as_str().expect("a request type");
        let message = &sample["data"]["messageProfile"];
        let is_voice = sample_type.name == "voice";
        let of_it = request_type.strip_prefix("com.okta.user.telephony.");
        assert!(is_voice || of_it == Some(sample_type.name));
        assert_eq!(message.get("msgTemplate").is_none(), is_voice);
        assert_eq!(message["deliveryChannel"] == "SMS", !is_voice);
    }
}
