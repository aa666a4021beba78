//! E-mail addresses and domains.
//!
//! A rule about a domain must compare the domain, and nothing else:
//! `address.contains("example.com")` admits `a@example.com.evil.org`, and
//! `address.ends_with("example.com")` admits `a@notexample.com`. Parsing is
//! left to the `email_address` crate, which follows RFC 5322 and knows quoted
//! local parts such as `"x@example.com"@evil.org`.

use email_address::{EmailAddress, Options};

/// The domain of an e-mail address in the form that domains are compared in;
/// `None` if the text is not one address.
///
/// The form is that of [`normalize_domain`]. Addresses with a display name
/// (`Rosario <r@example.com>`), with a domain literal (`r@[192.0.2.1]`) and
/// with a domain of one label (`r@localhost`) are no addresses a person can
/// register with: `None`.
///
/// ```
/// use hookwarden_sdk::email::domain;
///
/// assert_eq!(domain("a@Example.COM").as_deref(), Some("example.com"));
/// assert_eq!(domain(r#""x@example.com"@evil.org"#).as_deref(), Some("evil.org"));
/// assert_eq!(domain("nobody"), None);
/// ```
#[must_use]
pub fn domain(address: &str) -> Option<String> {
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    let parsed = EmailAddress::parse_with_options(address, options).ok()?;
    // The parser takes an empty display name for none: ` <a@example.com>`.
    if !address.ends_with(parsed.domain()) || address.starts_with(char::is_whitespace) {
        return None;
    }
    normalize_domain(parsed.domain())
}

/// A domain in the form that domains are compared in; `None` if it is none.
///
/// Without the feature `idn`, that is ASCII in lower case, and a domain in any
/// other script stays as it is written. So look-alikes from other alphabets
/// never equal an ASCII domain, but `bücher.example` does not equal its own
/// `xn--bcher-kva.example`. With the feature, the form is the IDNA A-label
/// (UTS #46), and they are equal; so are other ways of writing the same letters,
/// such as full-width ones, which a mail system takes for the same domain too.
///
/// ```
/// use hookwarden_sdk::email::normalize_domain;
///
/// assert_eq!(normalize_domain("Example.COM").as_deref(), Some("example.com"));
/// assert_eq!(normalize_domain("no domain"), None);
/// ```
#[must_use]
pub fn normalize_domain(domain: &str) -> Option<String> {
    #[cfg(feature = "idn")]
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL)
        .ok()?
        .into_owned();
    #[cfg(not(feature = "idn"))]
    let domain = domain.to_ascii_lowercase();

    let is_legal = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || !byte.is_ascii();
    let is_label = |label: &[u8]| match label {
        [] | [b'-', ..] | [.., b'-'] => false,
        label => label.iter().all(is_legal),
    };
    let mut labels = domain.as_bytes().split(|byte| *byte == b'.');
    labels.all(is_label).then_some(domain)
}

/// Whether two domains are the same one. What is no domain is never the same.
///
/// ```
/// use hookwarden_sdk::email::is_same_domain;
///
/// assert!(is_same_domain("example.com", "Example.COM"));
/// assert!(!is_same_domain("example.com", "sub.example.com"));
/// assert!(!is_same_domain("", ""));
/// ```
#[must_use]
pub fn is_same_domain(one: &str, other: &str) -> bool {
    match (normalize_domain(one), normalize_domain(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{domain, normalize_domain};

    #[test]
    fn the_domain_is_what_follows_the_address_and_nothing_else() {
        for (address, expected) in [
            ("rosario.jones@example.com", Some("example.com")),
            ("a@EXAMPLE.COM", Some("example.com")),
            ("a+tag@example.com", Some("example.com")),
            ("a@sub.example.com", Some("sub.example.com")),
            ("a@example.com.evil.com", Some("example.com.evil.com")),
            ("a@notexample.com", Some("notexample.com")),
            (r#""x@example.com"@evil.io"#, Some("evil.io")),
            ("nobody", None),
            ("", None),
            ("@example.com", None),
            ("a@", None),
            ("a@@example.com", None),
            ("a@evil.com@example.com", None),
            ("a@example.com,b@evil.com", None),
            ("a@example.com b@evil.com", None),
            ("a@evil.com\u{0}@example.com", None),
            ("Rosario <a@example.com>", None),
            (" <a@example.com>", None),
            ("  <a@example.com> ", None),
            ("<a@example.com>", None),
            (" a@example.com", None),
            ("a@example.com ", None),
            ("a@[192.0.2.1]", None),
            ("a@localhost", None),
            ("a@example.com.", None),
            ("a@-example.com", None),
            ("a@example.com\n", None),
        ] {
            assert_eq!(domain(address).as_deref(), expected, "{address:?}");
        }
    }

    #[test]
    fn a_look_alike_is_another_domain() {
        let cyrillic = domain("a@ex\u{430}mple.com");
        assert_ne!(cyrillic.as_deref(), Some("example.com"));
        assert!(cyrillic.is_some());
    }

    #[cfg(feature = "idn")]
    #[test]
    fn both_spellings_of_an_international_domain_are_equal() {
        let ascii = Some("xn--bcher-kva.example".to_owned());
        assert_eq!(normalize_domain("B\u{fc}cher.example"), ascii);
        assert_eq!(normalize_domain("xn--bcher-kva.example"), ascii);
        assert_eq!(domain("a@b\u{fc}cher.example"), ascii);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in ["", ".", "a..b", "-a.example", "a b.example", "a@b.example"] {
            assert_eq!(normalize_domain(text), None, "{text:?}");
        }
    }
}
