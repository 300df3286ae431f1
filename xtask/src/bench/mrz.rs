//! Reading the machine-readable zone, through the HTTP API: time per image on one core, images per
//! second on all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::latencies::{Latencies, milliseconds};
use super::page::Table;
use super::start_up::megabytes;
use super::workflow::{create_session, id_of, is_running, submit, wait_for};
use crate::client::{Call, Connection, block_on};
use crate::verifa::{Installation, Server};
use crate::workspace;

/// Specimen photographs and scans, beside the work tree where the project's data is laid out.
const IMAGES: &str = "../shared/data/vision/mrz";
/// Reads in flight when the throughput of the whole machine is measured.
const IN_FLIGHT: usize = 4;

pub(super) fn table() -> Table {
    Table::new(
        "Reading the MRZ",
        "SQLite; photographs and scans of specimens, uploaded through the API. Per image: the \
         document_ocr node's own time, server bound to one core, one image at a time. Together: \
         whole sessions (create, upload, submit, run), four in flight.",
        &[
            "what",
            "images",
            "p50 ms",
            "p99 ms",
            "images/s",
            "resident MB at peak",
        ],
    )
}

pub(super) fn measure(program: &Path, table: &mut Table) -> Result<()> {
    let images = images()?;
    if images.is_empty() {
        println!("NOT MEASURED: MRZ reading; no images in {IMAGES}");
        return Ok(());
    }
    let installation = Installation::init(program, None)?;
    installation.fetch_models()?;
    let images = Arc::new(images);
    for (what, cpus, in_flight) in [
        ("one core, one at a time", Some("0"), 1),
        ("all cores, four in flight", None, IN_FLIGHT),
    ] {
        let server = installation.serve(cpus)?;
        let started = Instant::now();
        let times = block_on(read_all(&installation, &server, &images, in_flight))?;
        let rate = times.count() as f64 / started.elapsed().as_secs_f64();
        table.row(&[
            what.to_owned(),
            times.count().to_string(),
            milliseconds(times.percentile(0.5)),
            milliseconds(times.percentile(0.99)),
            format!("{rate:.2}"),
            megabytes(server.usage()?.peak_resident_bytes),
        ]);
        server.stop()?;
    }
    Ok(())
}

fn images() -> Result<Vec<Vec<u8>>> {
    let directory = workspace::root().join(IMAGES);
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = ["jpg", "jpeg", "png"]
        .iter()
        .map(|extension| workspace::files_below(&directory, extension))
        .collect::<Result<Vec<_>>>()?
        .concat();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display())))
        .collect()
}

/// Every image once, a share to each of so many clients; the times of the `document_ocr` nodes.
async fn read_all(
    installation: &Installation,
    server: &Server,
    images: &Arc<Vec<Vec<u8>>>,
    in_flight: usize,
) -> Result<Latencies> {
    let address = server.address();
    let key = installation.live_key().to_owned();
    let mut connection = Connection::open(address, &key).await?;
    let body = json!({
        "name": "read the document",
        "steps": [{"id": "scan", "policy": "document_ocr", "on_fail": "review"}],
    });
    let created = connection
        .send(&Call::post("/api/v1/workflows", &body))
        .await?
        .expect(201)?;
    let workflow = id_of(&created)?;
    let clients: Vec<_> = (0..in_flight)
        .map(|client| {
            let (images, key, workflow) = (Arc::clone(images), key.clone(), workflow.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address, &key).await?;
                let mut times = Latencies::default();
                for image in images.iter().skip(client).step_by(in_flight) {
                    times.add(read_one(&mut connection, &workflow, image).await?);
                }
                Ok::<_, anyhow::Error>(times)
            })
        })
        .collect();
    let mut all = Latencies::default();
    for client in clients {
        all.merge(client.await.context("a client panicked")??);
    }
    Ok(all)
}

async fn read_one(connection: &mut Connection, workflow: &str, image: &[u8]) -> Result<Duration> {
    let session = create_session(connection, workflow).await?;
    connection
        .send(&Call::upload(&session, "id_front", image))
        .await?
        .expect(201)?;
    submit(connection, &session).await?;
    wait_for(connection, &session, |status| !is_running(status)).await?;
    let path = format!("/api/v1/sessions/{session}/workflow-run");
    let run = connection.send(&Call::get(path)).await?.expect(200)?;
    let milliseconds = run
        .pointer("/node_results/scan/duration_ms")
        .and_then(Value::as_u64)
        .context("the run has no result of document_ocr")?;
    Ok(Duration::from_millis(milliseconds))
}
