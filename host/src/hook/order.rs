//! The order of a chain whose policies do more than decide.
//!
//! What a policy writes or sends happens when it runs, and stays, though a policy
//! after it denies the call. Such an order is served all the same; the operator is
//! told, and may change it.

use super::Hook;
use crate::policy::Policy;
use crate::telemetry::foreign;

/// The packages of imports that reach further than the evaluation.
const WITH_EFFECTS: [&str; 2] = ["wasi:http/", "wasi:keyvalue/"];

/// A policy whose effects come before a decision that they do not wait for.
#[derive(Debug, PartialEq, Eq)]
struct Early<'a> {
    policy: &'a str,
    /// What it reaches further with. Whoever made the component controls it.
    import: &'a str,
    /// The last policy of the chain: what comes and goes between the two changes nothing.
    before: &'a str,
}

/// A sentence for each policy of a chain that belongs further back.
pub(super) fn warnings(hook: &Hook) -> Vec<String> {
    let chain = hook.chain.iter();
    let chain: Vec<_> = chain
        .map(|policy| (policy.name.as_str(), imports(policy)))
        .collect();
    let warnings = early(&chain).into_iter();
    warnings.map(|early| sentence(&hook.name, &early)).collect()
}

/// What a policy imports, as far as that is known, whether it can be loaded or not: it
/// is not known when it will be.
fn imports(policy: &Policy) -> &[String] {
    let contract = policy.contract.as_ref();
    contract.map_or(&[], |contract| &contract.imports)
}

/// The rule, for the policies of a chain and what each imports. Every policy may
/// deny, one with effects too, and one of which nothing is known.
fn early<'a>(chain: &[(&'a str, &'a [String])]) -> Vec<Early<'a>> {
    let Some(((before, _), earlier)) = chain.split_last() else {
        return Vec::new();
    };
    let early = |(policy, imports): &(&'a str, &'a [String])| {
        let import = imports.iter().find(|import| has_effects(import))?;
        Some(Early {
            policy,
            import,
            before,
        })
    };
    earlier.iter().filter_map(early).collect()
}

fn has_effects(import: &str) -> bool {
    WITH_EFFECTS
        .iter()
        .any(|package| import.starts_with(package))
}

fn sentence(hook: &str, early: &Early<'_>) -> String {
    let Early {
        policy,
        import,
        before,
    } = early;
    let import = foreign(import);
    format!(
        "hook `{hook}`: policy `{policy}` imports `{import}` and stands before `{before}`; what it writes or sends stays when a policy after it denies; name it last in `hooks.{hook}.policies`"
    )
}

#[cfg(test)]
mod tests {
    use super::{Early, early, has_effects, sentence};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn effects_before_a_policy_that_may_deny_are_found() {
        let plain = names(&["hookwarden:policy/log@0.1.0", "wasi:cli/stdout@0.2.6"]);
        let http = names(&[
            "wasi:cli/stdout@0.2.6",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:http/types@0.2.6",
        ]);
        let chain: [(&str, &[String]); 4] = [
            ("a-plain", &plain),
            ("b-http", &http),
            ("c-plain", &plain),
            ("d-unknown", &[]),
        ];
        let expected = Early {
            policy: "b-http",
            import: "wasi:http/outgoing-handler@0.2.6",
            before: "d-unknown",
        };
        assert_eq!(early(&chain), [expected]);
    }

    #[test]
    fn effects_at_the_end_of_a_chain_are_where_they_belong() {
        let keyvalue = names(&["wasi:keyvalue/store@0.2.0-draft"]);
        assert_eq!(early(&[]), []);
        assert_eq!(early(&[("only", &keyvalue)]), []);
        assert_eq!(early(&[("a-plain", &[]), ("b-writes", &keyvalue)]), []);
    }

    /// A policy that writes may deny as well, when the one before it has written.
    #[test]
    fn of_two_that_write_the_first_is_early() {
        let keyvalue = names(&["wasi:keyvalue/store@0.2.0-draft"]);
        let chain: [(&str, &[String]); 3] = [("a-plain", &[]), ("b", &keyvalue), ("c", &keyvalue)];
        let found = early(&chain);
        let found: Vec<_> = found.iter().map(|early| early.policy).collect();
        assert_eq!(found, ["b"]);
    }

    #[test]
    fn a_name_that_only_looks_alike_has_no_effects() {
        assert!(has_effects("wasi:keyvalue/atomics@0.2.0-draft2"));
        assert!(has_effects("wasi:http/types@0.3.0"));
        for import in [
            "wasi:httpd/types@0.2.6",
            "wasi:keyvalue-cache/store@0.2.0",
            "not-wasi:http/types@0.2.6",
            "wasi:io/streams@0.2.6",
            "hookwarden:policy/secrets@0.1.0",
        ] {
            assert!(!has_effects(import), "{import}");
        }
    }

    #[test]
    fn the_operator_is_told_which_where_and_what_to_do() {
        let mut early = Early {
            policy: "counts",
            import: "wasi:keyvalue/store@0.2.0-draft",
            before: "denies",
        };
        assert_eq!(
            sentence("partners", &early),
            "hook `partners`: policy `counts` imports `wasi:keyvalue/store@0.2.0-draft` and stands before `denies`; what it writes or sends stays when a policy after it denies; name it last in `hooks.partners.policies`"
        );
        early.import = "wasi:http/\nERROR forged";
        let said = sentence("partners", &early);
        assert!(said.contains("forged"), "{said}");
        assert!(!said.contains('\n'), "{said:?}");
    }
}
