//! The SAML assertion hook: Okta asks before it issues an assertion of a custom
//! application.
//!
//! A [`Call`] is a person who signs in to an application, with the assertion as it
//! would be; a [`Decision`] is what the policy has to say about it: nothing, a
//! refusal, or a [`Patch`] of the assertion.
//!
//! ```
//! use hookwarden_sdk::Failure;
//! use hookwarden_sdk::saml::{Call, Decision};
//!
//! /// Nobody signs in to this application without a second factor.
//! fn decide(call: Call) -> Result<Decision, Failure> {
//!     let session = call.session()?;
//!     Ok(match session.and_then(|session| session.mfa_active) {
//!         Some(true) => Decision::set_attribute("assurance", "high"),
//!         _ => Decision::deny("Set up a second factor first."),
//!     })
//! }
//!
//! hookwarden_sdk::export!(saml = decide);
//! ```
//!
//! # What is not there is left out
//!
//! A value to replace in an attribute that the assertion does not have is left out:
//! Okta does not accept a replacement of nothing. Nothing can be removed: for
//! assertions Okta knows `add` and `replace` alone.

mod attribute;
mod call;
mod decision;

pub use attribute::{Attribute, AttributeValue, NameFormat};
pub use call::{Authentication, Call, Issuer, Subject};
#[doc(hidden)]
pub use decision::Form;
pub use decision::{Decision, Patch};

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
