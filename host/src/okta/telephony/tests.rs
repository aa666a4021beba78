//! What telephony calls are accepted, what decisions are, and the bytes that come of
//! them.

use crate::okta::testing::{
    answer, body, call, commands, error, merged, parse, violation, written,
};
use crate::okta::{Call, Decision, HookType};

const ACTION: &str = "com.okta.telephony.action";

fn code() -> Call {
    call(
        HookType::Telephony,
        r#""requestType":"com.okta.user.telephony.mfa-verification","data":{"messageProfile":{"phoneNumber":"1","otpCode":"2"}}"#,
    )
}

fn delivered(by: &str) -> Decision {
    let value = format!(r#"[{{"status":"SUCCESSFUL","provider":"{by}","transactionId":"t"}}]"#);
    commands(&[(ACTION, &value)])
}

#[test]
fn every_request_type_is_read_and_no_other() {
    let parse = |members: &str| parse(HookType::Telephony, &body(HookType::Telephony, members));
    for name in [
        "pre-enrollment",
        "mfa-verification",
        "account-unlock",
        "password-reset",
    ] {
        let members = format!(r#""requestType":"com.okta.user.telephony.{name}","data":{{}}"#);
        assert!(parse(&members).is_ok(), "{name}");
    }
    assert!(parse(r#""data":{}"#).is_ok());
    for members in [
        r#""requestType":"com.okta.user.telephony.","data":{}"#,
        r#""requestType":"pre-enrollment","data":{}"#,
        r#""data":{"messageProfile":"x"}"#,
    ] {
        assert!(parse(members).is_err(), "{members}");
    }
}

#[test]
fn no_opinion_is_an_empty_object() {
    let none = vec![Decision::default(), Decision::default()];
    assert_eq!(answer(&code(), none), (200, "{}".to_owned()));
}

#[test]
fn the_first_that_acts_ends_the_chain() {
    let call = code();
    for (first, body) in [
        (
            delivered("A"),
            r#"{"commands":[{"type":"com.okta.telephony.action","value":[{"status":"SUCCESSFUL","provider":"A","transactionId":"t"}]}]}"#,
        ),
        (
            commands(&[(ACTION, r#"[{"status":"FAILED"}]"#)]),
            r#"{"commands":[{"type":"com.okta.telephony.action","value":[{"status":"FAILED"}]}]}"#,
        ),
        (
            error("Not our number."),
            r#"{"error":{"errorSummary":"Not our number.","errorCauses":[]}}"#,
        ),
    ] {
        let merge = merged(&call, vec![Decision::default(), first, delivered("B")]);
        assert!(merge.is_settled());
        assert_eq!(written(&*merge), (200, body.to_owned()));
    }
}

#[test]
fn what_okta_would_drop_or_misread_is_a_violation() {
    for (value, message) in [
        (
            r#"{"status":"SUCCESSFUL"}"#,
            "`commands[0].value` must be a list",
        ),
        ("[]", "`commands[0].value` must be a list of one object"),
        (
            r#"[{"status":"SUCCESSFUL"},{"status":"FAILED"}]"#,
            "`commands[0].value` must be a list of one object",
        ),
        (
            r#"[{"provider":"A"}]"#,
            "`commands[0].value[0].status` must be there: `SUCCESSFUL`, `PENDING` or `FAILED`",
        ),
        (
            r#"[{"status":"SENT"}]"#,
            "`commands[0].value[0].status` must be `SUCCESSFUL`, `PENDING` or `FAILED`",
        ),
        (
            r#"[{"status":"FAILED","transactionId":7}]"#,
            "`commands[0].value[0].transactionId` must be text",
        ),
        (
            r#"[{"status":"FAILED","code":"1"}]"#,
            "`commands[0].value[0]` must be an object of `status`, `provider`, `transactionId` and `transactionMetadata`",
        ),
    ] {
        assert_eq!(violation(&code(), commands(&[(ACTION, value)])), message);
    }
    let twice = commands(&[
        (ACTION, r#"[{"status":"FAILED"}]"#),
        (ACTION, r#"[{"status":"FAILED"}]"#),
    ]);
    assert_eq!(
        violation(&code(), twice),
        "`commands[1]` says otherwise than a command before it"
    );
}
