//! What a decision may do is what its policy was granted, for each hook type.

use super::{Attributes, Authority};
use crate::okta::testing::{commands, debug, error, violation_under};
use crate::okta::{Call, Decision, Effect, HookType, Rule, Violation, merge, sample};

fn call(hook_type: HookType) -> Call {
    let json = sample(hook_type, "id").to_string();
    Call::parse(hook_type, json.as_bytes()).expect("a call")
}

fn sets(names: &[&str]) -> Authority {
    Authority {
        set: names.iter().copied().collect(),
        ..Authority::default()
    }
}

fn may_not_deny() -> Authority {
    Authority {
        deny: false,
        ..Authority::default()
    }
}

fn add(
    authority: &Authority,
    hook_type: HookType,
    decision: Decision,
) -> Result<Effect, Violation> {
    let call = call(hook_type);
    let mut merge = merge(&call).expect("a call");
    merge.add("first", decision, authority)
}

/// What sets one attribute: its command, its name and its place.
const SETTERS: &[(HookType, &str, &str, &str, &str)] = &[
    (
        HookType::Registration,
        "com.okta.user.profile.update",
        r#"{"\u006cogin":"x"}"#,
        "login",
        "commands[0].value",
    ),
    (
        HookType::UserImport,
        "com.okta.user.profile.update",
        r#"{"title":"x"}"#,
        "title",
        "commands[0].value",
    ),
    (
        HookType::UserImport,
        "com.okta.appUser.profile.update",
        r#"{"title":null}"#,
        "title",
        "commands[0].value",
    ),
    (
        HookType::Token,
        "com.okta.identity.patch",
        r#"[{"op":"add","path":"/claims/http:~1~1example.org","value":1}]"#,
        "http://example.org",
        "commands[0].value[0].path",
    ),
    (
        HookType::Token,
        "com.okta.identity.patch",
        r#"[{"op":"remove","path":"/claims/name"}]"#,
        "name",
        "commands[0].value[0].path",
    ),
    (
        HookType::Token,
        "com.okta.access.patch",
        r#"[{"op":"replace","path":"/claims/aud","value":"x"}]"#,
        "aud",
        "commands[0].value[0].path",
    ),
    (
        HookType::Token,
        "com.okta.access.patch",
        r#"[{"op":"replace","path":"/token/lifetime/expiration","value":600}]"#,
        "token.lifetime",
        "commands[0].value[0].path",
    ),
    (
        HookType::Saml,
        "com.okta.assertion.patch",
        r#"[{"op":"replace","path":"/claims/name/attributeValues/0/value","value":"x"}]"#,
        "name",
        "commands[0].value[0].path",
    ),
    (
        HookType::Saml,
        "com.okta.assertion.patch",
        r#"[{"op":"add","path":"/claims/role","value":{"attributeValues":[]}}]"#,
        "role",
        "commands[0].value[0].path",
    ),
    (
        HookType::Saml,
        "com.okta.assertion.patch",
        r#"[{"op":"replace","path":"/subject/nameId","value":"x"}]"#,
        "subject",
        "commands[0].value[0].path",
    ),
    (
        HookType::Saml,
        "com.okta.assertion.patch",
        r#"[{"op":"add","path":"/authentication/sessionLifetime","value":60}]"#,
        "authentication",
        "commands[0].value[0].path",
    ),
    (
        HookType::Saml,
        "com.okta.assertion.patch",
        r#"[{"op":"add","path":"/conditions/audienceRestriction/-","value":"x"}]"#,
        "conditions",
        "commands[0].value[0].path",
    ),
];

#[test]
fn a_star_is_every_name_and_no_name_is_none() {
    let all: Attributes = ["email", "*"].into_iter().collect();
    assert_eq!(all, Attributes::All);
    assert!(all.contains("anything"));
    let none: Attributes = [""; 0].into_iter().collect();
    assert!(!none.contains("email"));
    let email: Attributes = vec!["email".to_owned()].into_iter().collect();
    assert!(email.contains("email") && !email.contains("Email"));
}

#[test]
fn an_attribute_is_set_if_it_is_granted() {
    for (hook_type, literal, value, name, at) in SETTERS {
        let decision = || commands(&[(*literal, *value)]);
        for authority in [Authority::default(), sets(&["other", name])] {
            let effect = add(&authority, *hook_type, decision());
            assert_eq!(effect, Ok(Effect::Acted), "{value}");
        }
        for authority in [sets(&[]), sets(&["other", "claims", "token", "data"])] {
            let violation = violation_under(&authority, &call(*hook_type), decision());
            assert_eq!(violation.rule, Rule::NotGranted);
            assert_eq!(violation.at, *at);
            assert_eq!(violation.said.as_deref(), Some(*name));
            assert_eq!(
                violation.to_string(),
                format!(
                    "`{at}` sets an attribute that the operator did not grant; add it to `attributes.set` of the policy, or leave it out"
                )
            );
        }
    }
}

