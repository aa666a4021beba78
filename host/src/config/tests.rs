//! What a configuration may say, and what it is told when it may not.

use std::path::Path;
use std::time::Duration;

use super::{Config, ConfigError, parse};
use crate::policy::{OnFailure, PolicyName};

fn read(text: &str) -> Result<Config, ConfigError> {
    let environment = |name: &str| match name {
        "SECRET" => Some(b"Basic abc".to_vec()),
        "EMPTY" => Some(Vec::new()),
        "SPACED" => Some(b" abc".to_vec()),
        _ => None,
    };
    parse(text, Path::new("test.toml"), &environment)
}

fn refusal(text: &str) -> String {
    match read(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn without_a_file_there_are_the_defaults_and_they_make_sense() {
    let config = read("").expect("the defaults");
    assert_eq!(config.okta.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.operator.listen.to_string(), "127.0.0.1:8081");
    assert!(config.authentication.is_off());
    assert_eq!(config.hooks.default.deadline, Duration::from_millis(2500));
    assert_eq!(config.policies.default.on_failure, OnFailure::AsOkta);
    assert!(!config.policies.default.log);
    assert_eq!(config.sandbox.memory, 32 << 20);
}

#[test]
fn what_is_said_of_all_holds_for_each_that_says_nothing_else() {
    let config = read(
        r#"
        [hook]
        deadline = "2s"
        [hooks.registration]
        policies = ["b", "a"]
        [policy]
        log = true
        [policy.limits]
        fuel = 7
        [policies.a]
        on_failure = "skip"
        limits = { memory = "64MiB" }
        "#,
    )
    .expect("a configuration");
    let hook = &config.hooks.named["registration"].config;
    assert_eq!(hook.deadline, Duration::from_secs(2));
    let policies: Vec<_> = hook.policies.iter().map(PolicyName::as_str).collect();
    assert_eq!(policies, ["b", "a"]);
    let policy = config.policies.get(&PolicyName::new("a").expect("a name"));
    assert_eq!(policy.on_failure, OnFailure::Skip);
    assert!(policy.log);
    assert_eq!(policy.limits.fuel, 7);
    assert_eq!(policy.limits.deadline, Duration::from_millis(250));
    assert_eq!(
        config.sandbox.memory,
        64 << 20,
        "slots must fit the largest"
    );
}

#[test]
fn an_unknown_key_is_named_with_the_nearest() {
    for (text, message) in [
        (
            "[okta]\nlistne = 1",
            "there is no key `okta.listne`; the nearest is `okta.listen`",
        ),
        (
            "polcy_folder = 1",
            "there is no key `polcy_folder`; the nearest is `policy_folder`",
        ),
        (
            "[policies.a.limits]\nfule = 1",
            "there is no key `policies.a.limits.fule`; the nearest is `policies.a.limits.fuel`",
        ),
        (
            "[hooks.registration]\npolicys = []",
            "there is no key `hooks.registration.policys`; the nearest is `hooks.registration.policies`",
        ),
        (
            "[polices.a]",
            "there is no key `polices`; the nearest is `policies`",
        ),
        ("zzzzzzzzzzzz = 1", "there is no key `zzzzzzzzzzzz`"),
    ] {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn a_value_that_makes_no_sense_is_refused_with_its_key() {
    for (text, message) in [
        (
            "[hook]\ndeadline = \"3s\"",
            "`hook.deadline`: `3s` is more than 2.8s, and Okta gives up after 3s",
        ),
        (
            "[hooks.registration]\ndeadline = \"10ms\"",
            "`hooks.registration.deadline`: `10ms` is less than 100ms, of which 50 are for the answer",
        ),
        (
            "[hooks.event]",
            "`hooks.event`: this version answers no `event` calls; it has `registration`, `token`, `saml`, `user-import`, `password-import`, `telephony`",
        ),
        (
            "[hooks.partners]",
            "`hooks.partners.type`: must say which hook of Okta's `partners` answers: `registration`, `token`, `saml`, `user-import`, `password-import`, `telephony`",
        ),
        (
            "[hooks.partners]\ntype = \"sign-up\"",
            "`hooks.partners.type`: `sign-up` is no hook of Okta's; this version has `registration`, `token`, `saml`, `user-import`, `password-import`, `telephony`",
        ),
        (
            "[hooks.saml]\ntype = \"registration\"",
            "`hooks.saml.type`: a hook named `saml` must be of that type",
        ),
        (
            "[hooks.Partners]\ntype = \"registration\"",
            "`hooks.Partners`: `Partners` is no hook's name: 1 to 63 of a-z, 0-9 and `-`",
        ),
        (
            "[hook]\ntype = \"registration\"",
            "`hook`: `type` and `secrets` are of one hook each, in `[hooks.<name>]`",
        ),
        (
            "[hooks.partners]\ntype = \"registration\"\nsecrets = [{ env = \"NONE\" }]",
            "`hooks.partners.secrets[0]`: the environment has no `NONE`",
        ),
        (
            "[hook]\npolicies = [\"a\", \"a\"]",
            "`hook.policies`: `a` stands there twice",
        ),
        (
            "[hook]\npolicies = [\"A.wasm\"]",
            "`hook.policies`: `A.wasm` is no policy's name: 1 to 63 of a-z, 0-9 and `-`",
        ),
        (
            "[policy.limits]\nfuel = 0",
            "`policy.limits.fuel`: `0` lets no policy do anything",
        ),
        (
            "[policies.a.limits]\ndeadline = \"5s\"",
            "`policies.a.limits.deadline`: `5s` is not from 1ms to 2.8s",
        ),
        (
            "[policy.limits]\nmemory = \"2GiB\"",
            "`policy.limits.memory`: `2.0 GiB` is not from 64KiB to 1GiB",
        ),
        (
            "[compile]\nmemory = \"1MiB\"",
            "`compile.memory`: `1.0 MiB` is not from 256MiB to 64GiB",
        ),
        (
            "[compile]\ncpu_time = \"0s\"",
            "`compile.cpu_time`: `0ns` is not from 1s to 1h",
        ),
        (
            "[compile]\ncpu_time = \"1500ms\"",
            "`compile.cpu_time`: `1.5s` is not in whole seconds",
        ),
        (
            "[compile]\ntimeout = \"2h\"",
            "`compile.timeout`: `7200s` is not from 1s to 1h",
        ),
        (
            "[sandbox]\nevaluations = 1",
            "`sandbox.evaluations`: `1` is not from 2 to 1000",
        ),
        (
            "[sandbox]\nslow_evaluations = 64",
            "`sandbox.slow_evaluations`: `64` is not from 1 to less than `sandbox.evaluations`, `64`: some places are for those that are quick",
        ),
        (
            "[sandbox]\nstack = '1KiB'",
            "`sandbox.stack`: `1.0 KiB` is not from 64KiB to 8MiB",
        ),
        (
            "[policy.limits]\nslice = 1",
            "`policy.limits.slice`: `1` is not from 10000 to 10000000",
        ),
        (
            "[policy.limits]\noutput = '1GiB'",
            "`policy.limits.output`: `1.0 GiB` is not from 1KiB to 16MiB",
        ),
        (
            "[policies.a.limits]\nslow_evaluations = 0",
            "`policies.a.limits.slow_evaluations`: `0` is not from 1 to 1000",
        ),
        (
            "[sandbox]\ncode = '1KiB'",
            "`sandbox.code`: `1.0 KiB` is not from 1MiB to 1TiB",
        ),
        (
            "[operator]\nlisten = \"127.0.0.1:8080\"",
            "`operator.listen`: `127.0.0.1:8080` is Okta's already",
        ),
        (
            "[okta]\nheader = \"a b\"\nsecrets = [{ env = \"SECRET\" }]",
            "`okta.header`: `a b` is no header's name",
        ),
        (
            "shutdown_grace = \"1s\"",
            "`shutdown_grace`: `1s` is less than a hook's deadline, `2.5s`",
        ),
        ("policies = 7", "`policies`: must be a table, not integer"),
    ] {
        assert_eq!(refusal(text), message);
    }
    let wrong_type = refusal("[policy]\non_failure = \"open\"");
    assert!(
        wrong_type.starts_with("`policy.on_failure`: unknown variant `open`"),
        "{wrong_type}"
    );
    let wrong_type = refusal("[policies.a]\nlog = 1");
    assert!(
        wrong_type.starts_with("`policies.a.log`: invalid type"),
        "{wrong_type}"
    );
    assert!(refusal("\n[okta\n").starts_with("`test.toml` is not TOML, at line 2: "));
}

#[test]
fn nobody_else_reaches_a_listener_without_a_secret() {
    let public = "[okta]\nlisten = \"0.0.0.0:8080\"\n";
    assert_eq!(
        refusal(public),
        "`okta.listen`: `0.0.0.0:8080` can be reached by others, and there is no secret; set `okta.secrets`"
    );
    // Neither where some hooks have their own: the others, and those that come with the
    // folder, would have none.
    let own = "[hooks.registration]\nsecrets = [{ env = \"SECRET\" }]";
    assert!(refusal(&format!("{public}{own}")).ends_with("set `okta.secrets`"));
    let config = read(&format!("{public}secrets = [{{ env = \"SECRET\" }}]")).expect("a secret");
    assert_eq!(
        config.authentication.header("registration"),
        Some("authorization")
    );
}

#[test]
fn a_secret_that_cannot_be_one_is_refused_and_never_quoted() {
    for (secrets, reason) in [
        (
            "[{ env = \"NONE\" }]",
            "`okta.secrets[0]`: the environment has no `NONE`",
        ),
        (
            "[{ env = \"EMPTY\" }]",
            "`okta.secrets[0]`: the secret is empty",
        ),
        (
            "[{ env = \"SECRET\" }, { file = \"/nowhere\" }]",
            "`okta.secrets[1]`: `/nowhere` cannot be read: No such file or directory (os error 2)",
        ),
        (
            "[{ env = \"SECRET\" }, { env = \"SECRET\" }, { env = \"SECRET\" }]",
            "`okta.secrets`: more than two; the second is for the time of a replacement",
        ),
    ] {
        assert_eq!(refusal(&format!("[okta]\nsecrets = {secrets}")), reason);
    }
    for written in [
        "secrets = [\"hunter2\"]",
        "secrets = \"hunter2\"",
        "secrets = hunter2",
        "[hooks.registration]\nsecrets = [\"hunter2\"]",
        "[hooks.registration]\nsecrets = { env = \"hunter2\" }",
    ] {
        let said = refusal(&format!("[okta]\n{written}"));
        assert!(!said.contains("hunter2"), "{said}");
    }
    let spaced = refusal("[okta]\nsecrets = [{ env = \"SPACED\" }]");
    assert!(
        spaced.contains("cannot be a header's value") && !spaced.contains("abc"),
        "{spaced}"
    );
}

#[test]
fn what_is_granted_must_be_there_and_make_sense() {
    let folder = "[folders.team]\npath = \"x\"\n";
    for (text, reason) in [
        (
            "[policies.a.grants]\ndatasets = [\"words\"]",
            "`policies.a.grants.datasets`: there is no `datasets.words`",
        ),
        (
            "[datasets.words]\nfile = \"../words.txt\"",
            "`datasets.words.file`: `../words.txt` is no file in `data_folder` that ends in `.txt`, `.csv` or `.json`",
        ),
        (
            "[datasets.words]\nfile = \"/etc/passwd\"",
            "`datasets.words.file`: `/etc/passwd` is no file in `data_folder` that ends in `.txt`, `.csv` or `.json`",
        ),
        (
            "[datasets.words]\nfile = \"words.txt\"\nkey = \"x\"",
            "`datasets.words.key`: a `.txt` file is a list: it has no columns",
        ),
        (
            "[dataset]\nfile = \"words.txt\"",
            "`dataset`: `file` and `key` are of one dataset each, in `[datasets.<name>]`",
        ),
        (
            "[policies.a]\nfolder = \"team\"",
            "`policies.a.folder`: there is no `folders.team`",
        ),
        (
            "[policies.a]\nsha256 = \"abc\"",
            "`policies.a.sha256`: `abc` is no SHA-256: 64 hexadecimal digits",
        ),
        (
            "[policies.a]\ndeny = false\non_failure = \"deny\"",
            "`policies.a.on_failure`: must be \"skip\" or \"as-okta\" beside `deny = false`: it could deny by failing",
        ),
        (
            "[policy.grants.secrets]\na = { env = \"SECRET\" }",
            "`policy.grants.secrets`: a secret is bound for one policy each, in `[policies.<name>.grants.secrets]`",
        ),
        (
            "[policies.a.http]\nrequests = 0",
            "`policies.a.http.requests`: `0` is not from 1 to 1000",
        ),
        (
            "[policies.a.key_value]\nexpire = \"10ms\"",
            "`policies.a.key_value.expire`: `10ms` is neither `0s`, for never, nor 1s or more",
        ),
        (
            "[folders.team]\n[folders.team.ceiling]\nkey_value = true",
            "`folders.team.path`: must say where it is",
        ),
        (
            "[http]\ntrust = [\"/nowhere\"]",
            "`http.trust`: `/nowhere` cannot be read: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(refusal(text), reason);
    }
    assert_eq!(
        refusal(&format!("policy_folder = \"y\"\n{folder}")),
        "`policy_folder`: there are `[folders.<name>]`, and this one is not looked at beside them"
    );
    for (origin, part) in [
        ("crm.example.com", "policies.a.grants.http"),
        ("https://crm.example.com/path", "policies.a.grants.http"),
        ("https://user@crm.example.com", "policies.a.grants.http"),
        ("https://*.example.com", "policies.a.grants.http"),
        ("ftp://crm.example.com", "policies.a.grants.http"),
    ] {
        let said = refusal(&format!("[policies.a.grants]\nhttp = [\"{origin}\"]"));
        assert!(said.starts_with(&format!("`{part}")), "{said}");
    }
    let secrets = "[policies.a.grants]\nsecrets = { a = \"hunter2\" }";
    let said = refusal(secrets);
    assert!(!said.contains("hunter2"), "{said}");
    assert!(said.contains("`{ env = \"NAME\" }`"), "{said}");
}

/// One that is missing keeps its policy from being loaded, and no other, and not the host.
#[test]
fn of_the_environment_only_what_secrets_are_bound_to_is_taken() {
    let config =
        read("[policies.a.grants.secrets]\none = { env = \"SECRET\" }\ntwo = { env = \"NONE\" }")
            .expect("a configuration");
    let taken: Vec<_> = config.offer.variables.keys().map(String::as_str).collect();
    assert_eq!(taken, ["SECRET"]);
    assert!(!format!("{config:?}").contains("Basic abc"));
}
