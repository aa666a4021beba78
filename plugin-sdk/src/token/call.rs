//! The call: a client asks for tokens.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attributes::{self, Attributes};
use crate::context::{Context, context_accessors};
use crate::envelope::{Document, Envelope, envelope_accessors};
use crate::failure::Failure;
use crate::part::{Parsed, Part};

/// One of the two tokens that a policy can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// The ID token, for the client: who the user is. Okta's `identity`.
    Id,
    /// The access token, for an API: what the client may do.
    Access,
}

impl Token {
    /// Whether Okta keeps a claim of this token for itself: it can be neither added
    /// nor changed nor removed. `aud` and `sub` are kept in an ID token only.
    ///
    /// ```
    /// use hookwarden_sdk::token::Token;
    ///
    /// assert!(Token::Access.reserves("iss"));
    /// assert!(Token::Id.reserves("aud") && !Token::Access.reserves("aud"));
    /// ```
    #[must_use]
    pub fn reserves(self, claim: &str) -> bool {
        let own = match self {
            Self::Id => RESERVED_IN_ID,
            Self::Access => RESERVED_IN_ACCESS,
        };
        RESERVED.contains(&claim) || own.contains(&claim)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "ID token",
            Self::Access => "access token",
        })
    }
}

/// The claims that Okta keeps for itself in both tokens.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "acr", "auth_time", "cid", "cnf", "exp", "groups", "iat", "iss", "jti", "sid", "token_type",
    "ver",
];

/// In the ID token alone.
#[rustfmt::skip]
const RESERVED_IN_ID: &[&str] = &[
    "active", "aid", "amr", "app_id", "app_type", "at_hash", "aud", "c_hash", "client_id",
    "client_ip", "client_req_id", "client_type", "client_user_agent", "device_compliance",
    "device_id", "device_known", "device_managed", "device_name", "device_trust", "did", "dst",
    "group", "hotk", "idp", "idp_iss", "mac_key", "may_act", "nonce", "oid", "okta_emailVerified",
    "okta_lastUpdated", "orig", "permissions", "purpose", "pwd_exp_days", "pwd_exp_time", "rid",
    "role", "scope", "scopes", "sub", "term", "user_ip",
];

/// In the access token alone.
const RESERVED_IN_ACCESS: &[&str] = &[
    "as_uri",
    "authorization_details",
    "rpt",
    "rsi",
    "scp",
    "uid",
    "username",
];

/// A call of the token hook.
///
/// Which tokens are minted, and their claims, is known at once. The circumstances are
/// parsed when they are asked for, each on its own: a member that does not have
/// the form that Okta documents is a [`Failure`] for a policy that asks for it, and
/// nothing to all others. `null` and absent are alike.
#[derive(Debug, Clone)]
pub struct Call {
    envelope: Envelope,
    identity: Option<Draft>,
    access: Option<Draft>,
    refresh_token: Part<Option<RefreshToken>>,
    context: Context,
    protocol: Parsed<Option<Protocol>>,
    access_policy: Parsed<Option<AccessPolicy>>,
    document: Document,
}

#[derive(Debug, Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    identity: Option<DraftMembers<'a>>,
    #[serde(borrow)]
    access: Option<DraftMembers<'a>>,
    #[serde(borrow)]
    refresh_token: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct DraftMembers<'a> {
    #[serde(borrow)]
    claims: Option<attributes::Members<'a>>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    scopes: Option<attributes::Members<'a>>,
}

/// A token as it would be minted if nobody changed it.
#[derive(Debug, Clone)]
pub struct Draft {
    claims: Attributes,
    scopes: Attributes,
    lifetime: Option<Duration>,
}

impl Draft {
    fn of(members: DraftMembers<'_>, document: &Document) -> Self {
        #[derive(Deserialize)]
        struct Minting {
            lifetime: Option<Lifetime>,
        }
        #[derive(Deserialize)]
        struct Lifetime {
            expiration: Option<u64>,
        }
        let attributes = |members| Attributes::of(members, document.shared());
        let lifetime = |token: &RawValue| {
            let minting: Minting = serde_json::from_str(token.get()).ok()?;
            Some(Duration::from_secs(minting.lifetime?.expiration?))
        };
        Self {
            claims: members.claims.map(attributes).unwrap_or_default(),
            scopes: members.scopes.map(attributes).unwrap_or_default(),
            lifetime: members.token.and_then(lifetime),
        }
    }

