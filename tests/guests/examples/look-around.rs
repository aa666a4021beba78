//! Denies, and says in its reason what it finds of the world through WASI.

use std::time::{Duration, Instant, SystemTime};

use hookwarden_sdk::registration::{Call, Decision};

fn decide(_call: Call) -> Decision {
    println!("a line of standard output");
    eprint!("an unfinished line of standard error");
    let mut found = Vec::new();
    if std::env::args().count() > 0 {
        found.push("arguments".to_owned());
    }
    if std::env::vars().count() > 0 {
        found.push("environment".to_owned());
    }
    for path in ["/", ".", "/etc/passwd", "policies"] {
        if std::fs::metadata(path).is_ok() || std::fs::read_dir(path).is_ok() {
            found.push(format!("file {path}"));
        }
    }
    if std::fs::write("left-behind", "x").is_ok() {
        found.push("a place to write".to_owned());
    }
    if std::net::TcpStream::connect("127.0.0.1:80").is_ok()
        || std::net::TcpListener::bind("127.0.0.1:0").is_ok()
        || std::net::UdpSocket::bind("127.0.0.1:0").is_ok()
    {
        found.push("network".to_owned());
    }
    let mut input = String::new();
    if std::io::stdin().read_line(&mut input).unwrap_or(0) > 0 {
        found.push("input".to_owned());
    }
    // The wall clock stands still, the other does not.
    let (wall, steady) = (SystemTime::now(), Instant::now());
    std::thread::sleep(Duration::from_millis(2));
    if steady.elapsed() < Duration::from_millis(1) {
        found.push("a clock that stands still".to_owned());
    }
    if SystemTime::now() != wall {
        found.push("a running wall clock".to_owned());
    }
    if wall < SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) {
        found.push("no time at all".to_owned());
    }
    Decision::deny().reason(format!("found: {}", found.join(", ")))
}

hookwarden_sdk::export!(registration = decide);
