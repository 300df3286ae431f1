//! API keys over the API: made, changed, copied, stopped; what they grant and from where.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use verifa_testkit::{Client, TestServer, within};

use crate::support::{
    SESSIONS, assert_fields, assert_id, assert_time, ids, server, server_and_live,
};

const KEYS: &str = "/api/v1/api-keys";
/// A change is known within a second; a loaded machine may take another to answer.
const LATEST: Duration = Duration::from_secs(2);
const FIELDS: &str = "id type environment key_prefix is_active is_publishable created_at label note
    scopes api_version default_key_inflection allowed_ips allowed_origins expires_at last_used_at";

async fn make(client: &Client, body: Value) -> Value {
    client.post(KEYS).json(body).await.ok(201)
}

fn holder(server: &TestServer, made: &Value) -> Client {
    server.anonymous().key(made["secret"].as_str().unwrap())
}

fn path(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_is_made_with_its_secret_once() {
    let (server, live) = server_and_live().await;
    let body = json!({
        "label": "Shop", "note": "For tests", "scopes": ["sessions:read", "sessions:create"],
        "apiVersion": "2026-01-01", "default_key_inflection": "camel",
        "allowed_ips": ["127.0.0.1/8", "2001:db8::7"], "expires_at": "2099-01-01T00:00:00Z",
    });
    let made = make(&live, body).await;
    assert_fields(&made, &format!("{FIELDS} secret warning"));
    assert_id(&made["id"], "key_");
    assert_eq!(made["type"], "api-key");
    assert_eq!(made["environment"], "live");
    assert_eq!(made["is_active"], true);
    assert_eq!(
        made["allowed_ips"],
        json!(["127.0.0.0/8", "2001:db8::7/128"])
    );
    assert_eq!(made["last_used_at"], Value::Null);
    assert_time(&made["expires_at"]);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with(made["key_prefix"].as_str().unwrap()));

    let read = live.get(&path(&made)).await.ok(200);
    assert_fields(&read, FIELDS);
    let page = live.get(KEYS).await.ok(200);
    assert_eq!(page["pagination"]["total"], 3);
    assert_eq!(page["data"][0], read);
    assert!(!page.to_string().contains(secret));

    // It works as it was made: camel case, its scopes and no others.
    let new = holder(&server, &made);
    let listed = new.get(SESSIONS).await.json();
    assert!(listed["pagination"]["total"].is_number());
    let session = new.post(SESSIONS).json(json!({})).await.ok(201);
    assert!(session["isSandbox"].is_boolean(), "{session}");
    new.get(KEYS).await.refused(403, "forbidden");
    within(Duration::from_secs(2), "its use is noted", async || {
        let key = live.get(&path(&made)).await.ok(200);
        key["last_used_at"].is_string().then_some(())
    })
    .await;
    // Nowhere as it is.
    assert!(!server.installation.log().contains(secret));
}

#[tokio::test]
async fn without_scopes_it_gets_the_default_ones_that_its_maker_holds() {
    let (server, live) = server_and_live().await;
    let default = make(&live, json!({})).await;
    assert_eq!(
        default["scopes"],
        json!([
            "sessions:read",
            "sessions:create",
            "sessions:write",
            "verifications:read",
            "identities:read"
        ])
    );
    let narrow = json!({"scopes": ["api_keys:write", "sessions:write"]});
    let narrow = holder(&server, &make(&live, narrow).await);
    let child = make(&narrow, json!({})).await;
    assert_eq!(
        child["scopes"],
        json!(["sessions:create", "sessions:write"])
    );
    // A key without any scope would be of no use.
    let own = json!({"scopes": ["api_keys:write"]});
    let none = holder(&server, &make(&live, own.clone()).await);
    for body in [json!({}), json!({"scopes": []})] {
        none.post(KEYS).json(body).await.invalid_field("scopes");
    }
    make(&none, own).await;
    let many = json!({"scopes": vec!["sessions:read"; 1_000]});
    live.post(KEYS).json(many).await.invalid_field("scopes");
}

