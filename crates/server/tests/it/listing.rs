//! Lists: filters, offset pages, cursor pages, totals.

use reqwest::Method;
use serde_json::{Value, json};
use verifa_testkit::Client;

use crate::support::{
    SESSIONS, gate_steps, ids, paused_session, server, server_and_live, unknown_id,
};

async fn list(client: &Client, query: &[(&str, &str)]) -> Value {
    client.get(SESSIONS).query(query).await.ok(200)
}

async fn make(client: &Client, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for number in 0..count {
        made.push(
            client
                .session(json!({"external_ref": format!("ref-{number:02}")}))
                .await,
        );
    }
    // Newest first.
    made.reverse();
    made
}

#[tokio::test]
async fn offset_pages_are_newest_first_with_a_total() {
    let (_server, live) = server_and_live().await;
    let empty = list(&live, &[]).await;
    assert_eq!(
        empty,
        json!({"data": [], "pagination": {"total": 0, "limit": 50, "offset": 0}})
    );
    let made = make(&live, 7).await;
    assert_eq!(ids(&list(&live, &[]).await), made);
    let page = list(&live, &[("limit", "3"), ("offset", "2")]).await;
    assert_eq!(ids(&page), made[2..5]);
    assert_eq!(
        page["pagination"],
        json!({"total": 7, "limit": 3, "offset": 2})
    );
    let beyond = list(&live, &[("offset", "7")]).await;
    assert_eq!(beyond["data"], json!([]));
    assert_eq!(beyond["pagination"]["total"], 7);
}

#[tokio::test]
async fn cursor_pages_neither_overlap_nor_skip_under_inserts() {
    let (_server, live) = server_and_live().await;
    let made = make(&live, 11).await;
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("page[size]", "3")];
        if let Some(cursor) = &cursor {
            query.push(("page[after]", cursor));
        }
        let page = list(&live, &query).await;
        assert_eq!(page["pagination"]["total"], Value::Null);
        assert_eq!(
            page["pagination"]["prev_cursor"].is_null(),
            cursor.is_none()
        );
        seen.extend(ids(&page));
        make(&live, 2).await;
        let Some(next) = page["pagination"]["next_cursor"].as_str() else {
            break;
        };
        cursor = Some(next.to_owned());
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn cursors_lead_back_too() {
    let (_server, live) = server_and_live().await;
    let made = make(&live, 9).await;
    let first = list(&live, &[("page[size]", "3")]).await;
    let after = first["pagination"]["next_cursor"].as_str().unwrap();
    let second = list(&live, &[("page[size]", "3"), ("page[after]", after)]).await;
    assert_eq!(ids(&second), made[3..6]);
    let before = second["pagination"]["prev_cursor"].as_str().unwrap();
    let back = list(&live, &[("page[size]", "3"), ("page[before]", before)]).await;
    assert_eq!(ids(&back), made[..3]);
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_total() {
    let (_server, live) = server_and_live().await;
    let workflow = live.workflow(gate_steps()).await;
    let tagged = live
        .session(json!({"external_ref": "alpha-1", "tags": ["vip"], "workflow_id": workflow}))
        .await;
    let expired = live
        .session(json!({"external_ref": "alpha-2", "tags": ["other"]}))
        .await;
    let plain = live.session(json!({"external_ref": "beta"})).await;
    // The first six characters of an id stand for a quarter of an hour.
    live.act(&expired, "expire").await.ok(200);
    for (query, wanted) in [
        (vec![("status", "pending")], vec![&plain, &tagged]),
        (vec![("status", "expired")], vec![&expired]),
        (vec![("status", "completed")], vec![]),
        (vec![("q", "alpha")], vec![&expired, &tagged]),
        (vec![("q", "alpha-2")], vec![&expired]),
        (vec![("q", plain.as_str())], vec![&plain]),
        (vec![("q", &plain[..10])], vec![&plain, &expired, &tagged]),
        (vec![("q", "pha")], vec![]),
        (vec![("q", "alpha%")], vec![]),
        (vec![("external_ref", "beta")], vec![&plain]),
        (vec![("external_ref", "bet")], vec![]),
        (vec![("tag", "vip")], vec![&tagged]),
        (vec![("tag", "vi")], vec![]),
        (vec![("workflow_id", workflow.as_str())], vec![&tagged]),
        (vec![("status", "pending"), ("q", "alpha")], vec![&tagged]),
        (
            vec![("created_after", "2020-01-01T00:00:00Z")],
            vec![&plain, &expired, &tagged],
        ),
        (vec![("created_before", "2020-01-01T00:00:00Z")], vec![]),
    ] {
        let page = list(&live, &query).await;
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), wanted, "{query:?}");
        assert_eq!(page["pagination"]["total"], wanted.len(), "{query:?}");
    }
}

