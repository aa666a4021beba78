//! How answers look, for each hook: what a person reads, and what nobody does.

use super::{Place, Shown, shown};
use crate::okta::testing::{commands, error};
use crate::okta::{
    Answer, Authority, Call, Decision, Error, ErrorCause, HookType, merge, sample, sample_of,
    sample_types,
};

pub(super) fn call(hook_type: HookType, name: &str) -> Call {
    let json = sample_of(hook_type, name, "id")
        .expect("a sample")
        .to_string();
    Call::parse(hook_type, json.as_bytes()).expect("a call")
}

fn default(hook_type: HookType) -> Call {
    let json = sample(hook_type, "id").to_string();
    Call::parse(hook_type, json.as_bytes()).expect("a call")
}

/// An answer as a service sends it.
pub(super) fn sent(call: &Call, status: u16, body: &str) -> Shown {
    let body = body.to_owned().into();
    shown(call, &Answer { status, body })
}

/// The host's answer to a decision.
pub(super) fn decided(call: &Call, decision: Decision) -> Shown {
    let mut merge = merge(call).expect("a call");
    merge
        .add("policy", decision, &Authority::default())
        .expect("a legal decision");
    shown(call, &merge.answer())
}

/// An error with a cause at each place.
pub(super) fn causes(causes: &[(&str, Option<&str>)]) -> Decision {
    let cause = |(text, location): &(&str, Option<&str>)| ErrorCause {
        summary: (*text).to_owned(),
        location: location.map(str::to_owned),
        ..ErrorCause::default()
    };
    Decision {
        error: Some(Error {
            summary: None,
            causes: causes.iter().map(cause).collect(),
        }),
        ..Decision::default()
    }
}

/// What is read above the fields, and the messages at them.
pub(super) fn read(shown: &Shown) -> (Option<&str>, Vec<(&str, &str)>) {
    let fields = shown.fields.iter();
    let errors = fields.flat_map(|field| {
        let errors = field.errors.iter();
        errors.map(|error| (field.name.as_str(), error.as_str()))
    });
    (shown.text.as_deref(), errors.collect())
}

/// Whether a note has this in it.
pub(super) fn notes(shown: &Shown, part: &str) -> bool {
    shown.notes.iter().any(|note| note.contains(part))
}

pub(super) const DOMAIN: &str = "Only example.com addresses can register.";

