//! `verifa init` and `verifa keys`.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;
use verifa_testkit::{Installation, Options, within};

use crate::support::{SESSIONS, VERIFA, assert_fields, assert_id, server};

#[tokio::test]
async fn init_prints_the_organization_and_one_key_of_each_kind() {
    let made = Installation::init(VERIFA, &Options::default()).await;
    assert_id(&made.printed["organization"], "org_");
    assert_fields(
        &made.printed["keys"],
        "live sandbox publishable_live publishable_sandbox",
    );
    assert!(made.keys.live.starts_with("vk_live_"));
    assert!(made.keys.sandbox.starts_with("vk_sandbox_"));
    assert!(made.keys.publishable_live.starts_with("vk_pub_live_"));
    assert!(made.keys.publishable_sandbox.starts_with("vk_pub_sandbox_"));
}

#[tokio::test]
async fn the_master_key_is_its_owners_alone_and_not_in_the_data_directory() {
    let made = Installation::init(VERIFA, &Options::default()).await;
    let data = made.data_directory();
    let beside = data.parent().unwrap().read_dir().unwrap();
    let keys: Vec<_> = beside
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().contains("key"))
        .collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let mode = keys[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn init_puts_the_master_key_where_it_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (data, key) = (
        directory.path().join("data"),
        directory.path().join("elsewhere.key"),
    );
    let made = std::process::Command::new(VERIFA)
        .args(["init", "--json", "--data-dir"])
        .arg(&data)
        .arg("--master-key")
        .arg(&key)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_second_init_changes_nothing() {
    let made = Installation::init(VERIFA, &Options::default()).await;
    let again = made.run(&["init", "--json"]);
    assert_ne!(again.code, 0, "{}", again.stdout);
    assert!(!again.stderr.is_empty());
    assert!(!again.stdout.contains("vk_live_"));
    assert_eq!(made.database.count("organizations", "1 = 1").await, 1);
}

#[tokio::test]
async fn a_key_made_beside_a_running_server_is_known_within_a_second() {
    let server = server().await;
    let object = server
        .installation
        .create_key_object("live", "sessions:read");
    assert_id(&object["id"], "key_");
    let client = server.anonymous().key(object["secret"].as_str().unwrap());
    within(Duration::from_secs(1), "the key is known", async || {
        (client.get(SESSIONS).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_key_holds_just_the_scopes_it_was_given() {
    let server = server().await;
    let key = |scopes| {
        server
            .anonymous()
            .key(&server.installation.create_key("live", scopes))
    };
    let reader = key("sessions:read,workflows:read");
    reader.get(SESSIONS).await.ok(200);
    reader.get("/api/v1/workflows").await.ok(200);
    let refusal = reader
        .post(SESSIONS)
        .json(json!({}))
        .await
        .refused(403, "forbidden");
    assert!(
        refusal["detail"]
            .as_str()
            .unwrap()
            .contains("sessions:create"),
        "{refusal}"
    );
    let all = key("*");
    all.post(SESSIONS).json(json!({})).await.ok(201);
    all.get("/api/v1/verification-policies").await.ok(200);
}

#[tokio::test]
async fn broad_scopes_stand_in_for_narrower_ones() {
    let server = server().await;
    let key = |scopes| {
        server
            .anonymous()
            .key(&server.installation.create_key("live", scopes))
    };
    let writer = key("sessions:write");
    let made = writer.post(SESSIONS).json(json!({})).await.ok(201);
    let path = format!("{SESSIONS}/{}/data", made["id"].as_str().unwrap());
    writer.delete(&path).await.ok(200);
    key("redact:write").delete(&path).await.ok(200);
}

#[tokio::test]
async fn wrong_arguments_are_refused_with_a_remedy() {
    let made = Installation::init(VERIFA, &Options::default()).await;
    for arguments in [
        [
            "keys",
            "create",
            "--environment",
            "staging",
            "--scopes",
            "*",
            "--json",
        ],
        [
            "keys",
            "create",
            "--environment",
            "live",
            "--scopes",
            "sessions:fly",
            "--json",
        ],
        [
            "keys",
            "create",
            "--environment",
            "live",
            "--scopes",
            "",
            "--json",
        ],
    ] {
        let ran = made.run(&arguments);
        assert_ne!(ran.code, 0, "{arguments:?}: {}", ran.stdout);
        assert!(!ran.stderr.trim().is_empty(), "{arguments:?} says nothing");
        assert!(!ran.stdout.contains("vk_"), "{arguments:?}");
    }
}

#[tokio::test]
async fn commands_on_a_directory_that_was_never_made_say_so() {
    let directory = tempfile::tempdir().unwrap();
    for command in [
        ["keys", "create"].as_slice(),
        &["serve"],
        &["audit", "verify"],
    ] {
        let ran = std::process::Command::new(VERIFA)
            .args(command)
            .arg("--data-dir")
            .arg(directory.path().join("nothing"))
            .output()
            .unwrap();
        assert!(!ran.status.success(), "{command:?}");
        assert!(ran.status.code().is_some(), "{command:?} crashed");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(
            said.contains("verifa init") || command[0] == "keys",
            "{command:?}: {said}"
        );
        assert!(!said.contains("panicked"), "{command:?}: {said}");
    }
}

#[tokio::test]
async fn secrets_are_stored_nowhere_as_they_are() {
    let server = server().await;
    let secret = server.installation.create_key("live", "*");
    server.anonymous().key(&secret).get(SESSIONS).await.ok(200);
    let hidden = secret.trim_start_matches("vk_live_");
    let tail = &hidden[8..];
    let data = server.installation.data_directory();
    for entry in data.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let found = bytes
            .windows(tail.len())
            .any(|window| window == tail.as_bytes());
        assert!(!found, "{} holds the secret", path.display());
    }
    assert!(!server.installation.log().contains(tail));
}
