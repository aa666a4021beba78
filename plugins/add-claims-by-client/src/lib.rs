//! Adds claims to the tokens of configured clients, and has no opinion about the
//! tokens of others.
//!
//! A claim that a token has already gets the configured value. A token that is not
//! minted in a call is left alone.

use std::collections::BTreeMap;

use hookwarden_sdk::Failure;
use hookwarden_sdk::settings::{Problem, Settings};
use hookwarden_sdk::token::{Call, Decision, Token};
use serde::Deserialize;
use serde_json::Value;

/// Which clients get which claims.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// By client id.
    clients: BTreeMap<String, Claims>,
}

/// The claims of one client's tokens.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Claims {
    access_token: BTreeMap<String, Value>,
    id_token: BTreeMap<String, Value>,
}

impl Claims {
    fn tokens(self) -> [(Token, BTreeMap<String, Value>); 2] {
        [
            (Token::Access, self.access_token),
            (Token::Id, self.id_token),
        ]
    }
}

impl Settings for Rule {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        for (client, claims) in &self.clients {
            if claims.access_token.is_empty() && claims.id_token.is_empty() {
                problems.push(Problem::at(
                    format!("clients.{client}"),
                    "must name a claim, in `access_token` or in `id_token`",
                ));
            }
            for (token, member, claims) in [
                (Token::Access, "access_token", &claims.access_token),
                (Token::Id, "id_token", &claims.id_token),
            ] {
                problems.extend(claims.keys().filter_map(|claim| {
                    let message = match claim.as_str() {
                        "" => "a claim must have a name".to_owned(),
                        claim if token.reserves(claim) => {
                            format!("`{claim}` is reserved by Okta in the {token}")
                        }
                        _ => return None,
                    };
                    let path = format!("clients.{client}.{member}.{claim}");
                    Some(Problem::at(path, message))
                }));
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
/// The call does not say in Okta's form which client it is about.
pub fn decide(call: Call, mut rule: Rule) -> Result<Decision, Failure> {
    let claims = call.client_id()?.and_then(|id| rule.clients.remove(id));
    let tokens = claims.unwrap_or_default().tokens().into_iter();
    Ok(
        tokens.fold(Decision::no_opinion(), |decision, (token, claims)| {
            decision.and_patch(token, claims.into_iter().collect())
        }),
    )
}

hookwarden_sdk::export!(token = decide, settings = Rule);

#[cfg(test)]
mod tests {
    use hookwarden_sdk::settings::{self, Problem};
    use hookwarden_sdk::testing::{token, token_with};
    use hookwarden_sdk::token::{Call, Decision, Token};
    use serde_json::{Value, json};

    use super::{Rule, decide};

    fn rule(settings: &Value) -> Result<Rule, Vec<Problem>> {
        settings::from_json(&settings.to_string())
    }

    fn decide_by(settings: &Value, call: Call) -> Decision {
        let rule = rule(settings).expect("legal settings");
        decide(call, rule).expect("a decision")
    }

    #[test]
    fn a_configured_client_gets_its_claims() {
        let settings = json!({"clients": {
            "portal": {
                "access_token": {"tenant": "acme", "limits": {"rows": 100}},
                "id_token": {"https://id.example.com/plan": "gold"},
            },
            "billing": {"access_token": {"tenant": "other"}},
        }});
        assert_eq!(
            decide_by(&settings, token()),
            Decision::set_claim(Token::Access, "limits", json!({"rows": 100}))
                .and_set_claim(Token::Access, "tenant", "acme")
                .and_set_claim(Token::Id, "https://id.example.com/plan", "gold")
        );
    }

    #[test]
    fn other_clients_are_not_its_business() {
        let settings = json!({"clients": {"portal": {"access_token": {"tenant": "acme"}}}});
        for client in [json!("Portal"), json!("portal "), Value::Null] {
            let call = token_with([("/data/context/protocol/client/id", client)]);
            assert_eq!(decide_by(&settings, call), Decision::no_opinion());
        }
    }

    #[test]
    fn a_client_in_another_form_is_a_failure() {
        let settings = json!({"clients": {"portal": {"access_token": {"tenant": "acme"}}}});
        let call = token_with([("/data/context/protocol/client", "portal")]);
        let rule = rule(&settings).expect("legal settings");
        assert!(decide(call, rule).is_err());
    }

    #[test]
    fn claims_that_okta_reserves_are_refused_when_the_policy_is_loaded() {
        let settings = json!({"clients": {
            "portal": {
                "access_token": {"aud": "api://own", "scp": "all", "": 1},
                "id_token": {"aud": "own"},
            },
            "nothing": {},
        }});
        let problems = rule(&settings).expect_err("illegal settings");
        assert_eq!(
            problems,
            [
                Problem::at(
                    "clients.nothing",
                    "must name a claim, in `access_token` or in `id_token`"
                ),
                Problem::at("clients.portal.access_token.", "a claim must have a name"),
                Problem::at(
                    "clients.portal.access_token.scp",
                    "`scp` is reserved by Okta in the access token"
                ),
                Problem::at(
                    "clients.portal.id_token.aud",
                    "`aud` is reserved by Okta in the ID token"
                ),
            ]
        );
        assert!(rule(&json!({"clients": {"portal": {"acces_token": {}}}})).is_err());
        assert!(rule(&json!({})).is_err());
    }
}
