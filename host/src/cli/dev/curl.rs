//! A call to try, as a line for the shell.

use std::net::SocketAddr;

use crate::cli::sample::fresh_event_id;
use crate::hook::Hook;
use crate::okta::sample;

/// A call of a hook, with an `eventId` that no call had before. Where a secret is asked
/// for, its header is there to be filled in.
pub(super) fn line(address: SocketAddr, hook: &Hook, secret_header: Option<&str>) -> String {
    let call = sample(hook.hook_type, &fresh_event_id());
    let secret = secret_header.map(|name| format!(" -H '{name}: <secret>'"));
    format!(
        "curl -i http://{address}/hooks/{} -H 'content-type: application/json'{} -d '{call}'",
        hook.name,
        secret.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::line;
    use crate::hook::{Config, Hook};
    use crate::okta::{Call, HookType, merge};

    #[test]
    fn the_line_carries_a_call_of_the_hook_and_a_fresh_event_id() {
        let address = "127.0.0.1:8080".parse().expect("an address");
        for hook_type in HookType::served() {
            let config = Config {
                deadline: Duration::from_secs(1),
                failure_text: String::new(),
                policies: Vec::new(),
            };
            let hook = Hook {
                name: "partners".into(),
                hook_type,
                config,
                chain: Vec::new(),
            };
            let body = |line: &str| line.split('\'').nth(3).unwrap_or_default().to_owned();
            let line = |header| line(address, &hook, header);
            let calls = [body(&line(None)), body(&line(None))];
            let [one, two] = calls.map(|body| {
                let call = Call::parse(hook_type, body.as_bytes()).expect("a call");
                assert!(merge(&call).is_ok(), "{body}");
                call
            });
            assert!(one.event_id().is_some());
            assert_ne!(one.event_id(), two.event_id());
            assert!(line(Some("x-key")).contains("-H 'x-key: <secret>'"));
            assert!(line(None).contains("/hooks/partners "));
        }
    }
}
