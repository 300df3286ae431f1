//! Requests that no honest client sends. The server must refuse each with an error of its own table,
//! never fail (5xx), never end, and never hold more memory than it promises.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::random::Choices;
use crate::client::{Call, Connection, block_on};
use crate::verifa::Installation;

/// The bound of issue 2's acceptance for 32 uploads at once.
const MOST_RESIDENT_BYTES: u64 = 600_000_000;
/// Uploads at once in the last part.
const UPLOADS: usize = 32;
/// A JSON body may have 1 MiB, an uploaded file 10 MiB; both are overstepped here.
const LARGE: usize = 30 << 20;

pub(super) fn run(installation: &Installation, count: u64, seed: u64) -> Result<()> {
    let mut server = installation.serve(None)?;
    let mut choices = Choices::from_seed(seed);
    let statuses = block_on(async {
        let mut connection = Connection::open(server.address(), installation.live_key()).await?;
        let created = connection
            .send(&Call::post("/api/v1/sessions", &json!({})))
            .await?
            .expect(201)?;
        let session = created
            .get("id")
            .and_then(Value::as_str)
            .context("no id")?
            .to_owned();
        let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
        for number in 0..count {
            let call = hostile_call(&mut choices, &session);
            // A refused body may also cost the connection; the server itself must still be there.
            let Ok(answer) = connection.send(&call).await else {
                connection = Connection::open(server.address(), installation.live_key())
                    .await
                    .with_context(|| format!("request {number} ended the server: {}", call.path))?;
                *statuses.entry(0).or_default() += 1;
                continue;
            };
            let status = answer.status.as_u16();
            *statuses.entry(status).or_default() += 1;
            ensure!(
                status < 500,
                "request {number} (seed {seed}): {} {} answered {status}",
                call.method,
                call.path
            );
            if status >= 400 {
                let body = answer
                    .json()
                    .with_context(|| format!("{status} without JSON"))?;
                ensure!(
                    body.get("status_code").and_then(Value::as_u64) == Some(u64::from(status))
                        && body.get("error").is_some_and(Value::is_string),
                    "{} {} answered {status} with another body than the error's",
                    call.method,
                    call.path
                );
            }
        }
        Ok(statuses)
    })?;
    println!("answers by status (0: connection closed instead): {statuses:?}");
    block_on(uploads_at_once(
        server.address(),
        installation.live_key(),
        &mut choices,
    ))?;
    ensure!(server.is_running()?, "the server ended");
    let peak = server.usage()?.peak_resident_bytes;
    println!("peak of resident memory: {} MB", peak / 1_000_000);
    ensure!(
        peak < MOST_RESIDENT_BYTES,
        "peak of resident memory is {peak} bytes"
    );
    server.stop()
}

fn hostile_call(choices: &mut Choices, session: &str) -> Call {
    let paths = [
        "/api/v1/sessions".to_owned(),
        format!("/api/v1/sessions/{session}"),
        format!("/api/v1/sessions/{session}/external-decision"),
        format!("/api/v1/sessions/{session}/submit"),
        format!("/api/v1/sessions/{session}/documents"),
        format!("/api/v1/sessions/{session}/documents/id_front?expires=1&sig=00"),
        "/api/v1/workflows".to_owned(),
        "/api/v1/sessions/ses_00000000000000000000000000".to_owned(),
        "/api/v1/sessions/%00%ff/result".to_owned(),
        "/api/v1/sessions?limit=18446744073709551616&offset=-1".to_owned(),
        format!("/api/v1/{}", "x/".repeat(500)),
    ];
    let path = choices.pick(&paths).cloned().unwrap_or_default();
    let methods = [
        Method::POST,
        Method::PATCH,
        Method::GET,
        Method::DELETE,
        Method::PUT,
    ];
    let method = choices.pick(&methods).cloned().unwrap_or(Method::POST);
    // Bodies of the full oversize are rare: they cost a second each.
    let body = if choices.below(2_000) == 0 {
        vec![b' '; LARGE]
    } else {
        hostile_body(choices)
    };
    let content_types = [
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=b",
    ];
    let content_type = choices
        .pick(&content_types)
        .copied()
        .unwrap_or("application/json");
    let mut call = Call::get(path);
    call.method = method;
    call.body = Bytes::from(body);
    call.content_type = content_type;
    if choices.below(4) == 0 {
        let length = usize::try_from(choices.below(300)).unwrap_or(0);
        call.idempotency_key = Some("k".repeat(length));
    }
    call
}

fn hostile_body(choices: &mut Choices) -> Vec<u8> {
    let length = usize::try_from(choices.below(4_096)).unwrap_or(0);
    let depth = usize::try_from(choices.below(50_000)).unwrap_or(0);
    match choices.below(10) {
        0 => choices.bytes(length),
        1 => "[".repeat(depth).into_bytes(),
        2 => format!("{}1{}", "{\"metadata\":".repeat(64), "}".repeat(64)).into_bytes(),
        3 => json!({"metadata": {"nul": "a\u{0}b"}, "external_ref": "\u{0}"})
            .to_string()
            .into(),
        4 => json!({"metadata": 5, "expires_in_minutes": "soon", "tags": {}})
            .to_string()
            .into(),
        5 => b"{\"expires_in_minutes\": 1e999999, \"metadata\": {\"n\": 99999999999999999999}}"
            .into(),
        6 => json!({"decision": "maybe", "metadata": []})
            .to_string()
            .into(),
        7 => polyglot(),
        8 => {
            let mut text = json!({"metadata": {"k": "v".repeat(length)}})
                .to_string()
                .into_bytes();
            text.truncate(length.min(text.len()));
            text
        }
        _ => json!({"data": {"attributes": {"metadata": {"k".repeat(length): null}}}})
            .to_string()
            .into(),
    }
}

/// A multipart body whose file begins like a GIF and goes on like a page.
fn polyglot() -> Vec<u8> {
    b"--b\r\nContent-Disposition: form-data; name=\"document_type\"\r\n\r\nid_front\r\n\
      --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x.png\"\r\n\
      Content-Type: image/png\r\n\r\nGIF89a<script>alert(1)</script>\r\n--b--\r\n"
        .to_vec()
}

/// Many large uploads at the same time, each a valid head of a picture with noise behind it.
async fn uploads_at_once(
    address: std::net::SocketAddr,
    key: &str,
    choices: &mut Choices,
) -> Result<()> {
    let mut image = b"\xff\xd8\xff\xe0".to_vec();
    image.extend(choices.bytes(9 << 20));
    let image = std::sync::Arc::new(image);
    let uploads: Vec<_> = (0..UPLOADS)
        .map(|_| {
            let (image, key) = (std::sync::Arc::clone(&image), key.to_owned());
            tokio::spawn(async move {
                let mut connection = Connection::open(address, &key).await?;
                let created = connection
                    .send(&Call::post("/api/v1/sessions", &json!({})))
                    .await?
                    .expect(201)?;
                let session = created.get("id").and_then(Value::as_str).context("no id")?;
                let answer = connection
                    .send(&Call::upload(session, "id_front", &image))
                    .await?;
                Ok::<_, anyhow::Error>(answer.status.as_u16())
            })
        })
        .collect();
    for upload in uploads {
        let status = upload.await.context("an upload panicked")??;
        ensure!(
            (400..500).contains(&status),
            "an upload of noise answered {status}"
        );
    }
    Ok(())
}
