//! The transport: what all requests of all policies go through.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use tokio::runtime::Handle;

use super::address::Named;
use super::client::{Client, Config, Limits};
use super::origin::Origins;
use super::resolve::{Resolve, System};
use super::tls::{BadRoots, Tls};
use crate::files::{self, ReadError};

/// The largest file of certificates, in bytes.
const MAX_CERTIFICATES: u64 = 4 * 1024 * 1024;

/// How many names are looked up at once.
const LOOKUPS: usize = 32;

/// What the operator says about all requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// Files of certificates that are trusted beside the system's.
    pub trust: Vec<PathBuf>,
}

/// What all requests go through: whom they trust, who knows the addresses of names, and
/// where their connections live.
#[derive(Clone)]
pub struct Transport {
    pub(super) tls: Tls,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) runtime: Handle,
}

/// Why no request can be made.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// A file of certificates cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is not what it should be.
    #[error("`{}` holds no certificates in PEM, or one that is broken", path.display())]
    NoCertificates {
        /// The file.
        path: PathBuf,
    },
    /// See [`BadRoots`].
    #[error(transparent)]
    BadRoots(#[from] BadRoots),
}

impl Transport {
    /// Reads the certificates that are trusted. Connections live on the runtime, which
    /// must have IO and time.
    ///
    /// # Errors
    ///
    /// See [`TransportError`].
    pub fn new(config: &FileConfig, runtime: Handle) -> Result<Self, TransportError> {
        let mut roots = Vec::new();
        for file in &config.trust {
            roots.extend(certificates(file)?);
        }
        Ok(Self {
            tls: Tls::new(roots)?,
            resolver: Arc::new(System::new(LOOKUPS)),
            runtime,
        })
    }
}

impl Transport {
    /// A client that may send to these origins.
    #[must_use]
    pub fn client(&self, origins: Origins, named: Named, limits: Limits) -> Client {
        let config = Config {
            origins,
            named,
            limits,
            tls: self.tls.clone(),
            resolver: Arc::clone(&self.resolver),
        };
        Client::new(config, self.runtime.clone())
    }
}

/// Reads a file of certificates, in PEM.
///
/// # Errors
///
/// There are none in it, or it cannot be read.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let text = files::read(path, MAX_CERTIFICATES)?;
    let none = || TransportError::NoCertificates {
        path: path.to_owned(),
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|_| none())?;
    if certificates.is_empty() {
        return Err(none());
    }
    Ok(certificates)
}
