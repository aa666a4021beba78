//! The token hook: Okta asks before a custom authorization server mints tokens.
//!
//! A [`Call`] is a client that asks for tokens, with the tokens as they would be; a
//! [`Decision`] is what the policy has to say about it: nothing, a refusal, or a
//! [`Patch`] of a token.
//!
//! ```
//! use hookwarden_sdk::Failure;
//! use hookwarden_sdk::token::{Call, Decision, Token};
//!
//! /// The reporting service wants to know whose data it may show.
//! fn decide(call: Call) -> Result<Decision, Failure> {
//!     if call.client_id()? != Some("reporting") {
//!         return Ok(Decision::no_opinion());
//!     }
//!     Ok(match call.access().and_then(|token| token.claim_text("tenant")) {
//!         Some(_) => Decision::no_opinion(),
//!         None => Decision::set_claim(Token::Access, "tenant", "public"),
//!     })
//! }
//!
//! hookwarden_sdk::export!(token = decide);
//! ```
//!
//! # What is not there is left out
//!
//! Okta takes the whole patch of a token or nothing of it: one operation that it
//! does not accept, and the token is issued unmodified. So a decision is checked
//! against the call before it is sent.
//!
//! - What it says about a token that is not minted in this call is left out. A rule
//!   "if there is an access token, it says this" needs no `if`.
//! - A claim to remove or to replace that the token does not have is left out.
//! - What is missing on the way to a nested value is created.
//! - What Okta never accepts is a [`Failure`]: a claim that it reserves (see
//!   [`Token::reserves`]), a lifetime out of bounds, a place inside of a value that
//!   has no inside.

mod call;
mod decision;
mod patch;

pub use call::{
    AccessPolicy, Call, Client, Draft, Grant, Issuer, OriginalGrant, Protocol, RefreshToken, Token,
};
pub use decision::Decision;
#[doc(hidden)]
pub use decision::Form;
pub use patch::{Claim, Patch};

pub use crate::context::{IdentityProvider, Request, Session, User};

use crate::bindings::types;
use crate::failure::Failure;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

impl crate::export::Hook for Hook {
    type Call = Call;
    type Decision = Decision;
    type Form = Form;
    type Wire = types::Decision;

    fn call(json: String) -> Result<Call, Failure> {
        Call::from_json(json)
    }

    fn form(call: &Call) -> Form {
        Form::of(call)
    }

    fn wire(decision: Decision, form: Form) -> Result<types::Decision, Failure> {
        decision.into_wire(&form)
    }
}
