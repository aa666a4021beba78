//! The machine that the figures are of.

use std::fs;
use std::path::Path;
use std::process::Command;

use bytesize::ByteSize;

/// Names and values, for the head of the report.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    vec![
        ("processor", field("/proc/cpuinfo", "model name")),
        ("cores", cores()),
        ("memory", memory()),
        ("kernel", kernel()),
        ("rustc", rustc()),
        ("profile", profile()),
        ("nice", nice()),
    ]
}

const UNKNOWN: &str = "unknown";

/// The first line of a file in `/proc` that has this name.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim().to_owned())
    });
    value.unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Of the machine: this process may be kept on one of them.
fn cores() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processors = text.lines().filter(|line| line.starts_with("processor"));
    processors.count().to_string()
}

fn memory() -> String {
    let total = field("/proc/meminfo", "MemTotal");
    let bytes = total
        .strip_suffix(" kB")
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .map(ByteSize::kib);
    bytes.map_or(total, |bytes| bytes.to_string())
}

fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease");
    release.map_or_else(|_| UNKNOWN.to_owned(), |release| release.trim().to_owned())
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or_else(
        |_| UNKNOWN.to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// This program is `<target>/<profile>/deps/<name>`.
fn profile() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let profile = program.ancestors().nth(2).and_then(Path::file_name);
    profile.map_or_else(
        || UNKNOWN.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// How far whatever was measured went before others on the machine: the less, the
/// further.
fn nice() -> String {
    let nice = rustix::process::getpriority_process(None);
    nice.map_or_else(|_| UNKNOWN.to_owned(), |nice| nice.to_string())
}