    /// The claims, in the order in which Okta sent them.
    #[must_use]
    pub fn claims(&self) -> &Attributes {
        &self.claims
    }

    /// The value of a claim; `None` if it is absent or `null`.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<Value> {
        self.claims.get(name)
    }

    /// The value of a claim that is text; `None` also for other types.
    #[must_use]
    pub fn claim_text(&self, name: &str) -> Option<&str> {
        self.claims.text(name)
    }

    /// Whether a claim is there and not `null`.
    #[must_use]
    pub fn has_claim(&self, name: &str) -> bool {
        self.claims.has(name)
    }

    /// How long the token will be good for, in whole seconds; `None` if Okta does
    /// not say.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }

    /// The scopes that are granted. An ID token has none.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.names().filter(|scope| self.has_scope(scope))
    }

    /// Whether a scope is granted.
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        #[derive(Default, Deserialize)]
        struct Scope {
            action: Option<String>,
        }
        let scope = |json| serde_json::from_str::<Option<Scope>>(json).ok().flatten();
        // `GRANT` is the only action that Okta documents.
        self.scopes
            .json(name)
            .and_then(scope)
            .is_some_and(|scope| scope.action.is_none_or(|action| action == "GRANT"))
    }
}

/// How the client asked for the tokens.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Protocol {
    /// The OAuth request.
    pub request: Option<Grant>,
    /// The first request, when a refresh token is used.
    #[serde(rename = "OriginalGrant")]
    pub original_grant: Option<OriginalGrant>,
    /// The authorization server.
    pub issuer: Option<Issuer>,
    /// The client.
    pub client: Option<Client>,
}

/// An OAuth request: its parameters, as the client sent them.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Grant {
    /// The scopes asked for, with spaces between; see [`scopes`](Self::scopes).
    pub scope: Option<String>,
    /// What the client wants to have back unchanged.
    pub state: Option<String>,
    /// Where the person's browser goes afterwards.
    pub redirect_uri: Option<String>,
    /// `form_post`, `fragment`, `okta_post_message` or `query`.
    pub response_mode: Option<String>,
    /// `code`, `id_token`, `token` or `none`, or several with spaces between.
    pub response_type: Option<String>,
    /// The client's id.
    pub client_id: Option<String>,
    /// Such as `authorization_code`, `client_credentials` or `refresh_token`. There
    /// is none where the authorization endpoint mints tokens by itself.
    pub grant_type: Option<String>,
}

impl Grant {
    /// The scopes asked for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.as_deref().unwrap_or_default().split_whitespace()
    }
}

/// The first request of a refresh token.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct OriginalGrant {
    /// The OAuth request.
    pub authorization: Option<Grant>,
    /// The refresh token of then.
    pub refresh_token: Option<RefreshToken>,
}

/// A refresh token, of which Okta tells the id alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct RefreshToken {
    /// The id: the same in the first call and in those of later refreshes.
    pub jti: Option<String>,
}

/// The authorization server.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Issuer {
    /// Its address, the `iss` of the tokens.
    pub uri: Option<String>,
}

/// The client that asks for tokens.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// Its id.
    pub id: Option<String>,
    /// Its name in Okta's console.
    pub name: Option<String>,
    /// Such as `PUBLIC`. Okta documents no list.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Okta's access policy, which decided that tokens may be minted.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct AccessPolicy {
    /// Okta's id of it.
    pub id: Option<String>,
    rule: Option<Rule>,
}

#[derive(Debug, Clone, Deserialize)]
struct Rule {
    id: Option<String>,
}

impl AccessPolicy {
    /// Okta's id of the rule that applied.
    #[must_use]
    pub fn rule_id(&self) -> Option<&str> {
        self.rule.as_ref()?.id.as_deref()
    }
}

impl Call {
    /// Reads a call as Okta sends it.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or its tokens are not in the form of a token call.
    pub fn from_json(json: impl Into<String>) -> Result<Self, Failure> {
        let document = Document::new(json.into());
        let (envelope, data) = Envelope::read::<Data<'_>>(&document)?;
        let data = data.unwrap_or_default();
        let draft = |members| Draft::of(members, &document);
        Ok(Self {
            identity: data.identity.map(draft),
            access: data.access.map(draft),
            refresh_token: Part::of(data.refresh_token, &document),
            context: Context::of(data.context, &document),
            protocol: Parsed::default(),
            access_policy: Parsed::default(),
            envelope,
            document,
        })
    }

