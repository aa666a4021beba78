//! Lines for the operator's log.
//!
//! The host writes them only if the operator granted `log` to the policy
//! (`hookwarden dev` always does), and otherwise counts them. Keep personal
//! data out: the host cannot tell it from other text. In native tests the lines
//! go nowhere.

#[cfg(target_arch = "wasm32")]
use crate::bindings::capabilities::hookwarden::policy::log;

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident = $level:ident;)+) => { $(
        $(#[$doc])*
        pub fn $name(message: &str) {
            #[cfg(target_arch = "wasm32")]
            log::write(log::Level::$level, message);
            #[cfg(not(target_arch = "wasm32"))]
            let _ = message;
        }
    )+ };
}

levels! {
    /// For the author, while writing the policy.
    debug = Debug;
    /// Worth knowing, nothing to do.
    info = Info;
    /// Somebody should look at this.
    warn = Warn;
    /// The policy could not do its work.
    error = Error;
}
