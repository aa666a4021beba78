//! A call to try, as a line for the shell.

use std::net::SocketAddr;

/// A person who signs up, with an `eventId` that no call had before. Where a
/// secret is asked for, its header is there to be filled in.
pub(super) fn line(address: SocketAddr, hook: &str, secret_header: Option<&str>) -> String {
    let event_id = format!("dev-{:016x}", rand::random::<u64>());
    let call = serde_json::json!({
        "eventId": event_id,
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventType": "com.okta.user.pre-registration",
        "eventTypeVersion": "1.0",
        "cloudEventVersion": "0.1",
        "contentType": "application/json",
        "source": "regdev",
        "requestType": "self.service.registration",
        "data": {
            "context": {
                "request": {
                    "id": "reqdev",
                    "method": "POST",
                    "url": { "value": "/idp/idx/enroll/new" },
                    "ipAddress": "192.0.2.1",
                },
            },
            "userProfile": {
                "firstName": "Rosario",
                "lastName": "Jones",
                "login": "rosario.jones",
                "email": "rosario.jones@example.org",
            },
            "action": "ALLOW",
        },
    });
    let secret = secret_header.map(|name| format!(" -H '{name}: <secret>'"));
    format!(
        "curl -i http://{address}/hooks/{hook} -H 'content-type: application/json'{} -d '{call}'",
        secret.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::okta::{Call, HookType};

    #[test]
    fn the_line_carries_a_call_and_a_fresh_event_id() {
        let address = "127.0.0.1:8080".parse().expect("an address");
        let body = |line: &str| line.split('\'').nth(3).unwrap_or_default().to_owned();
        let line = |header| line(address, "partners", header);
        let (one, two) = (body(&line(None)), body(&line(None)));
        let one = Call::parse(HookType::Registration, one.as_bytes()).expect("a call");
        let two = Call::parse(HookType::Registration, two.as_bytes()).expect("a call");
        assert!(one.event_id().is_some());
        assert_ne!(one.event_id(), two.event_id());
        assert!(line(Some("x-key")).contains("-H 'x-key: <secret>'"));
        assert!(line(None).contains("/hooks/partners "));
    }
}
