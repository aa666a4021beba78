//! Adds a claim to the access tokens of one client, and has no opinion about those of
//! others.
//!
//! A claim that the token has already gets the value of the settings.

use hookwarden_sdk::Failure;
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::token::{Call, Decision, Token};
use serde::Deserialize;

/// Which client gets which claim.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The client's id.
    client: String,
    claim: String,
    value: String,
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        if self.claim.is_empty() || Token::Access.reserves(&self.claim) {
            let message = "must be a claim that Okta does not reserve";
            return Err(vec![Problem::at("claim", message)]);
        }
        Ok(())
    }
}

/// What the policy has to say about a call.
///
/// # Errors
///
/// The call does not say in Okta's form which client it is about.
pub fn decide(call: Call, rule: Rule) -> Result<Decision, Failure> {
    Ok(match call.client_id()? {
        Some(client) if client == rule.client => {
            Decision::set_claim(Token::Access, rule.claim, rule.value).reason("the client")
        }
        _ => Decision::no_opinion(),
    })
}

hookwarden_sdk::export!(token = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::settings::from_json;
    use hookwarden_sdk::testing::token_with;
    use hookwarden_sdk::token::{Call, Decision, Token};

    use super::{Rule, decide};

    fn decide_for_portal(call: Call) -> Decision {
        let rule = from_json(r#"{"client": "portal", "claim": "tenant", "value": "acme"}"#);
        decide(call, rule.expect("settings")).expect("a decision")
    }

    #[test]
    fn the_client_gets_the_claim() {
        let call = token_with([("/data/context/protocol/client/id", "portal")]);
        let claim = Decision::set_claim(Token::Access, "tenant", "acme");
        assert_eq!(decide_for_portal(call), claim.reason("the client"));
    }

    #[test]
    fn others_are_not_its_business() {
        let call = token_with([("/data/context/protocol/client/id", "billing")]);
        assert_eq!(decide_for_portal(call), Decision::no_opinion());
    }

    #[test]
    fn a_claim_of_oktas_own_is_refused() {
        let rule = from_json::<Rule>(r#"{"client": "portal", "claim": "iss", "value": "acme"}"#);
        assert!(rule.is_err());
    }
}
