//! Express 5 with the same rule, in JavaScript: what an author of a hook would
//! otherwise write.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::server::Server;

const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("express/package.json")),
    (
        "package-lock.json",
        include_str!("express/package-lock.json"),
    ),
    ("server.js", include_str!("express/server.js")),
];

/// Starts it from a folder that is kept; why not, if it cannot be had.
pub(crate) fn start(folder: &Path) -> Result<Server, &'static str> {
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|node| node.status.success()) {
        return Err("there is no Node.js");
    }
    fs::create_dir_all(folder).expect("a folder");
    let (lock, wanted) = FILES[1];
    let installed = folder.join("installed");
    for (name, text) in FILES {
        fs::write(folder.join(name), text).expect("written");
    }
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(spawn(folder));
    }
    let npm = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    if !npm.is_ok_and(|npm| npm.success()) {
        return Err("`npm ci` failed");
    }
    fs::copy(folder.join(lock), installed).expect("written");
    Ok(spawn(folder))
}

fn spawn(folder: &Path) -> Server {
    let mut command = Command::new("env");
    command.args(["NODE_ENV=production", "node", "server.js"]);
    Server::spawn(command, folder, " listening=")
}
