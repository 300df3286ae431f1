//! Checkpoints that were kept elsewhere, against a keeper who can write the whole database.

use std::sync::Arc;

use serde_json::{Value, json};
use verifa_testkit::{Client, Installation, Ran, TestServer, eventually};

use crate::support::server_and_live;

/// A new session's events, numbered; answers the newest checkpoint as it is sent.
async fn checkpoint(server: &TestServer, client: &Client) -> String {
    client.session(json!({})).await;
    let database = &server.installation.database;
    eventually("the trail is sealed", async || {
        let unsealed = database.count("audit_events", "seq IS NULL").await;
        (unsealed == 0).then_some(())
    })
    .await;
    let answer = client.get("/api/v1/events/checkpoint").await;
    answer.ok(200);
    answer.text().to_owned()
}

fn sequence(checkpoint: &str) -> i64 {
    let read: Value = serde_json::from_str(checkpoint).unwrap();
    read["sequence"].as_i64().unwrap()
}

/// Cuts everything behind an event off, as somebody would who wants nobody to see it.
async fn cut_behind(installation: &Installation, seq: i64) {
    let database = &installation.database;
    for table in ["audit_events", "audit_checkpoints"] {
        let cut = format!("DELETE FROM {table} WHERE seq > {seq}");
        assert!(database.change(&cut).await > 0);
    }
    let head = format!(
        "UPDATE sequence_heads SET seq = {seq}, \
         hash = (SELECT hash FROM audit_events WHERE seq = {seq}) WHERE name = 'audit'"
    );
    assert_eq!(database.change(&head).await, 1);
}

/// `audit verify --json` with files of kept checkpoints.
fn verify(installation: &Installation, kept: &[&str]) -> Ran {
    let mut arguments = vec!["audit".to_owned(), "verify".into(), "--json".into()];
    for (position, text) in kept.iter().enumerate() {
        let path = installation.root().join(format!("kept-{position}"));
        std::fs::write(&path, text).unwrap();
        arguments.extend(["--checkpoint".into(), path.to_str().unwrap().into()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    installation.run(&arguments)
}

#[track_caller]
fn assert_whole(ran: &Ran, kept: i64) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["kept_checkpoints"], kept);
}

#[track_caller]
fn assert_broken(ran: &Ran, seq: i64, words: &str) {
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(printed["ok"], false);
    assert_eq!(printed["fault"]["seq"], seq, "{printed}");
    let fault = printed["fault"]["fault"].as_str().unwrap();
    assert!(fault.contains(words), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_tail_is_found_by_a_checkpoint_that_was_kept() {
    let (mut server, live) = server_and_live().await;
    let installation = Arc::clone(&server.installation);
    let early = checkpoint(&server, &live).await;
    let late = checkpoint(&server, &live).await;
    let (first, last) = (sequence(&early), sequence(&late));
    assert!(first < last);
    let export = installation.run(&["audit", "export"]).stdout;
    server.terminate().await;
    // Answers one behind the other, as `>>` writes them.
    assert_whole(&verify(&installation, &[&format!("{early}{late}")]), 2);
    let exported = export.matches("\"kind\":\"checkpoint\"").count();
    assert!(exported >= 2, "{export}");
    let ran = verify(&installation, &[&export, &late]);
    assert_whole(&ran, 1 + i64::try_from(exported).unwrap());

    cut_behind(&installation, first).await;
    assert_whole(&verify(&installation, &[]), 0);
    assert_whole(&verify(&installation, &[&early]), 1);
    let ran = verify(&installation, &[&export]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    let ran = verify(&installation, &[&early, &late]);
    assert_broken(&ran, last, "ends before the kept checkpoint");
    let path = installation.root().join("kept-1");
    let told = installation.run(&["audit", "verify", "--checkpoint", path.to_str().unwrap()]);
    assert_eq!(told.code, 2);
    let place = format!("broken at event {last}:");
    assert!(told.stdout.contains(&place), "{}", told.stdout);

    // Numbered anew, the trail reaches the checkpoint again, as another one.
    server.restart().await;
    let mut newest = checkpoint(&server, &server.live()).await;
    while sequence(&newest) < last {
        newest = checkpoint(&server, &server.live()).await;
    }
    server.terminate().await;
    assert_whole(&verify(&installation, &[&early, &newest]), 2);
    let ran = verify(&installation, &[&late]);
    assert_broken(&ran, last, "another chain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_this_servers_checkpoints_count() {
    let (mut server, live) = server_and_live().await;
    let kept = checkpoint(&server, &live).await;
    let (mut other, stranger) = server_and_live().await;
    let foreign = checkpoint(&other, &stranger).await;
    other.terminate().await;
    server.terminate().await;
    let installation = Arc::clone(&server.installation);
    let seq = sequence(&kept);
    let altered = |name: &str, value: Value| {
        let mut read: Value = serde_json::from_str(&kept).unwrap();
        assert_ne!(read[name], value);
        read[name] = value;
        read.to_string()
    };
    let theirs: Value = serde_json::from_str(&foreign).unwrap();
    for text in [
        altered("signature", json!("00".repeat(64))),
        altered("hash", json!("00".repeat(32))),
        altered("signed_at_micros", json!(1)),
        altered("public_key", theirs["public_key"].clone()),
    ] {
        assert_broken(&verify(&installation, &[&text]), seq, "not this server's");
    }
    let ran = verify(&installation, &[&foreign]);
    assert_broken(&ran, sequence(&foreign), "not this server's");
    // What is no checkpoint at all is a command that could not run.
    for text in ["", "{}", "whole", &kept[..kept.len() / 2]] {
        let ran = verify(&installation, &[text]);
        assert_eq!(ran.code, 1, "{text}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("kept-0"), "{}", ran.stderr);
    }
}