#[test]
fn a_hook_that_fails_is_what_okta_makes_of_it() {
    for (hook_type, name, place, text, outcome) in [
        (
            HookType::Registration,
            "self-service",
            Place::SignUp,
            Some("There was an error creating your account. Please try registering again."),
            "no account is created",
        ),
        (
            HookType::Registration,
            "progressive",
            Place::Profile,
            Some("There was an error updating your profile. Please try again later."),
            "the profile stays as it was",
        ),
        (
            HookType::Token,
            "refresh-token",
            Place::Nowhere,
            None,
            "the tokens are issued unchanged",
        ),
        (
            HookType::Saml,
            "session",
            Place::Nowhere,
            None,
            "the assertion is issued unchanged",
        ),
        (
            HookType::UserImport,
            "create",
            Place::Nowhere,
            None,
            "the user is created",
        ),
        (
            HookType::PasswordImport,
            "sign-in",
            Place::SignIn,
            None,
            "the sign-in is refused",
        ),
        (
            HookType::Telephony,
            "voice",
            Place::Phone,
            None,
            "Okta's own provider delivers the code",
        ),
    ] {
        let call = call(hook_type, name);
        for (status, body) in [(500, ""), (400, "{}"), (200, "{"), (200, r#"{"error":[]}"#)] {
            let shown = sent(&call, status, body);
            assert_eq!((shown.place, shown.text.as_deref()), (place, text));
            assert!(
                shown.outcome.starts_with("the hook has failed: "),
                "{hook_type}"
            );
            assert!(shown.outcome.contains(outcome), "{}", shown.outcome);
        }
    }
}

#[test]
fn nothing_decided_is_what_okta_does_by_itself() {
    for (hook_type, outcome) in [
        (HookType::Registration, "the account is created"),
        (HookType::Token, "the tokens are issued unchanged"),
        (HookType::Saml, "the assertion is issued unchanged"),
        (HookType::UserImport, "the user is created"),
        (
            HookType::PasswordImport,
            "the sign-in is refused, and Okta does not keep the password",
        ),
        (HookType::Telephony, "Okta's own provider delivers the code"),
    ] {
        let shown = decided(&default(hook_type), Decision::default());
        assert_eq!((shown.outcome.as_str(), shown.text), (outcome, None));
        assert!(shown.changes.is_empty());
    }
}

#[test]
fn an_application_reads_the_error_of_a_token() {
    let call = default(HookType::Token);
    let shown = decided(&call, error("Not for you."));
    assert_eq!(shown.place, Place::Application);
    assert_eq!(shown.text.as_deref(), Some("Not for you."));
    assert!(shown.outcome.contains("`server_error`"));
    let shown = sent(&call, 200, r#"{"error":{}}"#);
    let text = "The callback service returned an error";
    assert_eq!(shown.text.as_deref(), Some(text));
}

#[test]
fn what_is_patched_is_said_for_each_token() {
    let shown = decided(
        &default(HookType::Token),
        commands(&[
            (
                "com.okta.access.patch",
                r#"[{"op":"add","path":"/claims/tier","value":"gold"},{"op":"replace","path":"/token/lifetime/expiration","value":600}]"#,
            ),
            (
                "com.okta.identity.patch",
                r#"[{"op":"remove","path":"/claims/name"}]"#,
            ),
        ]),
    );
    assert_eq!(
        shown.to_string(),
        "\
Nothing is shown
the tokens are issued with the changes below
  ID token: remove /claims/name
  access token: add /claims/tier \"gold\"
  access token: replace /token/lifetime/expiration 600
"
    );
}

#[test]
fn a_person_reads_the_error_of_an_assertion_on_oktas_page() {
    let call = default(HookType::Saml);
    let shown = decided(&call, error("Not for you."));
    assert_eq!(
        shown.to_string(),
        "Error page\n  ! Not for you.\nno assertion is issued\n"
    );
    let patch = r#"[{"op":"add","path":"/authentication/sessionLifetime","value":60}]"#;
    let shown = decided(&call, commands(&[("com.okta.assertion.patch", patch)]));
    assert!(shown.outcome.ends_with("with the changes below"));
    assert_eq!(shown.changes[0].name, "/authentication/sessionLifetime");
}

#[test]
fn an_import_says_what_becomes_of_the_user_and_of_both_profiles() {
    let link = commands(&[
        ("com.okta.action.update", r#"{"result":"LINK_USER"}"#),
        ("com.okta.user.update", r#"{"id":"00uother"}"#),
        ("com.okta.appUser.profile.update", r#"{"externalId":"5"}"#),
        ("com.okta.user.profile.update", r#"{"firstName":"Ros"}"#),
    ]);
    let shown = decided(&default(HookType::UserImport), link);
    assert_eq!(
        shown.to_string(),
        "\
Nothing is shown
the user is linked to the user `00uother`
  app profile: set externalId \"5\", was \"1234\"
  user profile: set firstName \"Ros\", was \"Rosario\"
"
    );
    let matched = call(HookType::UserImport, "link");
    let shown = decided(&matched, Decision::default());
    assert_eq!(shown.outcome, "the user is linked to the user `00udev`");
    let create = commands(&[("com.okta.action.update", r#"{"result":"CREATE_USER"}"#)]);
    assert_eq!(decided(&matched, create).outcome, "the user is created");
    let shown = decided(&matched, error("Two of them."));
    assert_eq!(shown.place, Place::SystemLog);
    assert_eq!(shown.text.as_deref(), Some("Two of them."));
    assert!(notes(&shown, "Okta does not document"));
}

#[test]
fn a_password_is_right_or_the_sign_in_is_refused() {
    let call = default(HookType::PasswordImport);
    for (word, outcome, has_note) in [
        (
            "VERIFIED",
            "the person is signed in, and Okta keeps the password",
            false,
        ),
        (
            "UNVERIFIED",
            "the sign-in is refused, and Okta does not keep the password",
            true,
        ),
    ] {
        let value = format!(r#"{{"credential":"{word}"}}"#);
        let shown = decided(&call, commands(&[("com.okta.action.update", &value)]));
        assert_eq!(shown.outcome, outcome);
        assert_eq!(
            notes(&shown, "Okta does not document what the person reads"),
            has_note
        );
    }
}

#[test]
fn a_code_is_delivered_by_whoever_says_so_and_otherwise_by_okta() {
    let call = default(HookType::Telephony);
    for (value, outcome) in [
        (
            r#"[{"status":"SUCCESSFUL","provider":"acme"}]"#,
            "the code was delivered by `acme`",
        ),
        (r#"[{"status":"PENDING"}]"#, "the code is being delivered"),
        (r#"[{"status":"FAILED"}]"#, "the code was not delivered"),
    ] {
        let shown = decided(&call, commands(&[("com.okta.telephony.action", value)]));
        assert_eq!(shown.outcome, outcome);
    }
    let by_okta = "Okta's own provider delivers the code";
    assert_eq!(decided(&call, error("Later.")).outcome, by_okta);
    let body = r#"{"commands":[{"type":"com.okta.telephony.action","value":[{"status":"SENT"}]}]}"#;
    let shown = sent(&call, 200, body);
    assert_eq!(shown.outcome, by_okta);
    assert!(notes(&shown, "`hookwarden lint` says why"));
    // It takes 200 alone, and the two of them may both deliver.
    let shown = sent(&call, 201, "{}");
    assert!(shown.outcome.contains(by_okta) && notes(&shown, "twice"));
}

#[test]
fn neither_a_password_nor_a_code_is_shown() {
    for hook_type in [HookType::PasswordImport, HookType::Telephony] {
        for sample_type in sample_types(hook_type) {
            let call = call(hook_type, sample_type.name);
            for (status, body) in [(200, "{}"), (204, ""), (500, ""), (200, r#"{"error":{}}"#)] {
                let shown = sent(&call, status, body);
                let json = serde_json::to_string(&shown).expect("JSON");
                for secret in ["correct horse", "040117"] {
                    assert!(!shown.to_string().contains(secret) && !json.contains(secret));
                }
            }
        }
    }
}

#[test]
fn texts_cannot_drive_a_terminal() {
    let evil = "\u{1b}[2J\nSign up";
    let body = serde_json::json!({
        "error": { "errorCauses": [{ "errorSummary": evil, "location": "data.userProfile.email" }] },
    });
    let call = call(HookType::Registration, "self-service");
    let shown = sent(&call, 200, &body.to_string());
    assert_eq!(read(&shown).1, [("email", evil)]);
    let text = shown.to_string();
    assert!(!text.contains('\u{1b}'));
    assert!(!text.contains("\nSign up"));
}

#[test]
fn as_json_it_has_what_is_drawn() {
    let decision = causes(&[(DOMAIN, Some("data.userProfile.email"))]);
    let shown = decided(&call(HookType::Registration, "self-service"), decision);
    let json = serde_json::to_value(&shown).expect("JSON");
    assert_eq!(json["place"], "sign-up");
    assert_eq!(json["text"], serde_json::Value::Null);
    assert_eq!(json["fields"][0]["name"], "email");
    assert_eq!(json["fields"][0]["errors"][0], DOMAIN);
    assert_eq!(json["outcome"], "no account is created");
}
