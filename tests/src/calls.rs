//! The calls that servers are measured by.

use serde_json::{Value, json};

/// Where the hook is that every server has.
pub const PATH: &str = "/hooks/registration";

/// What Okta sends with every call, to servers that ask for it and to others.
pub const HEADERS: &str = "accept: */*\r\naccept-encoding: gzip,deflate\r\nauthorization: Basic aG9vazp3YXJkZW4=\r\nuser-agent: Okta\r\n";

/// The value of its header.
pub const SECRET: &str = "Basic aG9vazp3YXJkZW4=";

/// The body of an ordinary call.
pub const ORDINARY: usize = 1_400;

/// An address that the rule admits.
pub const ADMITTED: &str = "rosario.jones@example.com";
/// An address that it denies.
pub const DENIED: &str = "rosario.jones@example.org";

/// What a form asks for besides the name and the address.
const ATTRIBUTES: [(&str, &str); 13] = [
    ("middleName", "Maria"),
    ("honorificPrefix", "Dr."),
    ("title", "Regional Sales Manager"),
    ("displayName", "Dr. Rosario Maria Jones"),
    ("primaryPhone", "+1 415 555 0143"),
    ("mobilePhone", "+1 415 555 0171"),
    ("streetAddress", "301 Brannan Street, Suite 300"),
    ("city", "San Francisco"),
    ("state", "California"),
    ("zipCode", "94107-1822"),
    ("countryCode", "US"),
    ("preferredLanguage", "en-US"),
    ("timezone", "America/Los_Angeles"),
];

/// A person who signs up with this address, and with so many attributes that the body
/// has about this many bytes.
#[must_use]
pub fn sign_up(email: &str, bytes: usize) -> Value {
    let mut call = crate::sign_up(email);
    let mut length = call.to_string().len();
    let mut add = |name: String, value: &str| {
        // Quotes, colon and comma.
        length += name.len() + value.len() + 6;
        call["data"]["userProfile"][name] = json!(value);
        length < bytes
    };
    let further = (1..).map(|number| {
        let answer = "An answer to one of the questions of a long form.";
        (format!("answer{number:05}"), answer)
    });
    let attributes = ATTRIBUTES.map(|(name, value)| (name.to_owned(), value));
    for (name, value) in attributes.into_iter().chain(further) {
        if !add(name, value) {
            break;
        }
    }
    call
}
