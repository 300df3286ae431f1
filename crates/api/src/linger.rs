//! Reads what a handler left of a body before its answer is sent.
//!
//! A server that answers and closes while the caller still writes resets the connection: the
//! caller may see a broken pipe instead of its 413, or lose its next call on the connection. So
//! the rest is read and thrown away, within bounds (RFC 9112 §9.6 describes the race).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use futures::{StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};

/// Most bytes that are read for nothing.
const MOST: usize = 64 * 1024 * 1024;
/// Longest time that is spent on it.
const LONGEST: Duration = Duration::from_secs(10);

/// The far end of a request's body, kept while the handler reads the near one.
pub(crate) struct Remains {
    body: Arc<Mutex<BodyDataStream>>,
    // A caller that asked first sends nothing until its body is wanted.
    waits_to_be_asked: bool,
}

/// Keeps hold of a body while the request goes to its handler.
pub(crate) fn keep_hold(request: Request) -> (Request, Option<Remains>) {
    if !has_body(request.headers()) {
        return (request, None);
    }
    let waits_to_be_asked = request.headers().contains_key(EXPECT);
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body.into_data_stream()));
    let near = Arc::clone(&body);
    let stream = stream::poll_fn(move |context| {
        near.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .poll_next_unpin(context)
    });
    let request = Request::from_parts(parts, Body::from_stream(stream));
    (
        request,
        Some(Remains {
            body,
            waits_to_be_asked,
        }),
    )
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).map(http::HeaderValue::as_bytes);
    length.map_or(headers.contains_key(TRANSFER_ENCODING), |length| {
        length != b"0"
    })
}

impl Remains {
    /// Reads to the end, or until it is too much or takes too long.
    pub(crate) async fn drain(self) {
        if self.waits_to_be_asked {
            return;
        }
        let mut left = MOST;
        let reading = async {
            loop {
                let next = futures::future::poll_fn(|context| {
                    let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
                    body.poll_next_unpin(context)
                });
                match next.await {
                    Some(Ok(chunk)) if chunk.len() <= left => left -= chunk.len(),
                    _ => return,
                }
            }
        };
        // Whether it ended or timed out, the answer goes out now.
        let _ = tokio::time::timeout(LONGEST, reading).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;

    use super::*;

    fn chunked(read: &Arc<AtomicUsize>, chunks: usize) -> Request {
        let read = Arc::clone(read);
        let stream = stream::iter(0..chunks).map(move |_| {
            read.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024]))
        });
        Request::builder()
            .header(TRANSFER_ENCODING, "chunked")
            .body(Body::from_stream(stream))
            .unwrap()
    }

    #[tokio::test]
    async fn the_rest_is_read_after_the_handler_stopped() {
        let read = Arc::new(AtomicUsize::new(0));
        let (request, remains) = keep_hold(chunked(&read, 40));
        let mut near = request.into_body().into_data_stream();
        near.next().await.unwrap().unwrap();
        drop(near);
        assert_eq!(read.load(Ordering::SeqCst), 1);
        remains.unwrap().drain().await;
        assert_eq!(read.load(Ordering::SeqCst), 40);
    }

    #[tokio::test]
    async fn nobody_is_asked_for_a_body_that_is_not_wanted() {
        let read = Arc::new(AtomicUsize::new(0));
        let mut request = chunked(&read, 40);
        request
            .headers_mut()
            .insert(EXPECT, http::HeaderValue::from_static("100-continue"));
        let (_, remains) = keep_hold(request);
        remains.unwrap().drain().await;
        assert_eq!(read.load(Ordering::SeqCst), 0);
        assert!(keep_hold(Request::new(Body::empty())).1.is_none());
    }
}
