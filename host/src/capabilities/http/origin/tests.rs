//! What is read as an origin, and what only looks like an allowed one.

use super::*;

fn origin(text: &str) -> Origin {
    text.parse().expect("an origin")
}

fn allowed(allowed: &str, uri: &str) -> bool {
    let origins: Origins = [origin(allowed)].into_iter().collect();
    uri.parse::<Uri>()
        .is_ok_and(|uri| origins.allows(&uri).is_some())
}

#[test]
fn an_origin_is_printed_as_it_is_written() {
    for text in [
        "https://crm.example.com",
        "http://crm.example.com:8080",
        "https://crm.example.com:80",
        "http://10.1.2.3:8080",
        "https://[2001:db8::1]",
        "https://[2001:db8::1]:8443",
        "http://crm_1",
        "https://xn--bcher-kva.example",
    ] {
        assert_eq!(origin(text).to_string(), text);
    }
}

#[test]
fn spellings_of_one_origin_are_equal() {
    let same = [
        "https://example.com",
        "HTTPS://EXAMPLE.com.",
        "https://example.com:443",
    ];
    for text in same {
        assert_eq!(origin(text), origin("https://example.com"), "{text}");
    }
    assert_eq!(
        origin("https://[2001:DB8:0::1]:443"),
        origin("https://[2001:db8::1]")
    );
    assert_eq!(origin("http://10.1.2.3."), origin("http://10.1.2.3:80"));
}

#[test]
fn what_is_no_origin_is_refused_with_the_fix() {
    use OriginError as E;
    let host = |host: &str| E::Host { host: host.into() };
    let number = |host: &str| E::Number { host: host.into() };
    let port = |port: &str| E::Port { port: port.into() };
    let address = |address: &str| E::Address {
        address: address.parse().expect("an address"),
    };
    for (text, error) in [
        ("", E::Scheme),
        ("crm.example.com", E::Scheme),
        ("ftp://crm.example.com", E::Scheme),
        ("https:/crm.example.com", E::Scheme),
        ("https://", host("")),
        ("https://crm.example.com/", E::Path),
        ("https://crm.example.com/v1", E::Path),
        ("https://crm.example.com?a=b", E::Path),
        ("https://crm.example.com#a", E::Path),
        ("https://crm.example.com\\a", E::Path),
        ("https://me:secret@crm.example.com", E::UserInformation),
        ("https://me:secret@crm.example.com/a", E::UserInformation),
        ("https://*.example.com", E::Wildcard),
        ("https://*", E::Wildcard),
        ("https://bücher.example", E::NotAscii),
        ("https://crm.example.com:", port("")),
        ("https://crm.example.com:0", port("0")),
        ("https://crm.example.com:+80", port("+80")),
        ("https://crm.example.com:65536", port("65536")),
        ("https://crm..example.com", host("crm..example.com")),
        ("https://crm.example.com..", host("crm.example.com..")),
        ("https://.", host(".")),
        ("https://crm example.com", host("crm example.com")),
        ("https://crm%2eexample.com", host("crm%2eexample.com")),
        ("https://2001:db8::1", host("2001:db8::1")),
        ("https://[2001:db8::1", host("[2001:db8::1")),
        ("https://[2001:db8::1]a", host("[2001:db8::1]a")),
        ("https://[fe80::1%25eth0]", host("[fe80::1%25eth0]")),
        ("https://[crm.example.com]", host("[crm.example.com]")),
        ("http://127.1", number("127.1")),
        ("http://2130706433", number("2130706433")),
        ("http://0x7f000001", number("0x7f000001")),
        ("http://0x7f.1", number("0x7f.1")),
        ("http://127.0.0.0x1", number("127.0.0.0x1")),
        ("http://127.0.0.0X", number("127.0.0.0X")),
        ("http://0177.0.0.1", number("0177.0.0.1")),
        ("http://256.0.0.1", number("256.0.0.1")),
        ("http://1.2.3.4.5", number("1.2.3.4.5")),
        ("http://0.0.0.0", address("0.0.0.0")),
        ("http://[::]", address("::")),
        ("http://224.0.0.1", address("224.0.0.1")),
        ("http://255.255.255.255", address("255.255.255.255")),
        ("http://[ff02::1]", address("ff02::1")),
        ("http://[::ffff:7f00:1]", address("::ffff:7f00:1")),
    ] {
        assert_eq!(text.parse::<Origin>(), Err(error), "{text}");
    }
    let long = format!("https://{}.example", "a".repeat(64));
    assert!(long.parse::<Origin>().is_err());
    let long = format!("https://{}example", "a.".repeat(124));
    assert!(long.parse::<Origin>().is_err());
}

#[test]
fn an_error_repeats_no_secret() {
    for text in ["https://me:secret@crm", "https://crm/secret", "secret"] {
        let error = text.parse::<Origin>().expect_err("not an origin");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn origins_are_read_from_strings() {
    let origins: Origins =
        serde_json::from_str(r#"["https://a.example", "https://A.example:443"]"#)
            .expect("two spellings");
    assert_eq!(origins, [origin("https://a.example")].into_iter().collect());
    assert!(!origins.is_empty());
    serde_json::from_str::<Origins>(r#"["https://a.example/"]"#).expect_err("has a path");
}

#[test]
fn a_request_to_an_allowed_origin_is_allowed() {
    for uri in [
        "https://crm.example.com",
        "https://crm.example.com/",
        "https://crm.example.com/v1?a=b",
        "HTTPS://CRM.Example.COM/",
        "https://crm.example.com./",
        "https://crm.example.com:443/",
    ] {
        assert!(allowed("https://crm.example.com", uri), "{uri}");
    }
    assert!(allowed("http://10.1.2.3:8080", "http://10.1.2.3:8080/a"));
    assert!(allowed(
        "http://[2001:db8::1]",
        "http://[2001:DB8::0:1]:80/"
    ));
}

#[test]
fn a_request_to_anything_else_is_not() {
    for uri in [
        "/",
        "crm.example.com",
        "crm.example.com:443",
        "http://crm.example.com/",
        "http://crm.example.com:443/",
        "ftp://crm.example.com/",
        "wss://crm.example.com/",
        "https://crm.example.com:80/",
        "https://crm.example.com:/",
        "https://crm.example.com..",
        "https://evil.crm.example.com/",
        "https://example.com/",
        "https://crm.example.com.evil/",
        "https://crm.example.comevil/",
        "https://crm.example.com@evil/",
        "https://crm.example.com:443@evil/",
        "https://evil@crm.example.com/",
        "https://@crm.example.com/",
        "https://evil\\@crm.example.com/",
        "https://crm.example.com\\@evil/",
        "https://crm.example.com%2f@evil/",
        "https://crm%2eexample.com/",
        "https://crm.example.com%00/",
        "https://crm.example.com%00.evil/",
        "https://evil/https://crm.example.com/",
        "https://evil?https://crm.example.com",
        "https://evil#@crm.example.com",
    ] {
        assert!(!allowed("https://crm.example.com", uri), "{uri}");
    }
}

#[test]
fn an_address_is_not_found_under_another_spelling() {
    for uri in [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1.nip.io/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0/",
        "http://0.0.0.0/",
        "http://127.0.0.1@evil/",
        "http://%31%32%37.0.0.1/",
    ] {
        assert!(!allowed("http://127.0.0.1", uri), "{uri}");
    }
}

#[test]
fn nothing_is_allowed_by_nobody() {
    let origins = Origins::default();
    assert!(origins.is_empty());
    assert_eq!(
        origins.allows(&Uri::from_static("https://a.example/")),
        None
    );
}