#[tokio::test]
async fn a_key_grants_no_scope_that_it_lacks() {
    let (server, live) = server_and_live().await;
    let weak = json!({"scopes": ["api_keys:read", "api_keys:write", "sessions:read"]});
    let weak = holder(&server, &make(&live, weak).await);
    let strong = make(&live, json!({"scopes": ["redact:write", "sessions:read"]})).await;
    let refused = |answer: verifa_testkit::Answer| {
        let body = answer.refused(403, "forbidden");
        let detail = body["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("redact:write"), "{detail}");
    };
    refused(
        weak.post(KEYS)
            .json(json!({"scopes": ["sessions:read", "redact:write"]}))
            .await,
    );
    refused(weak.post(&format!("{}/clone", path(&strong))).await);
    let own = make(&weak, json!({"scopes": ["sessions:read"]})).await;
    refused(
        weak.patch(&path(&own))
            .json(json!({"scopes": ["redact:write"]}))
            .await,
    );
    weak.post(KEYS)
        .json(json!({"publishable": true}))
        .await
        .refused(403, "forbidden");
    // What it doesn't touch may stay beyond it.
    weak.patch(&path(&strong))
        .json(json!({"label": "Renamed"}))
        .await
        .ok(200);
    assert_eq!(
        server
            .installation
            .database
            .count(
                "api_keys",
                "scopes LIKE '%redact:write%' AND label = 'Renamed'"
            )
            .await,
        1
    );
}

/// A key that is bound in time and place can neither loosen itself nor make an heir that is not.
#[tokio::test]
async fn a_key_does_not_get_out_of_its_own_limits() {
    let (server, live) = server_and_live().await;
    let (end, earlier, later) = (
        "2098-06-01T00:00:00Z",
        "2098-05-01T00:00:00Z",
        "2098-07-01T00:00:00Z",
    );
    let scopes = json!(["api_keys:read", "api_keys:write", "sessions:read"]);
    let limits = json!({"scopes": scopes, "allowed_ips": ["127.0.0.0/8"], "expires_at": end});
    let own = make(&live, limits).await;
    let bound = holder(&server, &own);
    let change = |key: &Value, body: Value| bound.patch(&path(key)).json(body);
    let fields = ["expires_at", "allowed_ips"];

    // Itself.
    let both = json!({"expires_at": null, "allowed_ips": null});
    assert_eq!(change(&own, both).await.invalid(), fields);
    change(&own, json!({"expires_at": later}))
        .await
        .invalid_field("expires_at");
    change(&own, json!({"allowed_ips": ["127.0.0.0/8", "10.0.0.1"]}))
        .await
        .invalid_field("allowed_ips");
    // An heir.
    let both = json!({"expires_at": null, "allowed_ips": null});
    assert_eq!(bound.post(KEYS).json(both).await.invalid(), fields);
    bound
        .post(KEYS)
        .json(json!({"expires_at": later, "allowed_ips": ["127.0.0.1"]}))
        .await
        .invalid_field("expires_at");
    let heir = make(&bound, json!({"scopes": ["sessions:read"]})).await;
    assert_eq!(heir["expires_at"], own["expires_at"]);
    assert_eq!(heir["allowed_ips"], own["allowed_ips"]);
    change(&heir, json!({"expires_at": null}))
        .await
        .invalid_field("expires_at");
    // A copy of a key that is freer, and more scopes for one.
    let free = make(&live, json!({"scopes": ["sessions:read"]})).await;
    let copy = bound.post(&format!("{}/clone", path(&free))).await;
    assert_eq!(copy.invalid(), fields);
    let more = change(&free, json!({"scopes": scopes})).await;
    assert_eq!(more.invalid(), fields);
    assert_eq!(
        live.get(&path(&free)).await.ok(200)["scopes"],
        free["scopes"]
    );

    // Tighter is allowed, for others and itself, and then there is no way back.
    let tighter = json!({"expires_at": earlier, "allowed_ips": ["127.0.0.0/16"]});
    change(&free, tighter.clone()).await.ok(200);
    bound.post(&format!("{}/clone", path(&free))).await.ok(201);
    change(&own, tighter).await.ok(200);
    change(&own, json!({"expires_at": end}))
        .await
        .invalid_field("expires_at");
}

/// Who may make keys and nothing else doesn't bring a key back to life that could do everything,
/// and doesn't decide from where it works.
#[tokio::test]
async fn a_weak_key_changes_no_limits_of_a_strong_one() {
    let (server, live) = server_and_live().await;
    let strong = make(&live, json!({"scopes": ["redact:write", "sessions:read"]})).await;
    let over = "UPDATE api_keys SET expires_at = created_at \
                WHERE created_at = (SELECT max(created_at) FROM api_keys)";
    assert_eq!(server.installation.database.change(over).await, 1);
    let weak = make(
        &live,
        json!({"scopes": ["api_keys:write", "sessions:read"]}),
    )
    .await;
    let weak = holder(&server, &weak);
    for body in [
        json!({"expires_at": null}),
        json!({"expires_at": "2099-01-01T00:00:00Z"}),
        json!({"allowed_ips": ["127.0.0.1"]}),
    ] {
        let answer = weak.patch(&path(&strong)).json(body).await;
        let body = answer.refused(403, "forbidden");
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains("redact:write"), "{detail}");
    }
    let dead = holder(&server, &strong);
    dead.get(SESSIONS).await.refused(401, "unauthorized");
    assert_eq!(live.get(&path(&strong)).await.ok(200)["is_active"], false);
    let publishable = json!({"publishable": true, "allowed_origins": ["https://shop.example"]});
    let shop = make(&live, publishable).await;
    weak.patch(&path(&shop))
        .json(json!({"allowed_origins": null}))
        .await
        .refused(403, "forbidden");
    // Who holds all that it can do may renew it.
    live.patch(&path(&strong))
        .json(json!({"expires_at": null}))
        .await
        .ok(200);
    within(LATEST, "the key works again", async || {
        (dead.get(SESSIONS).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_stopped_key_ends_within_a_second_on_every_server() {
    let server = server().await;
    let live = server.live();
    let made = make(&live, json!({"scopes": ["sessions:read"]})).await;
    let one = holder(&server, &made);
    let mut all = vec![one];
    // Two servers share a database on PostgreSQL only.
    let second = if server.installation.database.url().is_some() {
        Some(TestServer::serve(Arc::clone(&server.installation), Vec::new()).await)
    } else {
        None
    };
    if let Some(second) = &second {
        all.push(holder(second, &made));
    }
    for client in &all {
        client.get(SESSIONS).await.ok(200);
    }
    let stopped = live.post(&format!("{}/expire", path(&made))).await.ok(200);
    assert_eq!(stopped["is_active"], false);
    for client in &all {
        within(LATEST, "the key ends", async || {
            (client.get(SESSIONS).await.status == 401).then_some(())
        })
        .await;
    }
    // For good.
    let again = live.post(&format!("{}/expire", path(&made))).await.ok(200);
    assert_eq!(again["is_active"], false);
    live.patch(&path(&made))
        .json(json!({"expires_at": "2099-01-01T00:00:00Z"}))
        .await
        .refused(409, "conflict");
    assert_eq!(live.get(&path(&made)).await.ok(200)["is_active"], false);
    let trail = live
        .get("/api/v1/events")
        .query(&[("action", "api_key.expired")])
        .await
        .ok(200);
    assert_eq!(trail["pagination"]["total"], 1);
}

#[tokio::test]
async fn a_key_does_not_stop_itself() {
    let (server, live) = server_and_live().await;
    let made = make(&live, json!({"scopes": ["api_keys:write"]})).await;
    let own = holder(&server, &made);
    let expire = format!("{}/expire", path(&made));
    own.post(&expire).await.invalid_field("id");
    own.post(&expire).await.invalid_field("id");
}

#[tokio::test]
async fn a_copy_has_everything_but_the_secret() {
    let (server, live) = server_and_live().await;
    let body = json!({"label": "Shop", "note": "n", "scopes": ["sessions:read"],
        "allowed_ips": ["127.0.0.0/8"], "default_key_inflection": "kebab"});
    let made = make(&live, body).await;
    let copy = live.post(&format!("{}/clone", path(&made))).await.ok(201);
    for same in [
        "label",
        "note",
        "scopes",
        "allowed_ips",
        "default_key_inflection",
        "environment",
    ] {
        assert_eq!(copy[same], made[same], "{same}");
    }
    for other in ["id", "secret"] {
        assert_ne!(copy[other], made[other], "{other}");
    }
    holder(&server, &copy).get(SESSIONS).await.ok(200);
    holder(&server, &made).get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn a_change_takes_effect_within_a_second() {
    let (server, live) = server_and_live().await;
    let made = make(&live, json!({"scopes": ["sessions:read"]})).await;
    let client = holder(&server, &made);
    client.get(SESSIONS).await.ok(200);
    let becomes = async |body: Value, status: u16| {
        live.patch(&path(&made)).json(body).await.ok(200);
        within(LATEST, "the change holds", async || {
            (client.get(SESSIONS).await.status == status).then_some(())
        })
        .await;
    };
    becomes(json!({"scopes": ["workflows:read"]}), 403).await;
    becomes(json!({"scopes": ["sessions:read"]}), 200).await;
    becomes(json!({"allowed_ips": ["203.0.113.0/24"]}), 401).await;
    becomes(json!({"allowed_ips": ["127.0.0.1"]}), 200).await;
    becomes(json!({"allowed_ips": null}), 200).await;
    let changed = live.get(&path(&made)).await.ok(200);
    assert_eq!(changed["allowed_ips"], Value::Null);
    assert_eq!(changed["scopes"], json!(["sessions:read"]));
}

#[tokio::test]
async fn publishable_keys_are_bound_to_origins() {
    let (server, live) = server_and_live().await;
    let body = json!({"publishable": true, "allowed_origins": ["https://shop.example"]});
    let made = make(&live, body).await;
    assert!(made["secret"].as_str().unwrap().starts_with("vk_pub_live_"));
    assert_eq!(made["is_publishable"], true);
    assert_eq!(made["scopes"], json!(["sessions:create"]));
    let browser = holder(&server, &made);
    let from = |origin: &str| {
        browser
            .post(SESSIONS)
            .header("origin", origin)
            .json(json!({}))
    };
    from("https://shop.example").await.ok(201);
    from("https://evil.example").await.refused(403, "forbidden");
    browser.get(KEYS).await.refused(403, "forbidden");
    live.post(KEYS)
        .json(json!({"allowed_origins": ["https://shop.example"]}))
        .await
        .invalid_field("allowed_origins");
    live.post(KEYS)
        .json(json!({"publishable": true, "scopes": ["sessions:read"]}))
        .await
        .invalid_field("scopes");
}

#[tokio::test]
async fn offences_name_their_fields() {
    let (_server, live) = server_and_live().await;
    let body = json!({
        "label": "", "scopes": ["sessions:read", "sessions:eat"], "environment": "test",
        "allowed_ips": ["10.0.0.0/40"], "expires_at": "2020-01-01T00:00:00Z",
        "api_version": "1999-01-01", "default_key_inflection": "loud",
    });
    let mut fields = live.post(KEYS).json(body).await.invalid();
    fields.sort();
    assert_eq!(
        fields,
        [
            "allowed_ips[0]",
            "api_version",
            "default_key_inflection",
            "environment",
            "expires_at",
            "label",
            "scopes[1]",
        ]
    );
    live.post(KEYS)
        .json(json!({"environment": "sandbox"}))
        .await
        .invalid_field("environment");
    live.get(&format!("{KEYS}/key_nothing"))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn each_environment_lists_its_own_in_pages() {
    let (server, live) = server_and_live().await;
    for number in 0..5 {
        make(&live, json!({"label": format!("Key {number}")})).await;
    }
    let all = ids(&live.get(KEYS).await.ok(200));
    assert_eq!(all.len(), 7);
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = live
            .get(KEYS)
            .query(&[("page[size]", "3"), ("page[after]", &cursor)])
            .await
            .ok(200);
        walked.extend(ids(&page));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(walked, all);
    let second = live
        .get(KEYS)
        .query(&[("limit", "2"), ("offset", "2")])
        .await
        .ok(200);
    assert_eq!(ids(&second), all[2..4]);
    assert_eq!(second["pagination"]["total"], 7);
    let sandbox = server.sandbox().get(KEYS).await.ok(200);
    assert_eq!(sandbox["pagination"]["total"], 2);
}

#[tokio::test]
async fn making_keys_has_a_limit_of_its_own() {
    let (_server, live) = server_and_live().await;
    live.patch(crate::settings::SETTINGS)
        .json(json!({"plan": "free"}))
        .await
        .ok(200);
    within(Duration::from_secs(2), "the plan holds", async || {
        let limits = live.get("/api/v1/rate-limits").await.ok(200);
        (limits["quotas"]["key_creation"]["limit"] == 10).then_some(())
    })
    .await;
    for _ in 0..10 {
        make(&live, json!({})).await;
    }
    live.post(KEYS)
        .json(json!({}))
        .await
        .refused(429, "rate_limited");
    let limits = live.get("/api/v1/rate-limits").await.ok(200);
    assert_eq!(limits["quotas"]["key_creation"]["remaining"], 0);
    live.get(KEYS).await.ok(200);
}

#[tokio::test]
async fn a_repeated_call_makes_one_key() {
    let (server, live) = server_and_live().await;
    let ask = || live.post(KEYS).json(json!({})).idempotent("key-1");
    let first = ask().await;
    first.ok(201);
    let again = ask().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(
        server
            .installation
            .database
            .count("api_keys", "1 = 1")
            .await,
        5
    );
}

#[tokio::test]
async fn the_command_line_does_the_same() {
    let server = server().await;
    let installation = &server.installation;
    let made = installation
        .run(&[
            "keys",
            "create",
            "--environment",
            "sandbox",
            "--scopes",
            "sessions:read",
            "--label",
            "By hand",
            "--allowed-ip",
            "127.0.0.0/8",
            "--expires-at",
            "2099-01-01T00:00:00Z",
            "--json",
        ])
        .json();
    let client = holder(&server, &made);
    client.get(SESSIONS).await.ok(200);
    let copy = installation
        .run(&["keys", "clone", made["id"].as_str().unwrap(), "--json"])
        .json();
    assert_eq!(copy["label"], "By hand");
    holder(&server, &copy).get(SESSIONS).await.ok(200);
    let ran = installation.run(&["keys", "expire", made["id"].as_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    within(LATEST, "the key ends", async || {
        (client.get(SESSIONS).await.status == 401).then_some(())
    })
    .await;
    let listed = installation.run(&["keys", "list", "--json"]).json();
    let found = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["id"] == made["id"]);
    assert_eq!(found.unwrap()["is_active"], false);
    let wrong = installation.run(&[
        "keys",
        "create",
        "--environment",
        "live",
        "--allowed-ip",
        "nowhere",
    ]);
    assert_ne!(wrong.code, 0);
    assert!(wrong.stderr.contains("allowed_ips[0]"), "{}", wrong.stderr);
}