#[tokio::test]
async fn totals_follow_the_sessions() {
    let (_server, live) = server_and_live().await;
    let made = make(&live, 4).await;
    live.act(&made[0], "expire").await.ok(200);
    live.delete(&format!("{SESSIONS}/{}/data", made[1]))
        .await
        .ok(200);
    let total =
        async |query: &[(&str, &str)]| list(&live, query).await["pagination"]["total"].clone();
    assert_eq!(total(&[]).await, 4);
    assert_eq!(total(&[("status", "pending")]).await, 2);
    // Redacting an active session expires it first.
    assert_eq!(total(&[("status", "expired")]).await, 2);
    live.act(&made[0], "resume").await.ok(200);
    assert_eq!(total(&[("status", "pending")]).await, 3);
    assert_eq!(total(&[("status", "expired")]).await, 1);
}

#[tokio::test]
async fn environments_do_not_see_each_other() {
    let server = server().await;
    let live = server.live().session(json!({"external_ref": "same"})).await;
    let sandbox = server
        .sandbox()
        .session(json!({"external_ref": "same"}))
        .await;
    assert_eq!(ids(&list(&server.live(), &[]).await), [live]);
    assert_eq!(
        ids(&list(&server.sandbox(), &[("q", "same")]).await),
        [sandbox]
    );
}

#[tokio::test]
async fn wrong_parameters_are_refused() {
    let (_server, live) = server_and_live().await;
    for (name, value) in [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "1e1"),
        ("offset", "-1"),
        ("offset", "x"),
        ("offset", "99999999999999999999999"),
        ("page[size]", "0"),
        ("page[size]", "101"),
        ("page[after]", "garbage"),
        ("page[before]", "%00"),
        ("status", "approved"),
        ("created_after", "yesterday"),
        ("created_before", "2026-13-01T00:00:00Z"),
    ] {
        let fields = live.get(SESSIONS).query(&[(name, value)]).await.invalid();
        assert_eq!(fields, [name], "{name}={value}");
    }
}

/// One parameter alone is read with the same care.
#[tokio::test]
async fn wrong_parameters_of_single_things_are_refused() {
    let (_server, live) = server_and_live().await;
    let session = paused_session(&live).await;
    let unknown = unknown_id("ses_");
    let long = "x".repeat(65);
    for (method, part, name) in [
        (Method::GET, "/workflow-run", "run"),
        (Method::POST, "/resume", "include"),
        (Method::POST, "/generate-one-time-link", "include"),
        (Method::POST, "", "include"),
    ] {
        for query in [
            format!("{name}={long}"),
            format!("{name}=qr%00"),
            format!("{name}=a&{name}=b"),
        ] {
            let send = |session: &str| {
                let id = if part.is_empty() { "" } else { session };
                let path = format!("{SESSIONS}/{id}{part}?{query}");
                live.call(method.clone(), &path)
            };
            assert_eq!(send(&session).await.invalid(), [name], "{part}?{query}");
            if !part.is_empty() {
                send(&unknown).await.refused(404, "not_found");
            }
        }
    }
    assert_eq!(live.look(&session).await["status"], "awaiting_external");
}

#[tokio::test]
async fn a_cursor_is_bound_to_what_made_it() {
    let server = server().await;
    make(&server.live(), 3).await;
    let page = list(&server.live(), &[("page[size]", "1")]).await;
    let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
    // A cursor is opaque: neither another list nor a changed letter may open it.
    let mut altered = cursor.to_owned();
    altered.insert(altered.len() / 2, 'x');
    server
        .live()
        .get(SESSIONS)
        .query(&[("page[after]", &altered)])
        .await
        .invalid();
    let foreign = server
        .sandbox()
        .get(SESSIONS)
        .query(&[("page[after]", cursor)])
        .await;
    assert!(
        foreign.status == 422 || foreign.json()["data"] == json!([]),
        "{}",
        foreign.shown()
    );
}
