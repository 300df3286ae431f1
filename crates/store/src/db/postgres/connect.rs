//! Connections: the URL, TLS, and the settings every connection starts with.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresOptions;
use crate::db::DbError;

/// A server that has said nothing for this long to a packet is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Where and how to connect.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

impl Target {
    /// Reads the URL; see [`crate::db::Db::connect_postgres`] for what `sslmode` means.
    pub(super) fn parse(url: &str, options: &PostgresOptions) -> Result<Self, DbError> {
        let wrong = |reason: &str| DbError::Internal(format!("the database URL {reason}"));
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        if !base.starts_with("postgres://") && !base.starts_with("postgresql://") {
            return Err(wrong("does not begin with postgres://"));
        }
        let mut mode = "disable";
        let mut root_file = None;
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => {
                    let path = percent_encoding::percent_decode_str(value).decode_utf8();
                    root_file = Some(path.map_err(|_| wrong("has a wrong sslrootcert"))?);
                }
                _ => others.push(pair),
            }
        }
        let mut config: Config = format!("{base}?{}", others.join("&"))
            .parse()
            .map_err(|_| wrong("cannot be read"))?;
        let tls = match mode {
            "disable" => None,
            "require" | "verify-ca" | "verify-full" => Some(tls(root_file.as_deref())?),
            _ => {
                return Err(wrong(
                    "has an sslmode other than disable, require or verify-full",
                ));
            }
        };
        config.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        config.connect_timeout(options.acquire_timeout);
        config.keepalives_idle(SILENCE);
        config.tcp_user_timeout(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name("verifa");
        }
        Ok(Self { config, tls })
    }

    /// A pool of connections; none is made yet.
    pub(super) fn pool(&self, options: &PostgresOptions) -> Result<Pool, DbError> {
        let manager_config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(self.config.clone(), tls.clone(), manager_config),
            None => Manager::from_config(self.config.clone(), NoTls, manager_config),
        };
        let settings = session_settings(options);
        Pool::builder(manager)
            .max_size(options.connections.max(1))
            .wait_timeout(Some(options.acquire_timeout))
            .create_timeout(Some(options.acquire_timeout))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(move |client, _| {
                let settings = settings.clone();
                Box::pin(async move {
                    client
                        .batch_execute(&settings)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|_| DbError::Internal("the connection pool cannot be built".into()))
    }
}

/// Set per connection and not in the start packet, which poolers in front of the server refuse.
fn session_settings(options: &PostgresOptions) -> String {
    let limit = options.statement_timeout.as_millis();
    format!(
        "SET statement_timeout = {limit}; SET lock_timeout = {limit}; \
         SET idle_in_transaction_session_timeout = {limit}; SET timezone = 'UTC'"
    )
}

fn tls(root_file: Option<&str>) -> Result<MakeRustlsConnect, DbError> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(path) = root_file {
        let unreadable = || DbError::Internal("sslrootcert is no readable PEM file".into());
        let certificates = CertificateDer::pem_file_iter(path).map_err(|_| unreadable())?;
        for certificate in certificates {
            let certificate = certificate.map_err(|_| unreadable())?;
            roots.add(certificate).map_err(|_| unreadable())?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err(DbError::Internal(
            "no root certificate to verify the server with".into(),
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| DbError::Internal("TLS cannot be set up".into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, DbError> {
        Target::parse(url, &PostgresOptions::default())
    }

    #[test]
    fn without_sslmode_the_connection_is_plain() {
        let target = parse("postgres://user@localhost:5433/verifa").unwrap();
        assert!(target.tls.is_none());
        assert_eq!(target.config.get_ssl_mode(), SslMode::Disable);
        assert_eq!(target.config.get_dbname(), Some("verifa"));
    }

    #[test]
    fn errors_show_nothing_of_the_url() {
        for url in [
            "mysql://u:secret@h/d",
            "postgres://u:secret@h:port/d",
            "postgres://u:secret@h/d?sslmode=prefer",
            "postgres://u:secret@h/d?sslmode=require&sslrootcert=/secret/absent.pem",
        ] {
            let error = parse(url).map(|_| ()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
