//! The event that a call is about, told from all others by a UUID.
//!
//! The UUID is derived from the call: it is the same whenever Okta repeats it.

use std::fmt::Write;

use hookwarden_sdk::Failure;
use hookwarden_sdk::registration::Call;
use sha2::{Digest, Sha256};

/// What the UUIDs of this policy are derived from besides, so that nobody else's are the
/// same: its own, which is arbitrary.
const NAMESPACE: [u8; 16] = *b"\x9c\x1e\x4f\x02\x6d\x3b\x48\x8a\x87\x55\x0e\x92\xb1\x60\x7d\xc4";

/// The event of a call.
pub(crate) struct Event([u8; 16]);

impl Event {
    /// The event of a call, by its `source` and `eventId`.
    ///
    /// # Errors
    ///
    /// The call has no `eventId`.
    pub(crate) fn of(call: &Call) -> Result<Self, Failure> {
        let event = call.event_id();
        let event = event.ok_or_else(|| Failure::invalid_call("no `eventId`"))?;
        let source = call.source().unwrap_or_default();
        let mut hash = Sha256::new();
        hash.update(NAMESPACE);
        // How long the first is, so that what it ends with is not what the other begins with.
        hash.update(source.len().to_string());
        hash.update([0]);
        hash.update(source);
        hash.update(event);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        // RFC 9562, section 5.8: version 8, of the variant of that document.
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Ok(Self(bytes))
    }

    /// The event's UUID, in lower case with hyphens.
    pub(crate) fn uuid(&self) -> String {
        let mut text = String::with_capacity(36);
        for (position, byte) in self.0.iter().enumerate() {
            if [4, 6, 8, 10].contains(&position) {
                text.push('-');
            }
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use hookwarden_sdk::testing::sign_up_with;

    use super::Event;

    fn uuid(source: &str, event: &str) -> String {
        let call = sign_up_with([("/source", source), ("/eventId", event)]);
        Event::of(&call).expect("an event").uuid()
    }

    #[test]
    fn a_uuid_is_of_version_8_and_stays_what_it_was() {
        assert_eq!(uuid("case", "case"), "095f492b-ade8-82e2-a1ef-fb7368d33944");
        for event in ["", "a", "b", "c", "d", "\u{fc}"] {
            let uuid = uuid("case", event);
            assert_eq!(uuid.len(), 36, "{uuid}");
            assert_eq!(&uuid[14..15], "8", "{uuid}");
            assert!(["8", "9", "a", "b"].contains(&&uuid[19..20]), "{uuid}");
        }
    }

    #[test]
    fn source_and_event_are_two() {
        assert_ne!(uuid("ab", "c"), uuid("a", "bc"));
        assert_ne!(uuid("", "c"), uuid("c", ""));
    }
}
