//! Connections of webhooks: names are resolved here, and no byte goes to an address that the guard
//! does not permit at the moment of connecting, so that a name that changes its address between
//! two looks (DNS rebinding) gains nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use verifa_core::webhook::AttemptFailure;

use crate::guard::Guard;

/// Longest wait for one address to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// Most addresses of a name that are tried.
const ADDRESSES: usize = 4;

/// Looks names up.
pub trait Resolve: Send + Sync {
    /// The addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// Looks names up as the machine does.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection: {0}")]
pub(crate) struct ConnectError(pub(crate) AttemptFailure);

/// Connects to permitted addresses only.
#[derive(Clone)]
pub(crate) struct Connector {
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
}

impl Connector {
    pub(crate) fn new(guard: Arc<Guard>, resolver: Arc<dyn Resolve>, tls: TlsConnector) -> Self {
        Self {
            guard,
            resolver,
            tls,
        }
    }

    async fn connect(self, uri: Uri) -> Result<Stream, ConnectError> {
        let failed = |why| move |_| ConnectError(why);
        let https = uri.scheme_str() == Some("https");
        let host = uri.host().ok_or(ConnectError(AttemptFailure::Dns))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let tcp = self.reach(host, uri.host().unwrap_or(host), port).await?;
        tcp.set_nodelay(true)
            .map_err(failed(AttemptFailure::Connect))?;
        if !https {
            return Ok(Stream(TokioIo::new(Box::new(tcp))));
        }
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| ConnectError(AttemptFailure::Tls))?;
        let tls = self.tls.connect(name, tcp).await;
        let tls = tls.map_err(|_| ConnectError(AttemptFailure::Tls))?;
        Ok(Stream(TokioIo::new(Box::new(tls))))
    }

    /// A connection to the first permitted address that answers. `written` is the host as the URL
    /// writes it, with brackets around an IPv6 address.
    async fn reach(&self, host: &str, written: &str, port: u16) -> Result<TcpStream, ConnectError> {
        let addresses = if let Ok(literal) = host.parse::<IpAddr>() {
            vec![literal]
        } else {
            let resolved = self.resolver.resolve(host).await;
            resolved.map_err(|_| ConnectError(AttemptFailure::Dns))?
        };
        let mut outcome = if addresses.is_empty() {
            AttemptFailure::Dns
        } else {
            AttemptFailure::RefusedAddress
        };
        let permitted = addresses
            .into_iter()
            .filter(|address| self.guard.permits(written, port, *address));
        for address in permitted.take(ADDRESSES) {
            let connecting = TcpStream::connect(SocketAddr::new(address, port));
            match tokio::time::timeout(CONNECT, connecting).await {
                Ok(Ok(tcp)) if self.is_permitted_peer(written, port, &tcp) => return Ok(tcp),
                Ok(Ok(_)) => outcome = AttemptFailure::RefusedAddress,
                Ok(Err(_)) => outcome = AttemptFailure::Connect,
                Err(_) => outcome = AttemptFailure::Timeout,
            }
        }
        Err(ConnectError(outcome))
    }

    fn is_permitted_peer(&self, written: &str, port: u16, tcp: &TcpStream) -> bool {
        tcp.peer_addr()
            .is_ok_and(|peer| self.guard.permits(written, port, peer.ip()))
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Stream;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Stream, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A connection, with TLS or without.
pub(crate) struct Stream(TokioIo<Box<dyn Bytes>>);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
