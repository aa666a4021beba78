//! The token hook, `com.okta.oauth2.tokens.transform`.
//!
//! A custom authorization server is about to mint an ID token, an access token or both.
//!
//! **Commands.** `com.okta.identity.patch` and `com.okta.access.patch`, each only if that
//! token was asked for: operations on `/claims/<name>` and below, and `replace` of
//! `/token/lifetime/expiration` by 300 to 86,400 seconds. Reserved claims cannot be
//! touched. An `error` denies: its summary becomes `error_description`.
//!
//! **Attributes.** Seen: the members of `data.identity.claims`, `data.access.claims` and
//! `data.context.user.profile`, and `data.context.session.login` as `login`. Every claim is
//! one, also those that say nothing of the person, such as `iss`: there is one list then of
//! what is seen. What the application itself asked for, in `data.context.request.url` and
//! `data.context.protocol`, is none, even if it has a login in it. Set: a claim, or a part
//! of it, under its name, in either token; a token's lifetime as `token.lifetime`.
//!
//! **Merge.** Patches follow each other and must not collide, as `patch` says, each
//! token's by itself. One denial drops them.
//!
//! **Failure.** Okta mints the token unchanged when its hook fails, so a policy that
//! fails is as if it were not there unless its operator says otherwise.
//!
//! **Answers.** Always 200: Okta takes no other status. No opinion: `{}`. Patches: one
//! command a token. Denied: `error`.
//!
//! Source: Okta, *Token inline hook* reference and guide; which claims are reserved: the
//! same, *Reserved claims*.

use serde_json::{Value as Json, json};

use super::answer::CommandBody;
use super::authority::Attributes;
use super::call::{Call, Malformed};
use super::check::{self, violation, violation_of};
use super::conflict::Conflicts;
use super::cut::{PERSON, Place, Places};
use super::decision::Command;
use super::inline_hook::{ErrorMeans, InlineHook, Instruction, Silence};
use super::patch::{Op, Operation, Patch};
use super::violation::{Rule, Violation};

pub(super) const IDENTITY: &str = "com.okta.identity.patch";
pub(super) const ACCESS: &str = "com.okta.access.patch";
const COMMANDS: &[&str] = &[IDENTITY, ACCESS];

/// How long a token may be valid, in seconds.
const LIFETIME: std::ops::RangeInclusive<u64> = 300..=86_400;

/// What a lifetime is as an attribute.
const LIFETIME_NAME: &str = "token.lifetime";

/// Claims that only Okta sets, in both tokens.
const RESERVED: &[&str] = &[
    "acr",
    "auth_time",
    "cid",
    "cnf",
    "exp",
    "groups",
    "iat",
    "iss",
    "jti",
    "sid",
    "token_type",
    "ver",
];

/// In an ID token.
const RESERVED_IN_IDENTITY: &[&str] = &[
    "active",
    "aid",
    "amr",
    "app_id",
    "app_type",
    "at_hash",
    "aud",
    "c_hash",
    "client_id",
    "client_ip",
    "client_req_id",
    "client_type",
    "client_user_agent",
    "device_compliance",
    "device_id",
    "device_known",
    "device_managed",
    "device_name",
    "device_trust",
    "did",
    "dst",
    "group",
    "hotk",
    "idp",
    "idp_iss",
    "mac_key",
    "may_act",
    "nonce",
    "oid",
    "okta_emailVerified",
    "okta_lastUpdated",
    "orig",
    "permissions",
    "purpose",
    "pwd_exp_days",
    "pwd_exp_time",
    "rid",
    "role",
    "scope",
    "scopes",
    "sub",
    "term",
    "user_ip",
];

/// In an access token. `aud` and `sub` can be changed there.
const RESERVED_IN_ACCESS: &[&str] = &[
    "as_uri",
    "authorization_details",
    "rpt",
    "rsi",
    "scp",
    "uid",
    "username",
];

/// Tokens that are about to be minted.
pub(super) struct Tokens<'a> {
    /// The JSON of each that was asked for: an object of `claims` and `token`.
    identity: Option<&'a str>,
    access: Option<&'a str>,
}

/// What policies want to change.
#[derive(Debug, Default, Clone)]
pub(super) struct Wishes {
    identity: Patch,
    access: Patch,
}

