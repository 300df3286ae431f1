//! Memory under uploads.

use image::{ImageFormat, RgbImage};
use serde_json::json;
use tokio::task::JoinSet;

use crate::images::{encoded, noise_png};
use crate::support::server_and_live;

/// The acceptance list's bound.
const MOST: u64 = 600_000_000;

#[tokio::test]
async fn thirty_two_uploads_at_once_stay_below_600_megabytes() {
    let (server, live) = server_and_live().await;
    // The largest that is allowed in each direction: ten megabytes of file, 48 megapixels of image.
    let heavy = noise_png(1_750, 1_850);
    let wide = encoded(&RgbImage::new(8_000, 6_000), ImageFormat::Png);
    let mut uploads = JoinSet::new();
    for number in 0..32 {
        let session = live.session(json!({})).await;
        let bytes = if number % 2 == 0 {
            heavy.clone()
        } else {
            wide.clone()
        };
        let live = live.clone();
        uploads.spawn(async move { live.upload(&session, "id_front", bytes).await });
    }
    for answer in uploads.join_all().await {
        answer.ok(201);
    }
    let peak = server.peak_resident_bytes();
    eprintln!("peak: {} MB", peak / 1_000_000);
    assert!(peak < MOST, "{peak} bytes");
}