    /// The ID token, if one is minted.
    #[must_use]
    pub fn identity(&self) -> Option<&Draft> {
        self.identity.as_ref()
    }

    /// The access token, if one is minted.
    #[must_use]
    pub fn access(&self) -> Option<&Draft> {
        self.access.as_ref()
    }

    /// One of the two, if it is minted.
    #[must_use]
    pub fn token(&self, token: Token) -> Option<&Draft> {
        match token {
            Token::Id => self.identity(),
            Token::Access => self.access(),
        }
    }

    /// The id of the refresh token, if there is one: the same in the first call
    /// and in those of later refreshes.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn refresh_token_id(&self) -> Result<Option<&str>, Failure> {
        let path = "data.refresh_token";
        let token = self.refresh_token.get(&self.document, path)?.as_ref();
        Ok(token.and_then(|token| token.jti.as_deref()))
    }

    /// How the client asked for the tokens.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn protocol(&self) -> Result<Option<&Protocol>, Failure> {
        let json = self.context.json(&self.document, "protocol")?;
        Ok(self.protocol.get(json, "data.context.protocol")?.as_ref())
    }

    /// The client that asks for tokens.
    ///
    /// # Errors
    ///
    /// As [`protocol`](Self::protocol).
    pub fn client(&self) -> Result<Option<&Client>, Failure> {
        let protocol = self.protocol()?;
        Ok(protocol.and_then(|protocol| protocol.client.as_ref()))
    }

    /// The id of the client that asks for tokens.
    ///
    /// # Errors
    ///
    /// As [`protocol`](Self::protocol).
    pub fn client_id(&self) -> Result<Option<&str>, Failure> {
        Ok(self.client()?.and_then(|client| client.id.as_deref()))
    }

    /// By what right the client asks, such as `client_credentials`; see
    /// [`Grant::grant_type`].
    ///
    /// # Errors
    ///
    /// As [`protocol`](Self::protocol).
    pub fn grant_type(&self) -> Result<Option<&str>, Failure> {
        let grant = self.grant()?;
        Ok(grant.and_then(|grant| grant.grant_type.as_deref()))
    }

    /// The scopes that the client asks for in this request. A refresh need not
    /// repeat them. What is granted is in [`Draft::scopes`] of the access token.
    ///
    /// # Errors
    ///
    /// As [`protocol`](Self::protocol).
    pub fn requested_scopes(&self) -> Result<impl Iterator<Item = &str>, Failure> {
        Ok(self.grant()?.into_iter().flat_map(Grant::scopes))
    }

    fn grant(&self) -> Result<Option<&Grant>, Failure> {
        let protocol = self.protocol()?;
        Ok(protocol.and_then(|protocol| protocol.request.as_ref()))
    }

    /// Okta's access policy, which decided that tokens may be minted.
    ///
    /// # Errors
    ///
    /// It does not have the form that Okta documents.
    pub fn access_policy(&self) -> Result<Option<&AccessPolicy>, Failure> {
        let json = self.context.json(&self.document, "policy")?;
        let policy = self.access_policy.get(json, "data.context.policy")?;
        Ok(policy.as_ref())
    }
}

