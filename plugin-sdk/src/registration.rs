//! The registration hook: Okta asks before it creates or changes a user.
//!
//! A [`Call`] is a person signing up or completing a profile; a [`Decision`] is
//! what the policy has to say about it.

mod call;
mod decision;

pub use call::{Call, Context, RequestType};
pub use decision::{Cause, Decision};

use crate::bindings::types;
pub use crate::context::{Request, User};
use crate::failure::Failure;

/// This hook, for [`export!`](crate::export!).
#[doc(hidden)]
#[derive(Debug)]
pub enum Hook {}

impl crate::export::Hook for Hook {
    type Call = Call;
    type Decision = Decision;
    type Form = RequestType;
    type Wire = types::Decision;

    fn call(json: String) -> Result<Call, Failure> {
        Call::from_json(json)
    }

    fn form(call: &Call) -> RequestType {
        call.request_type()
    }

    fn wire(decision: Decision, form: RequestType) -> Result<types::Decision, Failure> {
        decision.into_wire(form)
    }
}
