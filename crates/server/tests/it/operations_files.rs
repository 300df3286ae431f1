//! The files of `contrib` against what a running server really has; keys and links that are rotated.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use verifa_testkit::{
    DatabaseKind, Installation, Options, TestServer, eventually, free_address, within,
};

use crate::images::small_png;
use crate::support::{SESSIONS, VERIFA, gate_steps, server_and_live};

fn contrib(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contrib");
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// Names of metrics in a text, without the endings that histograms add.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("verifa_"));
    ours.map(|word| {
        let endings = ["_bucket", "_sum", "_count"];
        let bare = endings.iter().find_map(|ending| word.strip_suffix(ending));
        bare.unwrap_or(word).to_owned()
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alert_rules_name_metrics_that_are_served() {
    let address = free_address();
    let options = Options::default().set("VERIFA_SERVER__ADMIN_LISTEN", address);
    let server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    let workflow = live.workflow(gate_steps()).await;
    let session = live.session(json!({"workflow_id": workflow})).await;
    live.run_until(&session, "awaiting_external").await;
    let served = reqwest::get(format!("http://{address}/metrics"))
        .await
        .unwrap();
    let served = served.text().await.unwrap();
    let names = metrics_in(&served);
    let rules = contrib("prometheus-alerts.yml");
    let named = metrics_in(&rules);
    assert!(named.len() >= 4, "{named:?}");
    for name in &named {
        assert!(names.contains(name), "{name} is not served: {names:?}");
        assert!(
            served.contains(&format!("# HELP {name} ")),
            "{name} is not explained"
        );
    }
    // Labels that rules select by exist as well.
    for label in [
        "status=",
        "method=",
        "kind=\"retention\"",
        "outcome=\"done\"",
    ] {
        assert!(served.contains(label), "{label} is not served");
    }
}

/// The text of each rule, by its name.
fn rules() -> Vec<(String, String)> {
    let text = contrib("prometheus-alerts.yml");
    let rules = text.split("- alert: ").skip(1).map(|rule| {
        let (name, rest) = rule.split_once('\n').unwrap();
        (name.to_owned(), rest.to_owned())
    });
    rules.collect()
}

#[test]
fn alert_rules_look_over_all_processes_and_notice_what_is_not_there() {
    let shared = [
        "verifa_jobs_",
        "verifa_outbox_",
        "verifa_webhook_overdue_seconds",
    ];
    let (mut over_all, mut zeros) = (0, 0);
    for (name, rule) in rules() {
        // What any process does for all of them: one that does nothing says nothing about the rest.
        if shared.iter().any(|metric| rule.contains(metric)) {
            over_all += 1;
            assert!(!rule.contains("instance"), "{name}: {rule}");
            let sums = ["sum(", "sum by (kind)", "max("];
            assert!(sums.iter().any(|sum| rule.contains(sum)), "{name}: {rule}");
        }
        // No figure is not equal to zero: without this the rule is silent when it matters most.
        if rule.contains("== 0") {
            zeros += 1;
            let absent = rule.contains("or vector(0)") || rule.contains("or absent(");
            assert!(absent, "{name}: {rule}");
        }
    }
    assert_eq!((over_all, zeros), (5, 2));
}

/// The figure of a metric without labels.
async fn figure(address: SocketAddr, name: &str) -> f64 {
    let served = reqwest::get(format!("http://{address}/metrics")).await;
    let served = served.unwrap().text().await.unwrap();
    let line = served.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{name} is not served"))
        .trim()
        .parse()
        .unwrap()
}

/// Nobody else could tell it: the worker that is missing does not.
#[tokio::test]
async fn a_server_tells_of_overdue_jobs_that_no_worker_runs() {
    if DatabaseKind::of_this_run() == DatabaseKind::Sqlite {
        // There every server runs a worker.
        return;
    }
    let address = free_address();
    let options = Options::default()
        .set("VERIFA_SERVER__ADMIN_LISTEN", address)
        .set("VERIFA_WORKER__IN_PROCESS", "false");
    let server = TestServer::start(VERIFA, &options).await;
    // Due for ten minutes.
    let age = "UPDATE jobs SET due_at = created_at - 600000000";
    assert!(server.installation.database.change(age).await > 0);
    // A commit wakes the sealer.
    server.live().session(json!({})).await;
    eventually("the jobs are told of", async || {
        let seconds = figure(address, "verifa_jobs_overdue_seconds").await;
        (600.0..700.0).contains(&seconds).then_some(())
    })
    .await;
}

/// systemd 254 and later show a credential as root's, with mode 0440.
#[tokio::test]
async fn a_master_key_is_taken_as_a_credential() {
    let installation = Installation::init(VERIFA, &Options::default()).await;
    let key = std::fs::read(installation.master_key_path()).unwrap();
    std::fs::remove_file(installation.master_key_path()).unwrap();
    let directory = installation.root().join("credentials");
    let elsewhere = installation.root().join("etc");
    let load = |from: &Path, variable: Option<&Path>| {
        let path = from.join("master.key");
        let path = path.to_str().unwrap();
        let mut command = installation.command(&["organizations", "list", "--master-key", path]);
        command.env_remove("CREDENTIALS_DIRECTORY");
        if let Some(directory) = variable {
            command.env("CREDENTIALS_DIRECTORY", directory);
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), told)
    };
    for place in [&directory, &elsewhere] {
        std::fs::create_dir(place).unwrap();
        let path = place.join("master.key");
        std::fs::write(&path, &key).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o440)).unwrap();
    }
    let of_root = std::fs::metadata(&directory).unwrap().uid() == 0;
    let (taken, told) = load(&directory, Some(&directory));
    assert_eq!(taken, of_root, "{told}");
    for (from, variable) in [
        (&directory, None),
        (&elsewhere, Some(directory.as_path())),
        (&elsewhere, None),
    ] {
        let (taken, told) = load(from, variable);
        assert!(!taken && told.contains("others may read it"), "{told}");
    }
}

