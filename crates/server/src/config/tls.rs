//! `[server.tls]`: certificate and key.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

/// The files of TLS; both or neither.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// Certificate chain, PEM.
    pub(crate) cert_path: Option<PathBuf>,
    /// Private key, PEM.
    pub(crate) key_path: Option<PathBuf>,
}

/// Why TLS can't be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file is missing, unreadable or not PEM of the right kind.
    #[error("`{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The files do not make a server, for example because they do not belong together.
    #[error("{0}")]
    Refused(#[from] rustls::Error),
}

impl Tls {
    /// Certificate and key, when TLS is on.
    pub(crate) fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.cert_path.as_ref().zip(self.key_path.as_ref())
    }

    /// Reads the files; `None` when TLS is off.
    ///
    /// # Errors
    /// When a file can't be read, or certificate and key do not belong together.
    pub(crate) fn load(&self) -> Result<Option<Arc<ServerConfig>>, TlsError> {
        let Some((cert_path, key_path)) = self.files() else {
            return Ok(None);
        };
        let file = |path: &PathBuf, source| TlsError::File {
            path: path.clone(),
            source,
        };
        let chain = CertificateDer::pem_file_iter(cert_path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| file(cert_path, source))?;
        let key =
            PrivateKeyDer::from_pem_file(key_path).map_err(|source| file(key_path, source))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(Arc::new(config)))
    }
}
