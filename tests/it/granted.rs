//! What a policy asks for beyond its call: what is granted works, what is not keeps it
//! from being loaded, and nobody has more than the ceiling of its folder.

use std::fs;

use serde_json::Value;
use tests::{Builder, TestHost, guests, plugins, sign_up};

/// The policy that does as its settings say, with all grants that it asks for.
pub(super) const ALL: &str = r#"
    [datasets.words]
    file = "words.txt"
    [policies.reach-out]
    on_failure = "skip"
    [policies.reach-out.grants]
    datasets = ["words"]
    http = ["https://crm.example.com"]
    key_value = true
    [policies.reach-out.grants.secrets]
    token = { env = "TOKEN" }
"#;

/// A host with that policy and these steps.
pub(super) fn builder(steps: &str) -> Builder {
    Builder::default()
        .policy("reach-out", guests::REACH_OUT)
        .settings("reach-out", format!("steps = [\n{steps}\n]"))
        .data("words.txt", "one\ntwo\n")
        .variable("TOKEN", "t0ken")
}

/// What it was told, one answer a step.
pub(super) fn answers(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).expect("JSON");
    let answers = body["commands"][0]["value"]["answers"].as_str();
    let answers = answers.unwrap_or_else(|| panic!("no answers: {body}"));
    answers.split(" | ").map(str::to_owned).collect()
}

pub(super) async fn ask(host: &TestHost) -> Vec<String> {
    answers(&host.call(&sign_up("a@example.com")).await.body)
}

async fn policy(host: &TestHost, name: &str) -> Value {
    let listing = host.operator("/policies").await.json();
    let policies = listing["policies"].as_array().expect("a list");
    let mut policies = policies.iter().filter(|policy| policy["name"] == name);
    policies.next().expect("the policy").clone()
}

async fn reason(host: &TestHost, name: &str) -> String {
    let policy = policy(host, name).await;
    let reason = policy["reason"].as_str();
    reason
        .unwrap_or_else(|| panic!("it is loaded: {policy}"))
        .to_owned()
}

#[tokio::test]
async fn what_is_granted_works_and_is_shown() {
    let steps = r#"
        { ask = "secret", name = "token" },
        { ask = "secret", name = "other" },
        { ask = "contains", dataset = "words", value = "two" },
        { ask = "contains", dataset = "others", value = "two" },
        { ask = "lookup", dataset = "words", key = "two" },
        { ask = "increment", key = "n" },
        { ask = "get", key = "n" },
    "#;
    let host = builder(steps).config(ALL).start().await;
    let expected = [
        "t0ken",
        "none",
        "true",
        "AccessDenied",
        "NotSupported",
        "1",
        "Some(\"1\")",
    ];
    assert_eq!(ask(&host).await, expected);
    let grants = policy(&host, "reach-out").await["grants"].clone();
    let expected = [
        "secret token",
        "dataset words",
        "http https://crm.example.com",
        "key-value",
    ];
    assert_eq!(grants, serde_json::json!(expected));
    assert!(!host.log().contains("t0ken"));
}

#[tokio::test]
async fn each_that_is_not_granted_keeps_it_from_being_loaded_and_the_fix_is_said() {
    for (line, import, key) in [
        (
            "datasets = [\"words\"]",
            "hookwarden:policy/dataset@0.1.0",
            "datasets",
        ),
        (
            "http = [\"https://crm.example.com\"]",
            "wasi:http/outgoing-handler@0.2.12",
            "http",
        ),
        (
            "key_value = true",
            "wasi:keyvalue/atomics@0.2.0-draft2",
            "key_value",
        ),
        (
            "token = { env = \"TOKEN\" }",
            "hookwarden:policy/secrets@0.1.0",
            "secrets",
        ),
    ] {
        assert!(ALL.contains(line));
        let host = builder("")
            .policy("only-example-com", plugins::ONLY_EXAMPLE_COM)
            .config(&ALL.replace(line, ""))
            .start()
            .await;
        let reason = reason(&host, "reach-out").await;
        let expected = format!(
            "it asks for `{import}`, which is not granted: grant it with `policies.reach-out.grants.{key}`"
        );
        assert!(reason.contains(&expected), "{reason}");
        assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
    }
}

#[tokio::test]
async fn what_nobody_can_grant_is_said_to_be_that() {
    let host = TestHost::with("asks", guests::ASK_FOR_TOO_MUCH).await;
    let reason = reason(&host, "asks").await;
    let expected = "it asks for `hookwarden:policy/everything@0.1.0`, which this version of the host cannot grant";
    assert_eq!(reason, expected);
}

