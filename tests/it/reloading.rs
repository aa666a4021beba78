//! Files that come, go and change while the host serves, in every way that people
//! write files.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tests::{Builder, TestHost, guests, plugins, sign_up};

const ORG: &str = "domain = 'example.org'";
const NET: &str = "domain = 'example.net'";

/// The domain that the example admits now.
async fn admitted(host: &TestHost) -> &'static str {
    for domain in ["example.com", "example.org", "example.net"] {
        let call = sign_up(&format!("a@{domain}"));
        if host.call(&call).await.status == 204 {
            return domain;
        }
    }
    "none"
}

async fn host() -> TestHost {
    Builder::default()
        .policy("example", plugins::ONLY_EXAMPLE_COM)
        .settings("example", ORG)
        .start()
        .await
}

fn component(host: &TestHost) -> PathBuf {
    host.folder().join("example.wasm")
}

fn settings(host: &TestHost) -> PathBuf {
    host.folder().join("example.toml")
}

/// The states of all policies, as the operator sees them.
async fn states(host: &TestHost) -> Vec<(String, String)> {
    let listing = host.operator("/policies").await.json();
    let policies = listing["policies"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    policies
        .iter()
        .map(|policy| (text(&policy["name"]), text(&policy["state"])))
        .collect()
}

/// The revision of the example.
async fn revision(host: &TestHost) -> String {
    let listing = host.operator("/policies").await.json();
    let revision = &listing["policies"][0]["revision"];
    revision.as_str().expect("it has one").to_owned()
}

fn loads(host: &TestHost) -> usize {
    host.log().matches("policy loaded policy=example").count()
}

#[tokio::test]
async fn settings_that_change_are_served() {
    let mut host = host().await;
    assert_eq!(admitted(&host).await, "example.org");
    fs::write(settings(&host), NET).expect("written");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.net");
    fs::remove_file(settings(&host)).expect("removed");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.com");
    assert_eq!(loads(&host), 3);
}

#[tokio::test]
async fn a_component_that_is_written_over_moved_in_or_linked_is_served() {
    let mut host = host().await;
    fs::remove_file(settings(&host)).expect("removed");
    host.follow().await;
    let deny_all = guests::OBEY;
    let beside = tempfile::tempdir().expect("a folder");
    let moved = beside.path().join("moved.wasm");

    // Written over in place.
    fs::copy(deny_all, component(&host)).expect("written");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.com", "it has no opinion");
    assert_eq!(
        states(&host).await,
        [("example".to_owned(), "loaded".to_owned())]
    );
    let of_obey = revision(&host).await;

    // Moved in.
    fs::copy(plugins::ONLY_EXAMPLE_COM, &moved).expect("written");
    fs::rename(&moved, component(&host))
        .or_else(|_| fs::copy(&moved, component(&host)).map(drop))
        .expect("moved");
    host.follow().await;
    assert_ne!(revision(&host).await, of_obey);
    let of_example = revision(&host).await;

    // A symbolic link, and then what it points to.
    fs::copy(deny_all, &moved).expect("written");
    fs::remove_file(component(&host)).expect("removed");
    symlink(&moved, component(&host)).expect("linked");
    host.follow().await;
    assert_eq!(revision(&host).await, of_obey);
    fs::copy(plugins::ONLY_EXAMPLE_COM, &moved).expect("written");
    host.follow().await;
    assert_eq!(revision(&host).await, of_example);

    // A hard link.
    let hard = host.folder().join("kept");
    fs::copy(deny_all, &hard).expect("written");
    fs::remove_file(component(&host)).expect("removed");
    fs::hard_link(&hard, component(&host)).expect("linked");
    host.follow().await;
    assert_eq!(revision(&host).await, of_obey);
    assert_eq!(loads(&host), 7, "each was loaded once: {}", host.log());
}

#[tokio::test]
async fn a_volume_of_kubernetes_that_is_swapped_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let version = |name: &str, settings: &str| {
        let version = folder.path().join(name);
        fs::create_dir(&version).expect("a folder");
        fs::copy(plugins::ONLY_EXAMPLE_COM, version.join("example.wasm")).expect("written");
        fs::write(version.join("example.toml"), settings).expect("written");
    };
    version("..v1", ORG);
    symlink("..v1", folder.path().join("..data")).expect("linked");
    for file in ["example.wasm", "example.toml"] {
        symlink(Path::new("..data").join(file), folder.path().join(file)).expect("linked");
    }
    let mut host = Builder::on(folder).start().await;
    assert_eq!(admitted(&host).await, "example.org");

    let folder = host.folder().to_owned();
    let second = folder.join("..v2");
    fs::create_dir(&second).expect("a folder");
    fs::copy(plugins::ONLY_EXAMPLE_COM, second.join("example.wasm")).expect("written");
    fs::write(second.join("example.toml"), NET).expect("written");
    symlink("..v2", folder.join("..data_tmp")).expect("linked");
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).expect("swapped");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.net");
    assert_eq!(loads(&host), 2);
}

