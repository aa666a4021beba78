//! Everything that needs a compiled policy.

// Okta's calls and the bytes of the answers. Most are data: a new case is a file
// or two in `cases/`.
mod contract;
// The policies that ship with the host: their cases, as components and natively.
mod catalogue;
mod plugins;
// What somebody uses who writes a policy.
mod trying;
// What a policy may decide, and what becomes of it when it may not.
mod decisions;
// Several policies on one hook, and several hooks.
mod chain;
mod hooks;
// Calls that Okta repeats.
mod replies;
// What becomes of a failure.
mod failures;
// Evaluations cut short by a limit. A new limit gets a guest and a test here.
mod limits;
// What a policy can reach: what is granted works, what is not fails when it is
// loaded.
mod capabilities;
mod datasets;
mod granted;
mod keeping;
mod narrowing;
mod outbound;
// Files that are no policies.
mod loading;
// Files that come, go and change while the host serves.
mod reloading;
// What a host knows at its next start.
mod history;
// Compiling in a child process.
mod compiling;
// Calls that are refused before a policy runs.
mod authentication;
mod rejections;
// More calls than the host takes.
mod overload;
// What stands in the log and in the metrics, and what must not.
mod log;
mod metrics;
// The real process: arguments, listeners, signals, and the commands beside it.
mod authoring;
mod dev;
mod granting;
mod lifecycle;
mod linting;
mod operating;
mod process;
mod samples;
mod sampling;
mod schemas;
mod secrets;
mod starting;
// The rules of the code that a test can hold.
mod tidy;
