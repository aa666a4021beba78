//! What a call carries and nobody may keep: a password, a one-time code, a session, a
//! claim. Policies that fail, log and panic with it do not get it anywhere.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use hookwarden::okta::HookType;
use memchr::memmem;
use serde_json::{Value, json};
use tests::{guests, samples};

use crate::process::{Process, log_until, ports_of_its_own, prepare};

/// Where the secrets of each hook's calls are.
const PLACES: [(HookType, &[&str]); 6] = [
    (HookType::Registration, &["/data/userProfile/email"]),
    (
        HookType::Token,
        &[
            "/data/context/session/id",
            "/data/context/protocol/request/state",
            "/data/identity/claims/name",
            "/data/refresh_token/jti",
        ],
    ),
    (
        HookType::Saml,
        &[
            "/data/context/session/id",
            "/data/assertion/claims/memberNumber/attributeValues/0/value",
        ],
    ),
    (HookType::UserImport, &["/data/user/profile/email"]),
    (
        HookType::PasswordImport,
        &["/data/context/credential/password"],
    ),
    (
        HookType::Telephony,
        &[
            "/data/messageProfile/otpCode",
            "/data/messageProfile/phoneNumber",
        ],
    ),
];

/// A text that is nowhere else.
fn secret() -> String {
    let random: [u64; 3] = std::array::from_fn(|_| rand::random());
    format!("{:016x}{:016x}{:016x}", random[0], random[1], random[2])
}

/// A call with these in its places.
fn call(hook_type: HookType, places: &[&str], secret: &str) -> Value {
    let mut call = samples::call(hook_type);
    for place in places {
        let value = call.pointer_mut(place);
        *value.unwrap_or_else(|| panic!("no {place}")) = json!(secret);
    }
    call
}

/// Sends a call; the whole response, once the host has closed the connection. One that
/// carried a password or a code it closes by itself.
fn send(process: &Process, hook_type: HookType, call: &Value) -> String {
    let closes = hook_type.carries_secret();
    let headers = if closes { "" } else { "connection: close\r\n" };
    let (head, body) = process.post(hook_type.name(), headers, &call.to_string());
    assert!(head.contains("\r\nconnection: close"), "{head}");
    format!("{head}\r\n\r\n{body}")
}

/// A host whose chains are a policy that fails, one that logs, one that panics and one
/// that decides.
fn host() -> Process {
    let config = ports_of_its_own("") + "[log]\nlevel = 'debug'\n[policy]\non_failure = 'skip'\n";
    let (folder, command) = prepare(&config);
    let policies = folder.path().join("policies");
    fs::remove_file(policies.join("only-example-com.wasm")).expect("removed");
    for (name, component) in [
        ("a-fails", guests::RETURN_FAILURE),
        ("b-logs", guests::TELL_EVERYTHING),
        ("c-panics", guests::PANIC_WITH_THE_ADDRESS),
        ("d-decides", guests::OBEY),
    ] {
        let file = policies.join(format!("{name}.wasm"));
        fs::copy(component, file).expect("a component");
    }
    Process::run(folder, command)
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if memmem::find(&fs::read(&path).unwrap_or_default(), text.as_bytes()).is_some()
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn reach_no_log_no_answer_and_no_file() {
    for (hook_type, places) in PLACES {
        let mut process = host();
        let secret = secret();
        let call = call(hook_type, places, &secret);
        let response = send(&process, hook_type, &call);
        assert!(response.starts_with("HTTP/1.1 20"), "{response}");
        // What is said of a body that is no call.
        let mut wrong = call.clone();
        wrong["data"] = json!([secret]);
        let refused = send(&process, hook_type, &wrong);
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");

        let mut said = std::mem::take(&mut process.said);
        said.push_str(&log_until(&mut process.log, "call answered"));
        for text in [
            &said,
            &response,
            &refused,
            &process.get("/policies").1,
            &process.get("/metrics").1,
            &process.get("/readyz").1,
        ] {
            assert!(!text.contains(&secret), "{hook_type}: {text}");
        }
        for policy in ["a-fails", "b-logs", "c-panics"] {
            assert!(
                said.contains(&format!("policy={policy} error.type")),
                "{said}"
            );
        }
        assert!(said.contains("d-decides"), "{said}");
        let files = files_with(process.folder(), &secret);
        assert!(files.is_empty(), "{hook_type}: {files:?}");
    }
}

/// What is in the memory of a process: every page that is there, but for those of files.
fn memory(process: u32) -> Vec<Vec<u8>> {
    const PAGE: u64 = 4096;
    let file = |name: &str| format!("/proc/{process}/{name}");
    let maps = fs::read_to_string(file("maps")).expect("the maps");
    let memory = fs::File::open(file("mem")).expect("the memory of a child");
    let pages = fs::File::open(file("pagemap")).expect("the pages of a child");
    let mut regions = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').expect("a range");
        if !rest.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("a range");
        let address = |text| u64::from_str_radix(text, 16).expect("an address");
        let (start, end) = (address(start), address(end));
        let number = (end - start) / PAGE;
        let mut entries = vec![0; usize::try_from(number).expect("a size") * 8];
        if pages.read_exact_at(&mut entries, start / PAGE * 8).is_err() {
            continue;
        }
        let mut region = Vec::new();
        for (entry, page) in entries.chunks_exact(8).zip(0..number) {
            let entry = u64::from_ne_bytes(entry.try_into().expect("eight bytes"));
            // In memory, or swapped out.
            if entry >> 62 == 0 {
                continue;
            }
            let mut bytes = [0; PAGE as usize];
            if memory
                .read_exact_at(&mut bytes, start + page * PAGE)
                .is_ok()
            {
                region.extend_from_slice(&bytes);
            }
        }
        regions.push(region);
    }
    regions
}

fn is_in(memory: &[Vec<u8>], text: &str) -> bool {
    let finder = memmem::Finder::new(text);
    memory.iter().any(|region| finder.find(region).is_some())
}

#[test]
fn a_password_and_a_code_are_in_no_memory_after_their_calls() {
    let mut process = host();
    for (hook_type, places) in PLACES {
        if !hook_type.carries_secret() {
            continue;
        }
        let secrets: Vec<_> = (0..20).map(|_| secret()).collect();
        for secret in &secrets {
            let call = call(hook_type, places, secret);
            let response = send(&process, hook_type, &call);
            assert!(response.starts_with("HTTP/1.1 20"), "{response}");
            log_until(&mut process.log, "call answered");
        }
        let memory = memory(process.child.id());
        assert!(is_in(&memory, "b-logs"), "what is there is found");
        for secret in &secrets {
            for part in [&secret[..16], &secret[16..32], &secret[32..]] {
                assert!(!is_in(&memory, part), "{hook_type}");
            }
        }
    }
}
