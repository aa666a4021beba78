//! TLS, always verified: there is no way to make one that is not.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::{Error, TlsFault};
use super::host::Host;

/// Whom connections trust. Clones share their sessions.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ClientConfig>);

/// There are no roots to trust.
#[derive(Debug, thiserror::Error)]
pub enum BadRoots {
    /// One that the operator gave cannot be read.
    #[error("certificate {position} of the extra roots cannot be used as one")]
    Extra {
        /// Which, from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: rustls::Error,
    },
    /// The system has none, and the operator gave none.
    #[error("the system has no root certificates; install them or configure extra roots")]
    None,
    /// The roots there are make no verifier.
    #[error("the root certificates cannot be used")]
    Unusable(#[source] rustls::Error),
}

impl Tls {
    /// Trusts the roots of the operating system and these.
    ///
    /// # Errors
    ///
    /// See [`BadRoots`]. A root of the system that cannot be read is left out.
    pub fn new(extra: Vec<CertificateDer<'static>>) -> Result<Self, BadRoots> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::with(roots, extra)
    }

    /// Trusts only these roots.
    ///
    /// # Errors
    ///
    /// See [`BadRoots`].
    pub fn trusting_only(roots: Vec<CertificateDer<'static>>) -> Result<Self, BadRoots> {
        Self::with(RootCertStore::empty(), roots)
    }

    fn with(
        mut roots: RootCertStore,
        extra: Vec<CertificateDer<'static>>,
    ) -> Result<Self, BadRoots> {
        for (index, root) in extra.into_iter().enumerate() {
            let position = index + 1;
            roots
                .add(root)
                .map_err(|source| BadRoots::Extra { position, source })?;
        }
        if roots.is_empty() {
            return Err(BadRoots::None);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| BadRoots::Unusable(rustls::Error::General(error.to_string())))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(BadRoots::Unusable)?
            .with_webpki_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Speaks TLS with a host, whose certificate must be for it.
    pub(super) async fn handshake(
        &self,
        host: &Host,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let name = match host {
            Host::Name(name) => ServerName::try_from(name.to_string()).map_err(|_| fault(None))?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        TlsConnector::from(Arc::clone(&self.0))
            .connect(name, stream)
            .await
            .map_err(|error| fault(error.get_ref().and_then(|error| error.downcast_ref())))
    }
}

fn fault(error: Option<&rustls::Error>) -> Error {
    let kind = match error {
        Some(rustls::Error::InvalidCertificate(_)) => TlsFault::Certificate,
        _ => TlsFault::Protocol,
    };
    Error::TlsFailed { kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_cannot_be_read_is_named() {
        let bad = CertificateDer::from(vec![1, 2, 3]);
        let error = Tls::trusting_only(vec![bad]).expect_err("not a certificate");
        assert!(matches!(error, BadRoots::Extra { position: 1, .. }));
    }

    #[test]
    fn nobody_to_trust_is_an_error() {
        let error = Tls::trusting_only(Vec::new()).expect_err("no roots");
        assert!(matches!(error, BadRoots::None));
    }
}
