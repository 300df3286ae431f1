//! `Verifa-Version`: dates resolve to the newest version not after them.

use crate::support::{SESSIONS, server, server_and_live};

#[tokio::test]
async fn dates_resolve_and_the_answer_says_to_what() {
    let (_server, live) = server_and_live().await;
    for date in ["2026-01-01", "2026-01-02", "2026-02-01", "2026-11-20"] {
        let answer = live.get(SESSIONS).header("verifa-version", date).await;
        answer.ok(200);
        assert_eq!(answer.header("verifa-version"), "2026-01-01", "{date}");
    }
    assert_eq!(
        live.get(SESSIONS).await.header("verifa-version"),
        "2026-01-01"
    );
}

#[tokio::test]
async fn dates_that_are_none_are_bad_requests() {
    let (_server, live) = server_and_live().await;
    for date in [
        "2025-12-31",
        "2099-01-01",
        "yesterday",
        "2026-02-30",
        "2026-1-1",
        "20260101",
        "",
        "2026-01-01T00:00:00Z",
        "+2026-01-01",
        "2026-01-01,2026-02-01",
        "9999999999-01-01",
    ] {
        live.get(SESSIONS)
            .header("verifa-version", date)
            .await
            .refused(400, "bad_request");
    }
}

#[tokio::test]
async fn refusals_carry_the_version_too() {
    let (_server, live) = server_and_live().await;
    let answer = live
        .get(&format!("{SESSIONS}/x"))
        .header("verifa-version", "2026-03-01")
        .await;
    answer.refused(404, "not_found");
    assert_eq!(answer.header("verifa-version"), "2026-01-01");
}

#[tokio::test]
async fn a_key_may_be_pinned() {
    let server = server().await;
    let secret = server.installation.create_key("live", "*");
    let change = "UPDATE api_keys SET api_version = '2026-01-01'";
    server.installation.database.change(change).await;
    let answer = server.anonymous().key(&secret).get(SESSIONS).await;
    answer.ok(200);
    assert_eq!(answer.header("verifa-version"), "2026-01-01");
}