#[tokio::test]
async fn settings_name_only_what_is_granted() {
    let uses = r#"uses = [{ secret = "token" }, { dataset = "words" }, { secret = "other" }]"#;
    let host = builder("")
        .settings("reach-out", uses)
        .config(ALL)
        .start()
        .await;
    assert_eq!(
        reason(&host, "reach-out").await,
        "its settings name the secret `other` at `uses[2]`, which is not granted: grant it with `policies.reach-out.grants.secrets`"
    );
    let uses = r#"uses = [{ secret = "token" }, { dataset = "words" }]"#;
    let host = builder("")
        .settings("reach-out", uses)
        .config(ALL)
        .start()
        .await;
    assert_eq!(policy(&host, "reach-out").await["state"], "loaded");
}

/// Whatever an author writes: there is no way from a name to what an operator did not
/// bind.
#[tokio::test]
async fn no_name_reaches_a_variable_or_a_file() {
    let steps = r#"
        { ask = "secret", name = "OTHER" },
        { ask = "secret", name = "TOKEN" },
        { ask = "secret", name = "/etc/passwd" },
        { ask = "secret", name = "" },
        { ask = "contains", dataset = "../words", value = "two" },
        { ask = "contains", dataset = "words.txt", value = "two" },
        { ask = "contains", dataset = "/etc/passwd", value = "root" },
    "#;
    let host = builder(steps)
        .variable("OTHER", "x")
        .config(ALL)
        .start()
        .await;
    let expected = [
        "none",
        "none",
        "none",
        "none",
        "AccessDenied",
        "AccessDenied",
        "AccessDenied",
    ];
    assert_eq!(ask(&host).await, expected);
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_a_load_error_and_loads_when_it_is() {
    let secrets = tempfile::tempdir().expect("a folder");
    let file = secrets.path().join("token");
    let config = ALL.replace("{ env = \"TOKEN\" }", &format!("{{ file = {file:?} }}"));
    let step = r#"{ ask = "secret", name = "token" }"#;
    let mut host = builder(step).config(&config).start().await;
    let reason = reason(&host, "reach-out").await;
    let expected = format!(
        "the secret `token`, bound with `policies.reach-out.grants.secrets`: `{}` cannot be read: No such file or directory (os error 2)",
        file.display()
    );
    assert_eq!(reason, expected);

    fs::write(&file, "first\n").expect("a secret");
    host.refresh();
    while policy(&host, "reach-out").await["state"] != "loaded" {
        host.follow().await;
    }
    assert_eq!(ask(&host).await, ["first"]);
    let next = secrets.path().join("next");
    fs::write(&next, "second\n").expect("a secret");
    fs::rename(&next, &file).expect("replaced");
    host.refresh();
    assert_eq!(ask(&host).await, ["second"]);
    fs::remove_file(&file).expect("removed");
    host.refresh();
    assert_eq!(ask(&host).await, ["second"], "what was there goes on");
    let log = host.log();
    assert!(
        log.contains("secret not read, and goes on as it was"),
        "{log}"
    );
    assert!(!log.contains("second") && !log.contains("first"), "{log}");

    let host = builder(step)
        .config(&ALL.replace("\"TOKEN\"", "\"NOWHERE\""))
        .start()
        .await;
    let reason = self::reason(&host, "reach-out").await;
    assert!(
        reason.contains("the environment has no `NOWHERE`"),
        "{reason}"
    );
}

/// Two teams, with a folder each.
fn two_folders(config: &str) -> (tempfile::TempDir, Builder) {
    let root = tempfile::tempdir().expect("a folder");
    let mut folders = String::new();
    for (name, ceiling) in [
        (
            "marketing",
            "datasets = ['words']\nattributes = { set = ['a'] }",
        ),
        (
            "partners",
            "secrets = ['*']\ndatasets = ['*']\nhttp = ['*']\nkey_value = true",
        ),
    ] {
        let path = root.path().join(name);
        fs::create_dir(&path).expect("a folder");
        folders.push_str(&format!(
            "[folders.{name}]\npath = {path:?}\n[folders.{name}.ceiling]\n{ceiling}\n"
        ));
    }
    let builder = Builder::default()
        .data("words.txt", "one\n")
        .variable("TOKEN", "t0ken")
        .config(&folders)
        .config(config);
    (root, builder)
}

fn drop_into(root: &tempfile::TempDir, folder: &str, name: &str, component: &str) {
    let file = root.path().join(folder).join(format!("{name}.wasm"));
    // Whole at once.
    let next = file.with_extension("next");
    fs::copy(component, &next).expect("a component");
    fs::rename(next, file).expect("a component");
}

#[tokio::test]
async fn nobody_has_more_than_the_ceiling_of_the_folder() {
    let (root, builder) = two_folders(ALL);
    drop_into(&root, "marketing", "reach-out", guests::REACH_OUT);
    let host = builder.start().await;
    let reason = reason(&host, "reach-out").await;
    for expected in [
        "it asks for `hookwarden:policy/secrets@0.1.0`, which `policies.reach-out.grants.secrets` grants and `folders.marketing.ceiling.secrets` withholds",
        "`folders.marketing.ceiling.http` withholds",
        "`folders.marketing.ceiling.key_value` withholds",
    ] {
        assert!(reason.contains(expected), "{reason}");
    }
    assert!(!reason.contains("ceiling.datasets"), "{reason}");

    let (root, builder) = two_folders(ALL);
    drop_into(&root, "partners", "reach-out", guests::REACH_OUT);
    let host = builder.start().await;
    assert_eq!(policy(&host, "reach-out").await["state"], "loaded");
}

#[tokio::test]
async fn a_name_in_two_folders_takes_nobodys_place() {
    let (root, builder) = two_folders("");
    drop_into(&root, "partners", "rule", plugins::ONLY_EXAMPLE_COM);
    let mut host = builder.start().await;
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);

    // Whoever writes to the other folder would have everybody admitted.
    drop_into(&root, "marketing", "rule", guests::SLEEP);
    host.follow().await;
    let is = policy(&host, "rule").await;
    assert_eq!(is["state"], "as-before", "{is}");
    let reason = is["reason"].as_str().expect("a reason");
    assert!(reason.contains("there is another in `"), "{reason}");
    assert!(reason.contains("`policies.rule.folder`"), "{reason}");
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);

    fs::remove_file(root.path().join("marketing/rule.wasm")).expect("removed");
    host.follow().await;
    assert_eq!(policy(&host, "rule").await["state"], "loaded");
}