envelope_accessors!(Call);
context_accessors!(Call);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::{Call, Token};
    use crate::testing::{token, token_with};

    #[test]
    fn the_tokens_are_those_that_are_minted() {
        let call = token();
        let identity = call.identity().expect("an ID token");
        assert_eq!(
            identity.claim_text("email"),
            Some("rosario.jones@example.com")
        );
        assert_eq!(identity.claim("ver"), Some(json!(1)));
        assert_eq!(identity.lifetime(), Some(Duration::from_secs(3600)));
        assert_eq!(identity.scopes().count(), 0);
        let access = call.token(Token::Access).expect("an access token");
        assert_eq!(access.claim_text("aud"), Some("api://default"));
        assert!(access.has_claim("cid") && !access.has_claim("tenant"));
        assert_eq!(access.scopes().collect::<Vec<_>>(), ["openid", "profile"]);

        let call = token_with([("/data/identity", Value::Null)]);
        assert!(call.identity().is_none() && call.access().is_some());
    }

    #[test]
    fn a_token_can_lack_everything() {
        let json = r#"{"data":{"identity":{},"access":{"claims":null,"token":{"lifetime":7}}}}"#;
        let call = Call::from_json(json).expect("a call");
        assert_eq!(
            call.identity().expect("a token").claims().names().count(),
            0
        );
        assert_eq!(call.access().expect("a token").lifetime(), None);
        assert_eq!(call.client_id(), Ok(None));
        assert_eq!(call.refresh_token_id(), Ok(None));
    }

    #[test]
    fn only_granted_scopes_count() {
        let scopes = json!({"a": {"action": "GRANT"}, "b": {"action": "DENY"}, "c": {}, "d": null});
        let call = token_with([("/data/access/scopes", scopes)]);
        let access = call.access().expect("an access token");
        assert_eq!(access.scopes().collect::<Vec<_>>(), ["a", "c"]);
    }

    #[test]
    fn the_circumstances_are_typed() {
        let call = token();
        assert_eq!(call.client_id(), Ok(Some("portal")));
        let client = call.client().expect("a context").expect("a client");
        assert_eq!(client.kind.as_deref(), Some("PUBLIC"));
        assert_eq!(call.grant_type(), Ok(Some("authorization_code")));
        let scopes: Vec<_> = call.requested_scopes().expect("a context").collect();
        assert_eq!(scopes, ["openid", "profile", "email"]);
        let policy = call.access_policy().expect("a context");
        let policy = policy.expect("an access policy");
        assert_eq!(policy.id.as_deref(), Some("00ptesting"));
        assert_eq!(policy.rule_id(), Some("0prtesting"));
        let user = call.user().expect("a context").expect("a user");
        let login = user.profile().and_then(|profile| profile.text("login"));
        assert_eq!(login, Some("rosario.jones@example.com"));
        let session = call.session().expect("a context").expect("a session");
        assert_eq!(session.amr(), ["PASSWORD"]);
        let idp = session.idp.as_ref().and_then(|idp| idp.kind.as_deref());
        assert_eq!(idp, Some("OKTA"));
        let request = call.request().expect("a context").expect("a request");
        assert_eq!(request.ip_address.as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn a_refresh_has_the_first_request() {
        let call = token_with([
            ("/data/context/session", Value::Null),
            ("/data/refresh_token/jti", json!("oar1")),
            (
                "/data/context/protocol/OriginalGrant",
                json!({"authorization": {"scope": "openid"}, "refresh_token": {"jti": "oar1"}}),
            ),
        ]);
        assert_eq!(call.refresh_token_id(), Ok(Some("oar1")));
        assert!(call.session().is_ok_and(|session| session.is_none()));
        let protocol = call.protocol().expect("a context").expect("a protocol");
        let original = protocol.original_grant.as_ref().expect("the first request");
        let authorization = original.authorization.as_ref().expect("a request");
        assert_eq!(authorization.scopes().collect::<Vec<_>>(), ["openid"]);
    }

    #[test]
    fn what_is_in_another_form_is_an_error_only_for_who_asks() {
        let call = token_with([
            ("/data/context/session", json!("secret")),
            ("/data/refresh_token", json!("secret")),
        ]);
        assert_eq!(call.client_id(), Ok(Some("portal")));
        for error in [
            call.session().expect_err("no session").to_string(),
            call.refresh_token_id().expect_err("no token").to_string(),
        ] {
            assert!(!error.contains("secret"), "{error}");
        }
        let call = token_with([("/data/context", json!([]))]);
        assert!(call.access().is_some() && call.user().is_err());
        assert!(Call::from_json(r#"{"data":{"access":{"claims":7}}}"#).is_err());
    }

    #[test]
    fn okta_reserves_claims_by_token() {
        for (claim, id, access) in [
            ("iss", true, true),
            ("groups", true, true),
            ("aud", true, false),
            ("sub", true, false),
            ("scp", false, true),
            ("username", false, true),
            ("tenant", false, false),
        ] {
            assert_eq!(Token::Id.reserves(claim), id, "{claim}");
            assert_eq!(Token::Access.reserves(claim), access, "{claim}");
        }
    }
}
