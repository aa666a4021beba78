//! Every guest is an example of this package; see README.md.

/// Exports a function for every inline hook. It gets the text of the call, and if it
/// returns at all the policy has no opinion.
#[macro_export]
macro_rules! every_hook {
    ($misbehave:path) => {
        $crate::every_hook!($misbehave: registration, token, saml, user_import, password_import, telephony);
    };
    ($misbehave:path: $($hook:ident),+) => {
        $(
            fn $hook(
                call: hookwarden_sdk::$hook::Call,
            ) -> Result<hookwarden_sdk::$hook::Decision, hookwarden_sdk::Failure> {
                $misbehave(call.json())?;
                Ok(hookwarden_sdk::$hook::Decision::no_opinion())
            }
        )+

        hookwarden_sdk::export!($($hook = $hook),+);
    };
}
