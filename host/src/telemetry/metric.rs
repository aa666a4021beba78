//! The metrics: the name of each, its labels, and what it tells.

/// One metric. Names and labels are a promise to dashboards: they change only with
/// a line in the changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// As it is scraped. Counters end in `_total`.
    pub name: &'static str,
    /// In their order.
    pub labels: &'static [&'static str],
    /// A sentence.
    pub tells: &'static str,
}

macro_rules! metrics {
    ($($constant:ident = $name:literal, $labels:expr, $tells:literal;)*) => {
        $(
            #[doc = $tells]
            pub const $constant: Metric = Metric {
                name: $name,
                labels: &$labels,
                tells: $tells,
            };
        )*

        /// All of them, in the order in which they are documented.
        pub const ALL: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    READY = "hookwarden_ready", [],
        "1 if no chain lacks a policy that it needs, 0 otherwise";
    POLICY_STATE = "hookwarden_policy_state", ["policy", "state"],
        "1 for the state that a policy is in";
    LOADS = "hookwarden_policy_loads_total", ["outcome"],
        "policies that came, changed or went, by what they then were: a state, or `removed`";
    CALLS = "hookwarden_calls_total", ["hook", "decision"],
        "calls that were decided: `no-opinion`, `acted`, `denied` or `denied-by-failure`";
    CALL_DURATION = "hookwarden_call_duration_seconds", ["hook"],
        "time from when a call's head was read to its decision, waiting included";
    CALLS_REPEATED = "hookwarden_calls_repeated_total", ["hook"],
        "calls that repeated another and were answered as that one";
    CALLS_ABANDONED = "hookwarden_calls_abandoned_total", ["hook"],
        "calls whose caller hung up before the answer";
    CALLS_REFUSED = "hookwarden_calls_refused_total", ["reason"],
        "calls that were refused before any policy ran, `overloaded` among the reasons";
    CALLS_IN_PROGRESS = "hookwarden_calls_in_progress", [],
        "calls that are being decided or wait for it; at `okta.max_calls` others are refused";
    EVALUATIONS = "hookwarden_evaluations_total", ["policy", "said"],
        "evaluations: `no-opinion`, `acted`, `denied` or `failed`";
    FAILURES = "hookwarden_evaluation_failures_total", ["policy", "cause", "counts_as"],
        "evaluations that failed, by cause and by what that counts as";
    EVALUATION_DURATION = "hookwarden_evaluation_duration_seconds", ["policy"],
        "time of an evaluation, waiting for a place included";
    EVALUATION_WAIT = "hookwarden_evaluation_wait_seconds", ["policy"],
        "time of an evaluation that it waited for services and for what it keeps; nothing of those that did not wait";
    EVALUATION_FUEL = "hookwarden_evaluation_fuel", ["policy"],
        "fuel that an evaluation burned, where that is known";
    SLOW_EVALUATIONS = "hookwarden_slow_evaluations_total", ["policy"],
        "evaluations that went on in the slow lane";
    RUNNING = "hookwarden_evaluations_running", ["lane"],
        "evaluations that compute or wait, in the `front` or the `slow` lane";
    OLDEST = "hookwarden_oldest_evaluation_seconds", [],
        "age of the oldest evaluation that still runs; 0 if none outlasted its first slice";
    POOL_SLOTS = "hookwarden_pool_slots_used", ["kind"],
        "slots of the allocator in use: `memory`, `table` or `stack`";
    LOG_LINES_LOST = "hookwarden_log_lines_lost_total", [],
        "lines of the log that nobody read in time";
    POOL_KEPT = "hookwarden_pool_kept_bytes", [],
        "memory that the allocator keeps for the next instances";
    DATASET_ENTRIES = "hookwarden_dataset_entries", ["dataset"],
        "entries of a dataset that is read";
    DATASET_BROKEN = "hookwarden_dataset_broken", ["dataset"],
        "1 for a dataset whose file is not what policies see: it cannot be read";
    HTTP_REQUESTS = "hookwarden_http_requests_total", ["policy", "outcome"],
        "requests of policies: `answered`, or why not; `denied` and `prohibited` are those that were not granted";
    BUCKET_KEYS = "hookwarden_bucket_keys", ["policy"],
        "keys that a policy keeps";
    BUCKET_BYTES = "hookwarden_bucket_bytes", ["policy"],
        "bytes of keys and values that a policy keeps";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn names_are_unique_and_begin_alike() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(names.iter().all(|name| name.starts_with("hookwarden_")));
    }
}
