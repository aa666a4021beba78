//! Verifies the password of a user who was imported without one, against a table of
//! hashes.
//!
//! A hash is PBKDF2 with HMAC-SHA-256. Whom the table does not name is refused.

use std::collections::{BTreeMap, BTreeSet};

use hookwarden_sdk::password_import::{Call, Decision, Password, is_same_secret};
use hookwarden_sdk::settings::{Problem, Settings};
use serde::Deserialize;
use sha2::Sha256;

/// The least iterations of a hash. Fewer are a mistake, or no protection.
const LEAST_ITERATIONS: u32 = 1_000;

/// The shortest salt, in bytes.
const SHORTEST_SALT: usize = 8;

/// How long a hash is, in bytes.
const HASH: usize = 32;

/// Whose password is right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By the name that the person signs in with. Upper and lower case of ASCII are
    /// alike.
    users: BTreeMap<String, Verifier>,
    /// The most iterations of a hash. Each burns about 12,500 fuel, and the host's
    /// default is to be enough.
    #[serde(default = "most_iterations")]
    most_iterations: u32,
}

fn most_iterations() -> u32 {
    4_000
}

/// What a password is verified with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    iterations: u32,
    salt: Bytes,
    hash: Bytes,
}

/// Bytes, in hexadecimal.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    /// Does not quote the text: it is what a password is guessed from.
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        };
        let bytes: Option<_> = text.as_bytes().chunks(2).map(byte).collect();
        bytes.map(Self).ok_or("not hexadecimal, two digits a byte")
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.users.is_empty() {
            problems.push(Problem::at("users", "must name one user at least"));
        }
        let mut seen = BTreeSet::new();
        for (name, verifier) in &self.users {
            let mut problem = |member: &str, message: String| {
                problems.push(Problem::at(format!("users.{name}{member}"), message));
            };
            if !seen.insert(name.to_ascii_lowercase()) {
                problem("", "differs from another by case only".to_owned());
            }
            let most = self.most_iterations;
            if !(LEAST_ITERATIONS..=most).contains(&verifier.iterations) {
                let message =
                    format!("must be from {LEAST_ITERATIONS} to `most_iterations`: `{most}`");
                problem(".iterations", message);
            }
            if verifier.salt.0.len() < SHORTEST_SALT {
                problem(".salt", format!("must be {SHORTEST_SALT} bytes or more"));
            }
            if verifier.hash.0.len() != HASH {
                problem(".hash", format!("must be {HASH} bytes"));
            }
        }
        match problems.as_slice() {
            [] => Ok(()),
            _ => Err(problems),
        }
    }
}

impl Rule {
    fn verifier(&self, username: &str) -> Option<&Verifier> {
        let mut users = self.users.iter();
        let (_, verifier) = users.find(|(name, _)| name.eq_ignore_ascii_case(username))?;
        Some(verifier)
    }
}

impl Verifier {
    fn accepts(&self, password: Password<'_>) -> bool {
        let mut hash = [0; HASH];
        let (salt, iterations) = (&self.salt.0, self.iterations);
        pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations, &mut hash);
        is_same_secret(&hash, &self.hash.0)
    }
}

/// What the policy has to say about a call.
pub fn decide(call: Call, rule: Rule) -> Decision {
    match rule.verifier(call.username()) {
        Some(verifier) if verifier.accepts(call.password()) => Decision::verified(),
        Some(_) => Decision::unverified().reason("another password"),
        None => Decision::unverified().reason("not in the table"),
    }
}

