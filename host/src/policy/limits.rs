//! Limits of a policy, as they are configured.

use std::time::Duration;

use serde::Deserialize;

use crate::capabilities::{http, key_value};
use crate::sandbox::Limits;

/// The largest head of an answer to a policy's request, in bytes.
const RESPONSE_HEAD: usize = 64 * 1024;

/// [`Limits`], as they are configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLimits {
    /// See [`Limits::fuel`].
    pub fuel: u64,
    /// See [`Limits::fuel_per_byte`].
    pub fuel_per_byte: u64,
    /// See [`Limits::slice`].
    pub slice: u64,
    /// See [`Limits::deadline`].
    #[serde(with = "humantime_serde")]
    pub deadline: Duration,
    /// See [`Limits::memory`].
    pub memory: bytesize::ByteSize,
    /// See [`Limits::table_elements`].
    pub table_elements: u32,
    /// See [`Limits::host_calls`].
    pub host_calls: u32,
    /// See [`Limits::host_bytes`].
    pub host_bytes: bytesize::ByteSize,
    /// See [`Limits::log_bytes`].
    pub log_bytes: bytesize::ByteSize,
    /// See [`Limits::output`].
    pub output: bytesize::ByteSize,
    /// See [`Limits::handles`].
    pub handles: u32,
    /// See [`Limits::evaluations`].
    pub evaluations: u32,
    /// See [`Limits::slow`].
    pub slow_evaluations: u32,
}

impl From<FileLimits> for Limits {
    fn from(limits: FileLimits) -> Self {
        let bytes = |size: bytesize::ByteSize| usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            fuel: limits.fuel,
            fuel_per_byte: limits.fuel_per_byte,
            slice: limits.slice,
            deadline: limits.deadline,
            memory: bytes(limits.memory),
            table_elements: number(limits.table_elements),
            host_calls: limits.host_calls,
            host_bytes: limits.host_bytes.as_u64(),
            log_bytes: limits.log_bytes.as_u64(),
            output: bytes(limits.output),
            handles: number(limits.handles),
            evaluations: number(limits.evaluations),
            slow: number(limits.slow_evaluations),
        }
    }
}

/// What the requests of a policy may take, as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileHttp {
    /// Requests of one evaluation.
    pub requests: u32,
    /// Requests of all its evaluations at once.
    pub concurrent: usize,
    /// How long a connection may take to be made.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// The largest body that is sent.
    pub max_request: bytesize::ByteSize,
    /// The largest body that is received.
    pub max_response: bytesize::ByteSize,
}

impl From<FileHttp> for http::Limits {
    fn from(file: FileHttp) -> Self {
        Self {
            concurrent: file.concurrent,
            connect: file.connect_timeout,
            request_bytes: file.max_request.as_u64(),
            response_bytes: file.max_response.as_u64(),
            response_head_bytes: RESPONSE_HEAD,
        }
    }
}

/// How much the bucket of a policy may hold, as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileQuota {
    /// See [`Quota::keys`](key_value::Quota::keys).
    pub keys: u64,
    /// See [`Quota::key_bytes`](key_value::Quota::key_bytes).
    pub max_key: bytesize::ByteSize,
    /// See [`Quota::value_bytes`](key_value::Quota::value_bytes).
    pub max_value: bytesize::ByteSize,
    /// See [`Quota::bytes`](key_value::Quota::bytes).
    pub bytes: bytesize::ByteSize,
    /// See [`Quota::expire_after`](key_value::Quota::expire_after); zero for never.
    #[serde(with = "humantime_serde")]
    pub expire: Duration,
}

impl From<FileQuota> for key_value::Quota {
    fn from(file: FileQuota) -> Self {
        let bytes = |size: bytesize::ByteSize| usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
        Self {
            keys: file.keys,
            key_bytes: bytes(file.max_key),
            value_bytes: bytes(file.max_value),
            bytes: file.bytes.as_u64(),
            expire_after: (!file.expire.is_zero()).then_some(file.expire),
        }
    }
}