#[test]
fn the_unit_names_a_command_that_exists() {
    let unit = contrib("verifa.service");
    let start = unit.lines().find(|line| line.starts_with("ExecStart="));
    let start = start.expect("ExecStart");
    let help = std::process::Command::new(VERIFA)
        .args(["serve", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let flags = start
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    let mut count = 0;
    for flag in flags {
        assert!(help.contains(flag), "`verifa serve` has no {flag}");
        count += 1;
    }
    assert_eq!(count, 2);
    for hardening in [
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "LimitCORE=0",
    ] {
        assert!(unit.contains(hardening), "{hardening}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_outlive_one_rotation_of_their_key() {
    let (mut server, live) = server_and_live().await;
    let session = live.session(json!({})).await;
    live.upload(&session, "id_front", small_png(3))
        .await
        .ok(201);
    let link = async || {
        let documents = live.part(&session, "documents").await;
        documents["data"][0]["url"].as_str().unwrap().to_owned()
    };
    let before = link().await;
    let installation = Arc::clone(&server.installation);
    let rotate = async |server: &mut TestServer| {
        server.terminate().await;
        let ran = installation.run(&["keys", "rotate-url"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        server.restart().await;
    };
    rotate(&mut server).await;
    assert_eq!(server.anonymous().get(&before).await.status, 200);
    let after = link().await;
    assert_eq!(server.anonymous().get(&after).await.status, 200);
    rotate(&mut server).await;
    server
        .anonymous()
        .get(&before)
        .await
        .refused(403, "forbidden");
    assert_eq!(server.anonymous().get(&after).await.status, 200);
    // The master key's rotation takes the former key along.
    server.terminate().await;
    let new = installation.root().join("new.key");
    let ran = installation.run(&["keys", "rotate-master", "--new", new.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(&new, installation.master_key_path()).unwrap();
    server.restart().await;
    assert_eq!(server.anonymous().get(&after).await.status, 200);
    live.get(&format!("{SESSIONS}/{session}")).await.ok(200);
}

const ORGANIZATIONS: &str = "/api/v1/organizations";

/// A server that runs holds the former key: what it wrapped with it could never be opened again.
#[tokio::test]
async fn a_rotation_beside_a_running_server_strands_nobody() {
    let (mut server, live) = server_and_live().await;
    let installation = Arc::clone(&server.installation);
    let new = installation.root().join("new.key");
    let named = |name: &str| json!({ "name": name });
    // From here on the server has the organization's key open.
    let session = live.session(json!({})).await;
    let ran = installation.run(&["keys", "rotate-master", "--new", new.to_str().unwrap()]);
    if installation.database.url().is_none() {
        // Nobody else can use this database: the command refuses, and leaves no key behind.
        assert_ne!(ran.code, 0);
        assert!(
            ran.stderr.contains("stop the server first"),
            "{}",
            ran.stderr
        );
        assert!(!new.exists());
        let made = server.operator().post(ORGANIZATIONS).json(named("After"));
        made.await.ok(201);
        return;
    }
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lost = server.operator().post(ORGANIZATIONS).json(named("Lost"));
    lost.may_be_away().await.refused(503, "unavailable");
    assert!(installation.log().contains("the master key was rotated"));
    // It says so, and goes on with what it has open.
    within(Duration::from_secs(10), "readiness tells", async || {
        let ready = server.anonymous().get("/readyz").await.ok(200);
        let checks = ready["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == "master_key");
        (check.unwrap()["ok"] == false).then_some(())
    })
    .await;
    live.session(json!({})).await;
    server.terminate().await;
    std::fs::copy(&new, installation.master_key_path()).unwrap();
    server.restart().await;
    let made = server.operator().post(ORGANIZATIONS).json(named("After"));
    let made = made.await.ok(201);
    let key = made["keys"]["live"].as_str().unwrap();
    server.anonymous().key(key).session(json!({})).await;
    live.get(&format!("{SESSIONS}/{session}")).await.ok(200);
    assert_eq!(
        installation.database.count("organizations", "1 = 1").await,
        2
    );
}