hookwarden_sdk::export!(password_import = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::password_import::Decision;
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::password_import;

    use super::{Bytes, Rule, Verifier, decide};

    const SALT: &str = "000102030405060708090a0b0c0d0E0F";

    /// PBKDF2-HMAC-SHA-256 of `correct horse`, as Python's `hashlib` makes it.
    const HASH: &str = "836de9733297defe77e6630c60de1bf2b5887851936f54c92d480bc4e7f11c5b";

    fn settings(iterations: u32, salt: &str, hash: &str) -> String {
        let verifier = format!(r#"{{"iterations":{iterations},"salt":"{salt}","hash":"{hash}"}}"#);
        format!(r#"{{"users":{{"Rosario.Jones@example.com":{verifier}}}}}"#)
    }

    fn rule() -> Rule {
        let rule = from_json(&settings(2000, SALT, HASH));
        rule.unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn the_password_of_the_table_is_verified() {
        for name in ["rosario.jones@example.com", "Rosario.Jones@EXAMPLE.com"] {
            let call = password_import(name, "correct horse");
            assert_eq!(decide(call, rule()), Decision::verified(), "{name}");
        }
    }

    #[test]
    fn any_other_password_is_not() {
        for password in [
            "",
            "correct hors",
            "Correct horse",
            "correct horse ",
            "hunter2",
        ] {
            let decision = decide(
                password_import("rosario.jones@example.com", password),
                rule(),
            );
            assert!(!decision.is_verified(), "{password}");
            assert_eq!(decision, Decision::unverified().reason("another password"));
        }
    }

    #[test]
    fn whom_the_table_does_not_name_is_refused() {
        for name in ["", "rosario.jones", "rosario.jones@example.com.evil.org"] {
            let decision = decide(password_import(name, "correct horse"), rule());
            assert_eq!(decision, Decision::unverified().reason("not in the table"));
        }
    }

    #[test]
    fn the_hash_is_pbkdf2() {
        // RFC 7914, section 11.
        let hash = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc";
        let verifier = Verifier {
            iterations: 1,
            salt: Bytes(b"salt".to_vec()),
            hash: Bytes::try_from(hash.to_owned()).expect("hexadecimal"),
        };
        assert!(verifier.accepts(password_import("a", "passwd").password()));
        assert!(!verifier.accepts(password_import("a", "Passwd").password()));
    }

    #[test]
    fn settings_that_protect_nobody_are_refused() {
        for (settings, member) in [
            (settings(999, SALT, HASH), "iterations"),
            (settings(600_000, SALT, HASH), "iterations"),
            (settings(2000, "", HASH), "salt"),
            (settings(2000, &SALT[..14], HASH), "salt"),
            (settings(2000, SALT, &HASH[2..]), "hash"),
            (settings(2000, SALT, &format!("{HASH}00")), "hash"),
        ] {
            let problems = from_json::<Rule>(&settings).err().expect(&settings);
            let path = format!("users.Rosario.Jones@example.com.{member}");
            assert!(format!("{problems:?}").contains(&path), "{problems:?}");
        }
        let many = settings(600_000, SALT, HASH);
        let more = many.replacen('{', r#"{"most_iterations":600000,"#, 1);
        assert!(from_json::<Rule>(&more).is_ok());
        assert!(from_json::<Rule>("{}").is_err());
        assert!(from_json::<Rule>(r#"{"users":{}}"#).is_err());
    }

    #[test]
    fn what_is_not_hexadecimal_is_refused_and_not_quoted() {
        for hash in [&HASH[1..], "+f", "0x", "\u{fc}", "hunter2!"] {
            let problems = from_json::<Rule>(&settings(2000, SALT, hash)).err();
            let problems = format!("{:?}", problems.expect(hash));
            assert!(problems.contains("hash"), "{problems}");
            assert!(!problems.contains(hash), "{problems}");
        }
    }

    #[test]
    fn names_that_differ_by_case_are_one() {
        let one = settings(2000, SALT, HASH);
        let verifier = one.split_once(".com\":").expect("a verifier").1;
        let twice = one.replace(
            "}}}",
            &format!("}},\"rosario.Jones@example.com\":{verifier}"),
        );
        let problems = from_json::<Rule>(&twice).err().expect("a problem");
        assert!(
            format!("{problems:?}").contains("case only"),
            "{problems:?}"
        );
    }
}
