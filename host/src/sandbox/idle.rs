//! Threads that run only when nobody else wants the processor.

use rustix::process::nice;
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// Puts this thread, and those that it starts, behind all others for good. Where
/// the system has no such class it is the last of the ordinary ones.
pub(super) fn stand_back() {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    let _ = nice(19);
}
