//! What a policy was granted, ready to be used; and what one evaluation has of it.

use std::sync::Arc;
use std::time::Instant;

use super::dataset::{self, Datasets, Used};
use super::http::{self, Http};
use super::key_value::{KeyValue, Own};
use super::meter::Meter;
use super::secrets::{self, Secrets};

/// What a policy was granted. All its evaluations share it.
#[derive(Debug, Default)]
pub struct Granted {
    /// Values for its secrets.
    pub secrets: Arc<secrets::Bound>,
    /// The datasets that it may ask.
    pub datasets: Arc<dataset::Granted>,
    /// Its bucket.
    pub key_value: Option<Own>,
    /// What its requests go through.
    pub http: Option<http::Granted>,
}

/// What one evaluation has of that.
pub struct Access {
    /// For `secrets`.
    pub secrets: Secrets,
    /// For `dataset`.
    pub datasets: Datasets,
    /// For `wasi:keyvalue`, if that is granted.
    pub key_value: Option<KeyValue>,
    /// For `wasi:http`, if that is granted.
    pub http: Option<Http>,
}

impl Granted {
    /// What an evaluation has of it until its deadline. The datasets that it asks are
    /// noted in `used`.
    #[must_use]
    pub fn access(&self, meter: &Meter, deadline: Instant, used: &Used) -> Access {
        let own = self.key_value.as_ref();
        let http = self.http.as_ref();
        Access {
            secrets: Secrets::new(Arc::clone(&self.secrets), meter.clone()),
            datasets: Datasets::new(Arc::clone(&self.datasets), used.clone(), meter.clone()),
            key_value: own.map(|own| KeyValue::new(own.clone(), meter.clone())),
            http: http.map(|http| Http::new(http, deadline, meter.clone())),
        }
    }
}
