//! Adds an attribute to the SAML assertion of users whose login is in a configured
//! domain, and has no opinion about others.
//!
//! The domain is compared whole: neither sub-domains nor domains that end alike are
//! meant. An attribute of the same name that the assertion has already is replaced.

use std::collections::BTreeMap;

use hookwarden_sdk::saml::{Attribute, Call, Decision, NameFormat, User};
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::{Failure, email};
use serde::Deserialize;

/// Which attribute has which value for which domain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    attribute: String,
    #[serde(default)]
    format: Format,
    /// The values by domain.
    domains: BTreeMap<String, String>,
}

/// How the attribute's name is to be read.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Basic,
    #[default]
    Unspecified,
    Uri,
}

impl From<Format> for NameFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Basic => Self::Basic,
            Format::Unspecified => Self::Unspecified,
            Format::Uri => Self::Uri,
        }
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        if self.attribute.trim().is_empty() {
            problems.push(Problem::at("attribute", "must be the attribute's name"));
        }
        if self.domains.is_empty() {
            problems.push(Problem::at("domains", "must name one domain"));
        }
        for (domain, value) in &self.domains {
            let mut problem = |message| {
                problems.push(Problem::at(format!("domains.{domain}"), message));
            };
            // As the domain of a login, because that is what it is compared with.
            if email::domain(&format!("x@{domain}")).is_none() {
                problem(format!("`{domain}` is not a domain such as `example.com`"));
            }
            let is_same = |other: &&String| email::is_same_domain(other, domain);
            if self.domains.keys().filter(is_same).count() > 1 {
                problem("the same domain has several values".to_owned());
            }
            if value.trim().is_empty() {
                problem("must be the attribute's value".to_owned());
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call does not say in Okta's form which user it is about.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    let profile = call.user()?.and_then(User::profile);
    let login = profile.and_then(|profile| profile.text("login"));
    let Some(domain) = login.and_then(email::domain) else {
        return Ok(Decision::no_opinion());
    };
    let mut domains = rule.domains.into_iter();
    let found = domains.find(|(configured, _)| email::is_same_domain(&domain, configured));
    Ok(match found {
        Some((_, value)) => {
            let attribute = Attribute::text(value).format(rule.format.into());
            Decision::set_attribute(rule.attribute, attribute)
        }
        None => Decision::no_opinion(),
    })
}

hookwarden_sdk::export!(saml = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::saml::{Attribute, Call, Decision, NameFormat};
    use hookwarden_sdk::settings::{self, Problem};
    use hookwarden_sdk::testing::{saml, saml_with};

    use super::{Rule, decide};

    fn rule(json: &str) -> Result<Rule, Vec<Problem>> {
        settings::from_json(json)
    }

    fn decide_by_company(call: Call) -> Decision {
        let rule = rule(
            r#"{
                "attribute": "company",
                "format": "basic",
                "domains": {"Example.com": "Example", "partner.example": "Partner"}
            }"#,
        );
        decide(call, rule.expect("legal settings")).expect("a decision")
    }

    fn with_login(login: &'static str) -> Call {
        saml_with([("/data/context/user/profile/login", login)])
    }

    fn company(value: &str) -> Decision {
        let attribute = Attribute::text(value).format(NameFormat::Basic);
        Decision::set_attribute("company", attribute)
    }

    #[test]
    fn the_domain_of_the_login_chooses_the_value() {
        assert_eq!(decide_by_company(saml()), company("Example"));
        let partner = with_login("A@PARTNER.example");
        assert_eq!(decide_by_company(partner), company("Partner"));
    }

    #[test]
    fn others_are_not_its_business() {
        for login in [
            "a@sub.example.com",
            "a@notexample.com",
            r#""x@example.com"@evil.example"#,
            "example.com",
            "",
        ] {
            let decision = decide_by_company(with_login(login));
            assert_eq!(decision, Decision::no_opinion(), "{login}");
        }
        let nobody = saml_with([("/data/context/user", ())]);
        assert_eq!(decide_by_company(nobody), Decision::no_opinion());
    }

    #[test]
    fn a_user_in_another_form_is_a_failure() {
        let call = saml_with([("/data/context/user", "rjones")]);
        let rule = rule(r#"{"attribute": "a", "domains": {"example.com": "b"}}"#);
        assert!(decide(call, rule.expect("legal settings")).is_err());
    }

    #[test]
    fn settings_that_could_not_be_meant_are_refused() {
        for (json, problems) in [
            (
                r#"{"attribute": " ", "domains": {}}"#,
                [
                    ("attribute", "must be the attribute's name"),
                    ("domains", "must name one domain"),
                ],
            ),
            (
                r#"{"attribute": "a", "domains": {"no domain": "b", "example.com": ""}}"#,
                [
                    ("domains.example.com", "must be the attribute's value"),
                    (
                        "domains.no domain",
                        "`no domain` is not a domain such as `example.com`",
                    ),
                ],
            ),
            (
                r#"{"attribute": "a", "domains": {"EXAMPLE.com": "b", "example.com": "c"}}"#,
                [
                    ("domains.EXAMPLE.com", "the same domain has several values"),
                    ("domains.example.com", "the same domain has several values"),
                ],
            ),
        ] {
            let expected = problems.map(|(path, message)| Problem::at(path, message));
            assert_eq!(rule(json).expect_err("illegal settings"), expected);
        }
        assert!(rule(r#"{"attribute": "a", "domains": {}, "format": "URI"}"#).is_err());
    }
}
