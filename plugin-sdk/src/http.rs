//! HTTP: requests to services.
//!
//! The operator grants services origin by origin: scheme, host and port. The host bounds
//! how many requests an evaluation makes and how large bodies are. Redirects are
//! returned, never followed, and an answer of any status is an answer.
//!
//! ```
//! use hookwarden_sdk::registration::{Call, Decision};
//! use hookwarden_sdk::{Failure, http, secrets, testing};
//!
//! #[derive(serde::Deserialize)]
//! struct Person {
//!     tier: String,
//! }
//!
//! fn decide(call: Call) -> Result<Decision, Failure> {
//!     let token = secrets::Named::new("crm-token").value()?;
//!     let answer = http::Request::get("https://crm.example.com/people")
//!         .query("email", call.email().unwrap_or_default())
//!         .bearer(&token)
//!         .send()?;
//!     match answer.status() {
//!         200 => Ok(Decision::set("memberLevel", answer.json::<Person>()?.tier)),
//!         404 => Ok(Decision::deny_field("email", "This address is not known.")),
//!         status => Err(Failure::unavailable(format!("the CRM answers {status}"))),
//!     }
//! }
//!
//! // In a native test:
//! let _secrets = testing::secrets([("crm-token", "hunter2")]);
//! let _http = testing::http(|request| {
//!     assert_eq!(request.url(), "https://crm.example.com/people?email=a%40example.com");
//!     assert_eq!(request.header_value("authorization"), Some("Bearer hunter2"));
//!     Ok(testing::response(200, r#"{"tier":"gold"}"#))
//! });
//! let decision = decide(testing::sign_up([("email", "a@example.com")]));
//! assert_eq!(decision, Ok(Decision::set("memberLevel", "gold")));
//! ```

mod error;
#[cfg(target_arch = "wasm32")]
mod host;
mod request;
mod response;
mod url;

pub use error::Error;
pub use request::{Method, Request};
pub use response::Response;
pub use url::{Url, UrlError};

/// What a request comes down to.
#[cfg(target_arch = "wasm32")]
use host as backend;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing::fakes::http as backend;
