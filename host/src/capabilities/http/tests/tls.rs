//! TLS: whose certificates are taken, and whose are not.

use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::super::*;
use super::setup::*;

/// Who signs certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    pub(super) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    fn sign(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        Leaf {
            certificate: certificate.der().clone(),
            key: key.into(),
        }
    }
}

/// The one that the tests' clients trust.
pub(super) fn authority() -> &'static Authority {
    static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);
    &AUTHORITY
}

/// A certificate of a server, and its key.
pub(super) struct Leaf {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// A certificate that is in order.
pub(super) fn leaf(host: &str) -> Leaf {
    authority().sign(host, |_| ())
}

/// A server that speaks TLS and says hello.
pub(super) struct Served {
    server: Server,
    /// The name and the protocol of each connection, as the client wanted them.
    wanted: mpsc::UnboundedReceiver<(Option<String>, Option<Vec<u8>>)>,
}

impl Served {
    pub(super) async fn with(leaf: &Leaf) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has both")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.certificate.clone()], leaf.key.clone_key())
            .expect("a certificate and its key");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (wanted_to, wanted) = mpsc::unbounded_channel();
        let server = Server::doing(move |Peer(stream)| {
            let acceptor = acceptor.clone();
            let wanted = wanted_to.clone();
            async move {
                let stream = acceptor.accept(stream).await.ok()?;
                let session = stream.get_ref().1;
                let name = session.server_name().map(str::to_owned);
                let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
                // Not every test asks.
                let _ = wanted.send((name, protocol));
                let mut peer = Peer(stream);
                loop {
                    peer.request().await?;
                    peer.say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
                        .await?;
                }
            }
        })
        .await;
        Self { server, wanted }
    }

    pub(super) fn origin(&self) -> String {
        self.server.origin().replace("http:", "https:")
    }

    pub(super) fn uri(&self) -> String {
        self.server.uri().replace("http:", "https:")
    }

    fn setup(&self) -> Setup {
        let mut setup = Setup::of(&self.server);
        setup.origins = vec![self.origin()];
        setup
    }
}

#[tokio::test]
async fn a_certificate_in_order_is_taken() {
    let mut served = Served::with(&leaf(NAME)).await;
    let client = served.setup().client();
    let answer = soon(client.send(get(&served.uri()), options())).await;
    assert_eq!(
        read(answer.expect("an answer")).await.expect("a body"),
        "hello"
    );
    let wanted = soon(served.wanted.recv()).await.expect("a connection");
    assert_eq!(wanted, (Some(NAME.to_owned()), Some(b"http/1.1".to_vec())));
}

#[tokio::test]
async fn an_address_has_certificates_too() {
    let served = Served::with(&leaf("127.0.0.1")).await;
    let origin = format!("https://{}", served.server.address);
    let client = Setup::new(&origin).client();
    let answer = soon(client.send(get(&origin), options())).await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_certificate_that_is_not_in_order_is_refused() {
    let expired = authority().sign(NAME, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let early = authority().sign(NAME, |params| {
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
    });
    for (what, leaf) in [
        ("another name", leaf("other.example.com")),
        ("the address", leaf("127.0.0.1")),
        ("another authority", Authority::new().sign(NAME, |_| ())),
        ("expired", expired),
        ("not yet valid", early),
    ] {
        let served = Served::with(&leaf).await;
        let client = served.setup().client();
        let error = soon(client.send(get(&served.uri()), options())).await;
        let kind = TlsFault::Certificate;
        assert_eq!(error.expect_err(what), Error::TlsFailed { kind }, "{what}");
        assert_all_counted(&client, "failed", 1);
    }
}

#[tokio::test]
async fn the_system_trusts_no_stranger() {
    let served = Served::with(&leaf(NAME)).await;
    let mut setup = served.setup();
    // The system's roots, where it has any, and one that signed nothing here.
    setup.tls = Tls::new(vec![Authority::new().der()]).expect("a root");
    let error = soon(setup.client().send(get(&served.uri()), options())).await;
    let kind = TlsFault::Certificate;
    assert_eq!(error.expect_err("a stranger"), Error::TlsFailed { kind });

    let mut setup = served.setup();
    setup.tls = Tls::new(vec![authority().der()]).expect("a root");
    let answer = soon(setup.client().send(get(&served.uri()), options())).await;
    answer.expect("an extra root is trusted");
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_nothing() {
    let (heads_to, mut heads) = mpsc::unbounded_channel();
    let server = Server::doing(move |mut peer| {
        let heads = heads_to.clone();
        async move {
            let mut first = [0; 1];
            tokio::io::AsyncReadExt::read_exact(&mut peer.0, &mut first)
                .await
                .ok()?;
            heads.send(first).ok()?;
            peer.say("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .await
        }
    })
    .await;
    let mut setup = Setup::of(&server);
    setup.origins = vec![server.origin().replace("http:", "https:")];
    let client = setup.client();
    let uri = server.uri().replace("http:", "https:");
    let error = soon(client.send(get(&uri), options())).await;
    let kind = TlsFault::Protocol;
    assert_eq!(error.expect_err("no TLS"), Error::TlsFailed { kind });
    // A handshake's first byte; a request's would be a letter.
    assert_eq!(soon(heads.recv()).await, Some([0x16]));

    let error = client.send(get(&server.uri()), options()).await;
    assert_eq!(error.expect_err("in clear text"), Error::NotAllowed);
}

#[tokio::test]
async fn a_handshake_that_stops_ends_at_the_limit() {
    let mut server = Server::doing(|mut peer| async move { peer.listen().await }).await;
    let mut setup = Setup::of(&server).limited(|limits| limits.connect = SHORT);
    setup.origins = vec![server.origin().replace("http:", "https:")];
    let client = setup.client();
    let uri = server.uri().replace("http:", "https:");
    let error = soon(client.send(get(&uri), options())).await;
    assert_eq!(error.expect_err("silence"), Error::ConnectTimeout);
    server.closed().await;
}
