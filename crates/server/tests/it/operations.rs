//! Health, readiness, metrics.

use verifa_testkit::{Client, Options, TestServer, free_address, installed_models};

use crate::support::{SESSIONS, VERIFA, paused_session, server};

#[tokio::test]
async fn a_healthy_server_says_so() {
    if installed_models().is_none() {
        return;
    }
    let server = TestServer::start(VERIFA, &Options::default().with_models()).await;
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/healthz").await.ok(200)["status"], "ok");
    let ready = anonymous.get("/readyz").await.ok(200);
    assert_eq!(ready["status"], "ready");
    let checks = ready["checks"].as_array().unwrap();
    let named = |word: &str| {
        checks
            .iter()
            .any(|check| check["name"].as_str().unwrap().contains(word))
    };
    assert!(
        named("database") && named("blob") && named("worker"),
        "{ready}"
    );
}

#[tokio::test]
async fn a_server_without_models_says_that_it_lacks_them() {
    let server = server().await;
    assert_eq!(
        server.anonymous().get("/healthz").await.ok(200)["status"],
        "ok"
    );
    // Ready for everything else, and it says what it lacks.
    let ready = server.anonymous().get("/readyz").await.ok(200);
    let models = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "models");
    assert_eq!(models.expect("a check of the models")["ok"], false);
    assert!(server.installation.log().contains("verifa models fetch"));
}

#[tokio::test]
async fn metrics_are_served_apart_and_tell_nothing_personal() {
    let address = free_address();
    let options = Options::default().set("VERIFA_SERVER__ADMIN_LISTEN", address);
    let server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    let session = paused_session(&live).await;
    live.get(&format!("{SESSIONS}/{session}")).await.ok(200);
    server
        .anonymous()
        .get("/metrics")
        .await
        .refused(404, "not_found");
    let metrics = reqwest::get(format!("http://{address}/metrics"))
        .await
        .unwrap();
    assert_eq!(metrics.status(), 200);
    let kind = metrics.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("text/plain"), "{kind}");
    let text = metrics.text().await.unwrap();
    assert!(text.contains("# TYPE "), "{text:.300}");
    assert!(
        text.contains("/api/v1/sessions/{id}"),
        "routes are counted by template: {text:.2000}"
    );
    assert!(!text.contains(&session), "an id became a label");
    assert!(!text.contains(&server.installation.keys.live[8..]));
}

#[tokio::test]
async fn two_servers_on_one_sqlite_file_are_refused() {
    let server = server().await;
    if server.installation.database.url().is_some() {
        return;
    }
    let address = free_address().to_string();
    let second = server.installation.run(&["serve", "--listen", &address]);
    assert_ne!(second.code, 0);
    assert!(!second.stderr.is_empty() || !second.stdout.is_empty());
    server.live().get(SESSIONS).await.ok(200);
}

#[tokio::test]
async fn a_taken_port_is_explained() {
    let server = server().await;
    let other = verifa_testkit::Installation::init(VERIFA, &Options::default()).await;
    let ran = other.run(&["serve", "--listen", &server.address().to_string()]);
    assert_ne!(ran.code, 0);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(
        said.contains(&server.address().port().to_string()),
        "{said}"
    );
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn a_slow_caller_holds_nobody_up() {
    use tokio::io::AsyncWriteExt as _;
    let server = server().await;
    let mut slow = Vec::new();
    for _ in 0..64 {
        let mut stream = tokio::net::TcpStream::connect(server.address())
            .await
            .unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .await
            .unwrap();
        slow.push(stream);
    }
    let quick = Client::anonymous(format!("http://{}", server.address()));
    assert_eq!(quick.get("/healthz").await.status, 200);
}
