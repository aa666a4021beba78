//! How answers to registrations look: which text is where in each form.

use crate::okta::shown::Place;
use crate::okta::shown::tests::{DOMAIN, call, causes, decided, notes, read, sent};
use crate::okta::testing::commands;
use crate::okta::{Decision, HookType};

fn denial() -> Decision {
    commands(&[("com.okta.action.update", r#"{"registration":"DENY"}"#)])
}

#[test]
fn a_cause_is_shown_at_the_field_that_it_names() {
    let decision = causes(&[(DOMAIN, Some("data.userProfile.email"))]);
    let shown = decided(&call(HookType::Registration, "self-service"), decision);
    assert_eq!(read(&shown), (None, vec![("email", DOMAIN)]));
    assert!(shown.notes.is_empty(), "{:?}", shown.notes);
    assert_eq!(
        shown.to_string(),
        "\
Sign up
  Email       rosario.jones@example.org
    ! Only example.com addresses can register.
  First name  Rosario
  Last name   Jones
  Login       rosario.jones@example.org
no account is created
"
    );
}

#[test]
fn a_cause_that_names_no_submitted_field_gives_way_to_oktas_text() {
    for (name, text) in [
        (
            "self-service",
            "Registration cannot be completed at this time.",
        ),
        (
            "progressive",
            "We found some errors. Please review the form and make corrections.",
        ),
    ] {
        for location in [None, Some("data.userProfile.title")] {
            let decision = causes(&[(DOMAIN, location)]);
            let shown = decided(&call(HookType::Registration, name), decision);
            assert_eq!(read(&shown), (Some(text), vec![]), "{name}");
            assert!(notes(&shown, "`errorCauses[0]` is not shown"));
            assert!(notes(&shown, "`errorSummary` is not shown reliably"));
        }
    }
}

#[test]
fn a_cause_of_a_completed_profile_is_not_at_the_update() {
    let call = call(HookType::Registration, "progressive");
    let at = |location| causes(&[("No.", Some(location))]);
    let shown = decided(&call, at("data.userProfile.employeeNumber"));
    assert_eq!(read(&shown), (None, vec![("employeeNumber", "No.")]));
    assert_eq!(shown.place, Place::Profile);
    let body = r#"{"error":{"errorCauses":[{"errorSummary":"No.","location":"data.userProfileUpdate.employeeNumber"}]}}"#;
    let shown = sent(&call, 200, body);
    assert_eq!(read(&shown).1, []);
    assert!(notes(&shown, "those are `data.userProfile.employeeNumber`"));
    assert!(notes(&shown, "`hookwarden lint` says why"));
}

#[test]
fn every_cause_has_its_place_and_a_summary_of_its_own_may_have_none() {
    let call = call(HookType::Registration, "self-service");
    let mut decision = causes(&[
        ("One.", Some("data.userProfile.email")),
        ("Two.", Some("data.userProfile.email")),
        ("Three.", None),
    ]);
    let error = decision.error.as_mut().expect("an error");
    error.summary = Some("All of it.".to_owned());
    let shown = decided(&call, decision);
    assert_eq!(
        read(&shown),
        (None, vec![("email", "One."), ("email", "Two.")])
    );
    assert!(notes(
        &shown,
        "`errorCauses[2]` is not shown: it has no `location`"
    ));
    assert!(notes(&shown, "`errorSummary` is not shown reliably"));
}

#[test]
fn a_denial_without_an_error_has_oktas_text() {
    for (name, text) in [
        ("self-service", "Registration denied."),
        ("progressive", "Profile update denied."),
        ("classic", "Registration cannot be completed at this time"),
    ] {
        let shown = decided(&call(HookType::Registration, name), denial());
        assert_eq!(read(&shown), (Some(text), vec![]), "{name}");
    }
}

#[test]
fn an_empty_error_denies_and_a_null_one_does_not() {
    let call = call(HookType::Registration, "self-service");
    let update = r#""commands":[{"type":"com.okta.user.profile.update","value":{"title":"x"}}]"#;
    let denied = sent(&call, 200, &format!(r#"{{{update},"error":{{}}}}"#));
    assert_eq!(denied.outcome, "no account is created");
    assert!(denied.changes.is_empty());
    let allowed = sent(&call, 200, &format!(r#"{{{update},"error":null}}"#));
    assert_eq!(allowed.outcome, "the account is created");
    assert_eq!(allowed.changes.len(), 1);
}

#[test]
fn classic_engine_reads_the_first_cause_alone_and_shows_it_above_the_form() {
    let call = call(HookType::Registration, "classic");
    let shown = decided(
        &call,
        causes(&[
            (DOMAIN, Some("data.userProfile.email")),
            ("Two.", Some("data.userProfile.login")),
        ]),
    );
    assert_eq!(read(&shown), (Some(DOMAIN), vec![]));
    assert!(notes(&shown, "the first of `errorCauses` alone"));
    let shown = decided(&call, causes(&[(DOMAIN, None)]));
    let generic = "Registration cannot be completed at this time";
    assert_eq!(read(&shown), (Some(generic), vec![]));
    assert!(notes(&shown, "`errorCauses[0]` is not shown"));
    assert!(notes(&shown, "`errorSummary` is not shown"));
}

#[test]
fn what_policies_change_is_said_beside_what_was_submitted() {
    let update = r#"{"firstName":"Ros","lastName":"Jones","title":"Engineer","age":1}"#;
    for (name, literal, outcome) in [
        (
            "self-service",
            "com.okta.user.profile.update",
            "the account is created",
        ),
        (
            "classic",
            "com.okta.user.profile.update",
            "the account is created",
        ),
        (
            "progressive",
            "com.okta.user.progressive.profile.update",
            "the profile is updated",
        ),
    ] {
        let call = call(HookType::Registration, name);
        let shown = decided(&call, commands(&[(literal, update)]));
        assert_eq!((shown.outcome.as_str(), read(&shown).0), (outcome, None));
        let text = shown.to_string();
        assert!(
            text.contains("\n  profile: set title \"Engineer\"\n"),
            "{text}"
        );
        assert!(text.contains("\n  profile: set age 1\n"), "{text}");
        let was = "\n  profile: set firstName \"Ros\", was \"Rosario\"\n";
        assert_eq!(text.contains(was), name != "progressive", "{text}");
        // It is what was submitted, and so no change.
        assert_eq!(
            text.contains("set lastName"),
            name == "progressive",
            "{text}"
        );
    }
}

#[test]
fn the_later_of_two_updates_is_the_change() {
    let call = call(HookType::Registration, "self-service");
    let update = |value| ("com.okta.user.profile.update", value);
    let both = [update(r#"{"title":"a"}"#), update(r#"{"title":"b"}"#)];
    let shown = decided(&call, commands(&both));
    let titles: Vec<_> = shown.changes.iter().map(|change| &change.value).collect();
    assert_eq!(titles, [&Some("b".into())]);
}
