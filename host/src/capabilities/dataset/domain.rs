//! Domains, as entries and as values.
//!
//! A value is held to the same rules as an entry: `evil.example/.example.com`
//! ends like a sub-domain and is none.

/// The most characters of a name.
const NAME: usize = 253;

/// The most characters of a label.
const LABEL: usize = 63;

/// The domain that a text is, without a dot at its end.
pub(super) fn parse(text: &str) -> Option<&str> {
    let name = text.strip_suffix('.').unwrap_or(text);
    // A character has at most four bytes.
    let short = name.len() <= NAME || name.len() <= NAME * 4 && name.chars().count() <= NAME;
    if !short || !name.split('.').all(is_label) {
        return None;
    }
    // No top-level domain is a number; an address ends in one.
    let top = name.rsplit('.').next()?;
    (!top.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

fn is_label(label: &str) -> bool {
    let ascii = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if label.is_ascii() {
        return (1..=LABEL).contains(&label.len()) && label.bytes().all(ascii);
    }
    label.chars().count() <= LABEL
        && label
            .chars()
            .all(|character| match u8::try_from(character) {
                Ok(byte) if byte.is_ascii() => ascii(byte),
                _ => is_foreign(character),
            })
}

/// Characters beyond ASCII, save those that no name has. Some of them are read as
/// dots, and a name with them has other labels than it seems to have.
fn is_foreign(character: char) -> bool {
    let dot = matches!(character, '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
    !dot && !character.is_whitespace() && !character.is_control()
}

/// A domain and those above it, the longest first.
pub(super) fn upwards(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(name), |name| {
        let dot = name.iter().position(|byte| *byte == b'.')?;
        Some(&name[dot + 1..])
    })
}

#[cfg(test)]
mod tests {
    use super::{parse, upwards};

    #[test]
    fn domains_are_told_from_other_texts() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        assert_eq!(longest.len(), 253);
        for domain in [
            "com",
            "example.com",
            "EXAMPLE.com",
            "_dmarc.example.com",
            "a--b.example",
            "3com.example",
            "1.2.3.4.in-addr.arpa",
            "xn--mnchen-3ya.example",
            "münchen.example",
            "例え.テスト",
            &longest,
        ] {
            assert_eq!(parse(domain), Some(domain));
            assert_eq!(parse(&format!("{domain}.")), Some(domain));
        }
        for other in [
            "",
            ".",
            "..",
            ".example.com",
            "example..com",
            "example.com..",
            "*.example.com",
            "@example.com",
            "jane@example.com",
            "https://example.com",
            "example.com/",
            "example.com:443",
            "evil.example/.example.com",
            "evil.example?.example.com",
            "example.com ",
            "exa mple.com",
            "exa\0mple.com",
            "exa\u{a0}mple.com",
            "example。com",
            "192.0.2.1",
            "10",
            "[2001:db8::1]",
            &format!("{label}a.com"),
            &format!("a{longest}"),
            &format!("{longest}b"),
            &format!("{longest}b."),
            &format!("{longest}.a"),
            &"é".repeat(64),
            &"é.".repeat(128),
            &"a.".repeat(100_000),
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn above_a_domain_are_its_suffixes_at_dots() {
        let above: Vec<&[u8]> = upwards(b"a.bc.d").collect();
        assert_eq!(above, [&b"a.bc.d"[..], b"bc.d", b"d"]);
    }
}
