//! TLS with a certificate made at start, for the names of this machine.

use std::io;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

/// Who the server is.
pub(crate) struct Identity {
    /// Its certificate as DER.
    pub(crate) certificate: Vec<u8>,
    /// Offers HTTP/2 and HTTP/1.1: a WebSocket needs the latter.
    pub(crate) config: RustlsConfig,
}

impl Identity {
    /// A new one, for localhost, 127.0.0.1 and `::1`.
    pub(crate) fn new() -> io::Result<Self> {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(io::Error::other)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Identity { certificate: cert.der().to_vec(), config: RustlsConfig::from_config(Arc::new(config)) })
    }
}