#[test]
fn one_attribute_too_many_drops_the_decision_with_its_place() {
    const UPDATE: &str = "com.okta.user.profile.update";
    let decision = commands(&[(UPDATE, r#"{"a":1}"#), (UPDATE, r#"{"b":2,"c":3,"d":4}"#)]);
    let authority = sets(&["a", "b", "d"]);
    let violation = violation_under(&authority, &call(HookType::Registration), decision);
    assert_eq!(violation.at, "commands[1].value");
    assert_eq!(violation.said.as_deref(), Some("c"));

    let patch = concat!(
        r#"[{"op":"add","path":"/claims/a","value":1},"#,
        r#"{"op":"replace","path":"/token/lifetime/expiration","value":600}]"#
    );
    let decision = commands(&[("com.okta.access.patch", patch)]);
    let violation = violation_under(&sets(&["a"]), &call(HookType::Token), decision);
    assert_eq!(violation.at, "commands[0].value[1].path");
}

#[test]
fn a_completed_profile_is_updated_with_what_is_granted() {
    let mut json = sample(HookType::Registration, "id");
    json["requestType"] = "progressive.profile".into();
    json["data"]["userProfileUpdate"] = json["data"]["userProfile"].take();
    let call = Call::parse(HookType::Registration, json.to_string().as_bytes()).expect("a call");
    let update = |value| commands(&[("com.okta.user.progressive.profile.update", value)]);
    let mut merge = merge(&call).expect("a call");
    let authority = sets(&["title"]);
    let added = merge.add("first", update(r#"{"title":"x"}"#), &authority);
    assert_eq!(added, Ok(Effect::Acted));
    violation_under(&authority, &call, update(r#"{"login":"x"}"#));
}

#[test]
fn what_sets_no_attribute_needs_none() {
    const LINK: &[(&str, &str)] = &[
        ("com.okta.action.update", r#"{"result":"LINK_USER"}"#),
        ("com.okta.user.update", r#"{"id":"00udev"}"#),
    ];
    const VERIFIED: (&str, &str) = ("com.okta.action.update", r#"{"credential":"VERIFIED"}"#);
    const SENT: (&str, &str) = ("com.okta.telephony.action", r#"[{"status":"SUCCESSFUL"}]"#);
    const EMPTY: (&str, &str) = ("com.okta.user.profile.update", "{}");
    let authority = Authority {
        deny: false,
        ..sets(&[])
    };
    for (hook_type, decision, effect) in [
        (HookType::UserImport, LINK, Effect::Acted),
        (HookType::PasswordImport, &[VERIFIED], Effect::Acted),
        (HookType::Telephony, &[SENT], Effect::Acted),
        (HookType::Registration, &[EMPTY], Effect::NoOpinion),
    ] {
        assert_eq!(add(&authority, hook_type, commands(decision)), Ok(effect));
    }
}

#[test]
fn a_policy_denies_if_it_may() {
    const DENY: (&str, &str) = ("com.okta.action.update", r#"{"registration":"DENY"}"#);
    const ALLOW: (&str, &str) = ("com.okta.action.update", r#"{"registration":"ALLOW"}"#);
    const UNVERIFIED: (&str, &str) = ("com.okta.action.update", r#"{"credential":"UNVERIFIED"}"#);
    for (hook_type, decision, at) in [
        (
            HookType::Registration,
            commands(&[ALLOW, DENY]),
            "commands[1]",
        ),
        (HookType::Registration, error("No."), "error"),
        (HookType::Token, error("No."), "error"),
        (HookType::Saml, error("No."), "error"),
        (
            HookType::PasswordImport,
            commands(&[UNVERIFIED]),
            "commands[0]",
        ),
    ] {
        let authority = Authority::default();
        let denied = add(&authority, hook_type, decision.clone());
        assert_eq!(denied, Ok(Effect::Denied), "{hook_type}");
        let violation = violation_under(&may_not_deny(), &call(hook_type), decision);
        assert_eq!(
            (&violation.rule, violation.at.as_str()),
            (&Rule::MayNotDeny, at)
        );
        assert_eq!(
            violation.to_string(),
            format!(
                "`{at}` denies, which the operator did not grant; set `deny` of the policy to `true`, or leave it out"
            )
        );
    }
}

#[test]
fn what_denies_nothing_needs_no_grant() {
    const ALLOW: (&str, &str) = ("com.okta.action.update", r#"{"registration":"ALLOW"}"#);
    for (hook_type, decision, effect) in [
        (
            HookType::Registration,
            commands(&[ALLOW]),
            Effect::NoOpinion,
        ),
        (HookType::UserImport, error("No."), Effect::Acted),
        (HookType::Telephony, error("No."), Effect::Acted),
    ] {
        assert_eq!(add(&may_not_deny(), hook_type, decision), Ok(effect));
    }
}

#[test]
fn a_debug_context_goes_out_if_it_is_granted_and_is_checked_all_the_same() {
    let call = call(HookType::Registration);
    let authority = Authority {
        debug_context: false,
        ..Authority::default()
    };
    let mut merge = merge(&call).expect("a call");
    let silence = merge.answer();
    let said = merge.add("first", debug(r#"{"score":1}"#), &authority);
    assert_eq!(said, Ok(Effect::NoOpinion));
    assert_eq!(merge.answer(), silence);
    let said = merge.add("second", debug("2"), &Authority::default());
    assert_eq!(said, Ok(Effect::NoOpinion));
    assert_eq!(
        &merge.answer().body[..],
        br#"{"debugContext":{"second":2}}"#
    );
    let violation = violation_under(&authority, &call, debug("{"));
    assert_eq!(violation.rule, Rule::NotJson);
}
