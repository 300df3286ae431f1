//! A mail server of a few lines: answers as it is told, and keeps what it was given.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What it does with a recipient.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Takes,
    Refuses,
    Later,
    /// Wants other credentials (RFC 4954 §6).
    Unauthorised,
}

/// What a client did.
#[derive(Clone, Default)]
pub(crate) struct Dialogue {
    pub(crate) commands: Vec<String>,
    pub(crate) message: String,
}

pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<Dialogue>>>,
}

impl SmtpServer {
    /// Listens on a loopback port; with `tls` from the first byte.
    pub(crate) async fn start(answer: Answer, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Dialogue>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, tls) = (Arc::clone(&kept), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, answer, &kept).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                converse(stream, answer, &kept).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, seen }
    }

    pub(crate) fn dialogues(&self) -> Vec<Dialogue> {
        self.seen.lock().unwrap().clone()
    }
}

/// RFC 5321, as far as a client that sends one message needs it.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    answer: Answer,
    kept: &Mutex<Vec<Dialogue>>,
) {
    let mut stream = BufReader::new(stream);
    let mut dialogue = Dialogue::default();
    let _greeted = stream.get_mut().write_all(b"220 test ESMTP\r\n").await;
    let mut in_message = false;
    let mut line = String::new();
    while matches!(stream.read_line(&mut line).await, Ok(1..)) {
        let reply = if in_message {
            if line == ".\r\n" {
                in_message = false;
                kept.lock().unwrap().push(dialogue.clone());
                "250 taken\r\n"
            } else {
                dialogue.message.push_str(&line);
                ""
            }
        } else {
            dialogue.commands.push(line.trim_end().to_owned());
            match line.split_whitespace().next().unwrap_or_default() {
                "EHLO" => "250-test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n",
                "AUTH" if matches!(answer, Answer::Unauthorised) => "535 5.7.8 no\r\n",
                "AUTH" => "235 welcome\r\n",
                "RCPT" => match answer {
                    Answer::Takes | Answer::Unauthorised => "250 ok\r\n",
                    Answer::Refuses => "550 5.1.1 <jane@example.org>: no such user\r\n",
                    Answer::Later => "451 4.7.1 <jane@example.org>: greylisted\r\n",
                },
                "DATA" => {
                    in_message = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                _ => "250 ok\r\n",
            }
        };
        if stream.get_mut().write_all(reply.as_bytes()).await.is_err() {
            break;
        }
        let _flushed = stream.get_mut().flush().await;
        line.clear();
    }
}