impl<'a> InlineHook<'a> for Tokens<'a> {
    const SILENCE: Silence = Silence::EmptyObject;
    const ERROR: ErrorMeans = ErrorMeans::Denial;
    const ATTRIBUTES: Places = &[
        ("context", PERSON),
        ("identity", Place::Within(&[("claims", Place::Attributes)])),
        ("access", Place::Within(&[("claims", Place::Attributes)])),
    ];
    type Wishes = Wishes;

    fn of(call: &'a Call) -> Result<Self, Malformed> {
        let data = call.data_members();
        Ok(Self {
            identity: data.object("identity", "data.identity")?,
            access: data.object("access", "data.access")?,
        })
    }

    fn read(
        &self,
        command: Command,
        at: &str,
        set: &Attributes,
        wishes: &mut Wishes,
    ) -> Result<Instruction, Violation> {
        let Command { literal, value } = command;
        let (original, patch, token, reserved) = match literal.as_str() {
            IDENTITY => (
                self.identity,
                &mut wishes.identity,
                "ID",
                RESERVED_IN_IDENTITY,
            ),
            ACCESS => (
                self.access,
                &mut wishes.access,
                "access",
                RESERVED_IN_ACCESS,
            ),
            _ => return Err(check::unknown_command(COMMANDS, at, literal)),
        };
        let Some(original) = original else {
            return Err(violation(
                Rule::NotRequested { token },
                format!("{at}.type"),
            ));
        };
        let check = |operation: &Operation<'_>, at: &str| {
            check(operation, at, token, reserved)?;
            check::granted(set, attribute(operation), &format!("{at}.path"))
        };
        patch.read(&value, &format!("{at}.value"), || document(original), check)?;
        Ok(Instruction::Other)
    }

    fn is_empty(wishes: &Wishes) -> bool {
        wishes.identity.is_empty() && wishes.access.is_empty()
    }

    fn join(all: &mut Wishes, own: Wishes, policy: usize, conflicts: &mut Conflicts) {
        all.identity.join(own.identity, policy, conflicts);
        all.access.join(own.access, policy, conflicts);
    }

    fn commands<'w>(&self, wishes: &'w Wishes) -> Vec<CommandBody<'w>> {
        let patches = [(IDENTITY, &wishes.identity), (ACCESS, &wishes.access)];
        let patches = patches.into_iter().filter(|(_, patch)| !patch.is_empty());
        patches
            .map(|(r#type, patch)| CommandBody {
                r#type,
                value: patch.value(),
            })
            .collect()
    }
}

/// What is patched: the token, with what Okta may have left out of a preview.
fn document(token: &str) -> Json {
    let mut document: Json = serde_json::from_str(token).unwrap_or_default();
    if !document["claims"].is_object() {
        document["claims"] = json!({});
    }
    if !document["token"]["lifetime"]["expiration"].is_u64() {
        document["token"] = json!({ "lifetime": { "expiration": 3_600 } });
    }
    document
}

/// The name under which what an operation changes can be set.
fn attribute<'o>(operation: &'o Operation<'_>) -> &'o str {
    match operation.path.as_slice() {
        [part, claim, ..] if part == "claims" => claim,
        _ => LIFETIME_NAME,
    }
}

fn check(
    operation: &Operation<'_>,
    at: &str,
    token: &'static str,
    reserved: &'static [&'static str],
) -> Result<(), Violation> {
    let path: Vec<_> = operation.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["claims", claim, ..] => {
            let mut all = RESERVED.iter().chain(reserved);
            match all.find(|reserved| *reserved == claim) {
                Some(claim) => Err(violation(
                    Rule::ReservedClaim { claim, token },
                    format!("{at}.path"),
                )),
                None => Ok(()),
            }
        }
        ["token", "lifetime", "expiration"] => {
            if operation.op != Op::Replace {
                let known = "`replace`, for a lifetime";
                return Err(violation(Rule::UnknownValue { known }, format!("{at}.op")));
            }
            let seconds = operation.value.map(|value| value.get().parse::<u64>());
            match seconds {
                Some(Ok(seconds)) if LIFETIME.contains(&seconds) => Ok(()),
                _ => {
                    let known = "a number of seconds from 300 to 86400";
                    let at = format!("{at}.value");
                    Err(violation(Rule::UnknownValue { known }, at))
                }
            }
        }
        _ => {
            let known = "`/claims/<name>`, or below it, or `/token/lifetime/expiration`";
            let rule = Rule::UnknownValue { known };
            Err(violation_of(rule, format!("{at}.path"), path.join("/")))
        }
    }
}

#[cfg(test)]
mod tests;