#[tokio::test]
async fn what_cannot_be_loaded_changes_nothing_until_it_can() {
    let mut host = host().await;
    let before = host.operator("/policies").await.json()["policies"][0]["revision"].clone();
    for broken in [&b"half of it"[..], b"\0asm\x01\0\0\0"] {
        fs::write(component(&host), broken).expect("written");
        host.follow().await;
        let policy = host.operator("/policies").await.json()["policies"][0].clone();
        assert_eq!(
            (&policy["state"], &policy["revision"]),
            (&"as-before".into(), &before)
        );
        assert!(
            policy["reason"]
                .as_str()
                .expect("a reason")
                .starts_with("it is ")
        );
        assert_eq!(admitted(&host).await, "example.org");
        assert_eq!(host.operator("/readyz").await.status, 200);
        assert!(
            host.log()
                .contains("policy not loaded, and goes on as it was")
        );
    }
    fs::write(settings(&host), "domain = 7").expect("written");
    fs::copy(plugins::ONLY_EXAMPLE_COM, component(&host)).expect("written");
    host.follow().await;
    assert_eq!(
        states(&host).await,
        [("example".to_owned(), "as-before".to_owned())]
    );
    assert_eq!(
        admitted(&host).await,
        "example.org",
        "component and settings are one pair"
    );

    fs::write(settings(&host), NET).expect("written");
    host.follow().await;
    assert_eq!(
        states(&host).await,
        [("example".to_owned(), "loaded".to_owned())]
    );
    assert_eq!(admitted(&host).await, "example.net");
}

#[tokio::test]
async fn a_slow_writer_is_waited_for() {
    let mut host = host().await;
    let bytes = fs::read(guests::OBEY).expect("a component");
    fs::remove_file(settings(&host)).expect("removed");
    let mut file = fs::File::create(component(&host)).expect("a file");
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    file.write_all(first).expect("written");
    // The writer pauses until the half of it has been looked at, and refused.
    host.follow().await;
    assert_eq!(
        states(&host).await,
        [("example".to_owned(), "as-before".to_owned())]
    );
    assert_eq!(admitted(&host).await, "example.org");
    file.write_all(rest).expect("written");
    host.follow().await;
    assert_eq!(
        states(&host).await,
        [("example".to_owned(), "loaded".to_owned())]
    );
}

#[tokio::test]
async fn policies_come_and_go_and_are_renamed() {
    let mut host = host().await;
    fs::copy(plugins::ONLY_EXAMPLE_COM, host.folder().join("second.wasm")).expect("written");
    host.follow().await;
    assert_eq!(
        admitted(&host).await,
        "none",
        "each denies the other's domain"
    );

    fs::rename(
        host.folder().join("second.wasm"),
        host.folder().join("third.wasm"),
    )
    .expect("renamed");
    // One goes and one comes, in either order.
    loop {
        let states = states(&host).await;
        let names: Vec<_> = states.iter().map(|(name, _)| name.as_str()).collect();
        if names == ["example", "third"] {
            break;
        }
        host.follow().await;
    }

    fs::remove_file(host.folder().join("third.wasm")).expect("removed");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.org");
    assert!(
        host.log().contains("policy removed policy=third"),
        "{}",
        host.log()
    );
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_followed() {
    let mut host = host().await;
    let folder = host.folder().to_owned();
    let aside = tempfile::tempdir_in(folder.parent().expect("a parent")).expect("a folder");
    fs::rename(&folder, aside.path().join("old")).expect("moved away");
    assert_eq!(admitted(&host).await, "example.org");

    fs::create_dir(&folder).expect("a folder");
    fs::copy(plugins::ONLY_EXAMPLE_COM, folder.join("example.wasm")).expect("written");
    fs::write(folder.join("example.toml"), NET).expect("written");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.net");
    // And what happens in the new one is noticed too.
    fs::write(folder.join("example.toml"), ORG).expect("written");
    host.follow().await;
    assert_eq!(admitted(&host).await, "example.org");
}

#[tokio::test]
async fn many_at_once_are_each_loaded() {
    let mut host = host().await;
    for number in 0..50 {
        let file = host.folder().join(format!("p{number}.wasm"));
        fs::copy(guests::WITHOUT_SDK, file).expect("written");
    }
    while states(&host).await.len() < 51 {
        host.follow().await;
    }
    assert!(
        states(&host)
            .await
            .iter()
            .all(|(_, state)| state == "loaded")
    );
    assert_eq!(loads(&host), 1, "the one that was there is left alone");
}

/// The rest of a call goes by the policies that it began with.
#[tokio::test]
async fn a_call_in_progress_ends_with_the_policies_it_began_with() {
    let mut host = Builder::default()
        .policy("example", guests::SLEEP)
        .config("[policy]\non_failure = 'skip'\n[policy.limits]\ndeadline = '1500ms'")
        .start()
        .await;
    let call = host.begin(&sign_up("a@example.org"));
    let followed = async {
        fs::copy(plugins::ONLY_EXAMPLE_COM, component(&host)).expect("written");
        host.follow().await;
        host
    };
    let (reply, host) = tokio::join!(call, followed);
    assert_eq!(reply.status, 204, "the sleeper was cut off, and skipped");
    assert_eq!(host.call(&sign_up("a@example.org")).await.status, 200);
}
