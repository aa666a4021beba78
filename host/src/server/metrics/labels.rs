//! The labels of what is counted.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabel as _, EncodeLabelSet, LabelSetEncoder};

use crate::telemetry::metric::Metric;

/// The most labels of a metric.
const MOST: usize = 3;

/// A metric's labels and their values. Every call makes half a dozen of these to find
/// its counters, so making one allocates nothing.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    names: &'static [&'static str],
    values: [Value; MOST],
}

/// The value of a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    /// One of ours.
    Word(&'static str),
    /// A hook's or a policy's.
    Name(Arc<str>),
}

impl Labels {
    /// Pairs a metric's labels with their values.
    pub(super) fn of<const N: usize>(metric: Metric, values: [Value; N]) -> Self {
        debug_assert_eq!(metric.labels.len(), N);
        let mut values = values.into_iter();
        Self {
            names: metric.labels,
            values: std::array::from_fn(|_| values.next().unwrap_or(Value::Word(""))),
        }
    }
}

/// Only those of one metric are compared, and they have the same names.
impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.values.hash(hasher);
    }
}

impl EncodeLabelSet for Labels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        for (name, value) in self.names.iter().zip(&self.values) {
            (*name, value.as_str()).encode(encoder.encode_label())?;
        }
        Ok(())
    }
}

impl Value {
    fn as_str(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Name(name) => name,
        }
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<&Arc<str>> for Value {
    fn from(name: &Arc<str>) -> Self {
        Self::Name(Arc::clone(name))
    }
}
