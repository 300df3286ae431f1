//! Connections: so many at a time, and none that stands still for long.
//!
//! Whoever connects is a stranger until a request has been read. A head that never ends, an answer
//! that nobody takes, or connections without number would otherwise hold file descriptors for ever.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The most bytes of a request's line and headers together; more is a 431.
const LARGEST_HEAD: usize = 32 * 1024;
/// The longest life of a connection; then the exchange under way is its last. It bounds whoever
/// takes an answer byte by byte, each just in time.
const LONGEST_LIFE: Duration = Duration::from_hours(1);
/// The longest last exchange: more than a call with its body may take, see `ApiSettings`.
const LAST_EXCHANGE: Duration = Duration::from_secs(90);
/// The wait after a failed accept, such as with no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is said that all places are taken.
const REMINDER: Duration = Duration::from_mins(1);

/// How many connections there may be, and how slow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Most at a time; further ones wait in the system's queue.
    pub(crate) most: usize,
    /// The longest that the next head may take to be there, idle time before it included.
    pub(crate) header: Duration,
    /// The longest that a caller may take nothing of its answer.
    pub(crate) send: Duration,
}

/// Answers the connections of `listener` until `ended`; then those under way finish, at most
/// within [`LAST_EXCHANGE`].
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    bounds: Bounds,
    ended: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.header)
        .max_header_size(LARGEST_HEAD);
    let stop = CancellationToken::new();
    let answering = Arc::new(Answering {
        http,
        tls: tls.map(TlsAcceptor::from),
        router,
        send: bounds.send,
        stop: stop.clone(),
    });
    let mut door = Door {
        listener,
        places: Arc::new(Semaphore::new(bounds.most)),
        reminded: None,
    };
    let connections = TaskTracker::new();
    let mut ended = pin!(ended);
    loop {
        let next = tokio::select! {
            () = &mut ended => break,
            next = door.next() => next,
        };
        match next {
            Ok((place, stream, peer)) => {
                let answering = Arc::clone(&answering);
                connections.spawn(async move {
                    answering.connection(stream, peer).await;
                    drop(place);
                });
            }
            Err(error) if is_the_callers(&error) => {}
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be accepted");
                sleep(PAUSE).await;
            }
        }
    }
    // From here on connections are refused rather than left waiting.
    drop(door);
    stop.cancel();
    connections.close();
    connections.wait().await;
}

/// A caller that was gone before it was accepted is no fault of this machine.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Lets connections in as places become free.
struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
    reminded: Option<Instant>,
}

impl Door {
    async fn next(&mut self) -> io::Result<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
        if self.places.available_permits() == 0 {
            self.remind();
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let (stream, peer) = self.listener.accept().await?;
        Ok((place, stream, peer))
    }

    fn remind(&mut self) {
        if self.reminded.is_none_or(|then| then.elapsed() > REMINDER) {
            self.reminded = Some(Instant::now());
            tracing::warn!(
                "as many connections as there may be: new ones wait (server.max_connections)"
            );
        }
    }
}

/// What every connection is answered with.
struct Answering {
    http: http1::Builder,
    tls: Option<TlsAcceptor>,
    router: Router,
    send: Duration,
    stop: CancellationToken,
}

impl Answering {
    async fn connection(&self, stream: TcpStream, peer: SocketAddr) {
        // It fails on a connection that is gone already, and then all else does.
        let _unset = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.exchanges(stream, peer).await;
        };
        // A failed handshake is the caller's; there is nobody to answer.
        if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
            self.exchanges(stream, peer).await;
        }
    }

    async fn exchanges(&self, stream: impl AsyncRead + AsyncWrite, peer: SocketAddr) {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.send));
        let stream = TokioIo::new(Box::pin(stream));
        let service = service_fn(|request| answer(self.router.clone(), peer, request));
        let mut connection = pin!(self.http.serve_connection(stream, service));
        tokio::select! {
            // Broken or slow callers are nobody's to hear of: each call that was answered is in
            // the access log.
            _end = connection.as_mut() => return,
            () = self.stop.cancelled() => {}
            () = sleep(LONGEST_LIFE) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _end = timeout(LAST_EXCHANGE, connection).await;
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