#[tokio::test]
async fn a_policy_comes_from_the_folder_that_it_is_said_to() {
    let config = "[policies.rule]\nfolder = 'partners'";
    let (root, builder) = two_folders(config);
    drop_into(&root, "partners", "rule", plugins::ONLY_EXAMPLE_COM);
    drop_into(&root, "marketing", "rule", guests::SLEEP);
    let host = builder.start().await;
    assert_eq!(policy(&host, "rule").await["state"], "loaded");
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
    let log = host.log();
    assert!(log.contains("`policies.<name>.folder` says"), "{log}");
}

/// At a start nobody knows which was there first.
#[tokio::test]
async fn of_two_at_the_start_neither_is_loaded() {
    let (root, builder) = two_folders("");
    drop_into(&root, "partners", "rule", plugins::ONLY_EXAMPLE_COM);
    drop_into(&root, "marketing", "rule", guests::EVENT_ONLY);
    let host = builder.start().await;
    let is = policy(&host, "rule").await;
    assert_eq!(is["state"], "failed", "{is}");
    // What any of them would have served it fails.
    let reply = host.call(&sign_up("a@example.com")).await;
    assert!(reply.body.contains("DENY"), "{reply:?}");
}

#[tokio::test]
async fn a_folder_that_goes_takes_no_policy_with_it() {
    let (root, builder) = two_folders("");
    drop_into(&root, "partners", "rule", plugins::ONLY_EXAMPLE_COM);
    let mut host = builder.start().await;
    fs::rename(root.path().join("partners"), root.path().join("away")).expect("renamed");
    drop_into(&root, "marketing", "other", plugins::ONLY_EXAMPLE_COM);
    host.follow().await;
    assert_eq!(policy(&host, "rule").await["state"], "loaded");
    assert_eq!(policy(&host, "other").await["state"], "loaded");
    let log = host.log();
    assert!(log.contains("its policies go on as they are"), "{log}");
}

#[tokio::test]
async fn a_policy_that_is_pinned_to_a_digest_is_that_component() {
    let other = "0".repeat(64);
    let host = Builder::default()
        .policy("rule", plugins::ONLY_EXAMPLE_COM)
        .config(&format!("[policies.rule]\nsha256 = '{other}'"))
        .start()
        .await;
    let reason = reason(&host, "rule").await;
    let digest = reason.split('`').nth(1).expect("its digest").to_owned();
    assert!(
        reason.contains("`policies.rule.sha256` is another"),
        "{reason}"
    );
    let host = Builder::default()
        .policy("rule", plugins::ONLY_EXAMPLE_COM)
        .config(&format!("[policies.rule]\nsha256 = '{digest}'"))
        .start()
        .await;
    assert_eq!(policy(&host, "rule").await["component"], digest.as_str());
    assert_eq!(host.call(&sign_up("a@example.com")).await.status, 204);
}

/// The revision is another, so that whoever looks at the log knows under which grants a
/// decision was made.
#[tokio::test]
async fn a_revision_is_also_what_it_is_granted() {
    let revision = async |config: &str| {
        let builder = Builder::default().policy("rule", plugins::ONLY_EXAMPLE_COM);
        let host = builder.config(config).start().await;
        policy(&host, "rule").await["revision"].clone()
    };
    let plain = revision("").await;
    assert_eq!(plain, revision("[policies.rule]\nlog = true").await);
    assert_ne!(plain, revision("[policies.rule]\ndeny = false").await);
    let narrowed = "[policies.rule.attributes]\nsee = ['email']";
    assert_ne!(plain, revision(narrowed).await);
}
