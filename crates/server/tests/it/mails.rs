//! Invitations by mail: queued with the session, written, counted, refused.

use std::fs;

use serde_json::{Value, json};
use verifa_testkit::{Client, Options, TestServer, eventually};

use crate::support::{SESSIONS, VERIFA, assert_fields, assert_time, server_and_live, unknown_id};

/// The mails that became files, oldest first: their ids sort by time.
fn mails(server: &TestServer) -> Vec<String> {
    let directory = server.installation.data_directory().join("mail");
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "eml"));
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

async fn until_mails(server: &TestServer, count: usize) -> Vec<String> {
    eventually(&format!("{count} mails are written"), async || {
        let found = mails(server);
        (found.len() >= count).then_some(found)
    })
    .await
}

/// The text of a quoted-printable body, lines joined.
fn plain(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

async fn invited(live: &Client, more: Value) -> Value {
    let mut body = json!({"send_email": true, "applicant_email": "jane@example.org"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    live.post(SESSIONS).json(body).await.ok(201)
}

#[tokio::test]
async fn the_link_is_mailed_with_the_session() {
    let (server, live) = server_and_live().await;
    let made = invited(
        &live,
        json!({"applicant_name": "Jane Doe", "brand_name": "Acme & Co", "support_url": "https://help.example"}),
    )
    .await;
    let url = made["capture_url"].as_str().unwrap();
    let mail = &until_mails(&server, 1).await[0];
    let text = plain(mail);
    assert!(text.contains(url), "{text}");
    assert!(
        mail.contains("To: \"Jane Doe\" <jane@example.org>"),
        "{mail}"
    );
    assert!(mail.contains("Acme & Co"), "{mail}");
    assert!(text.contains("https://help.example"), "{text}");
    assert!(
        mail.contains("Subject: Verify your identity for Acme & Co"),
        "{mail}"
    );
    assert!(
        mail.contains("text/plain") && mail.contains("text/html"),
        "{mail}"
    );
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(
        text.contains("Acme &#38; Co"),
        "the HTML part is not escaped: {text}"
    );
    // Mail is read when people get to it: seven days instead of twenty minutes.
    let session = live.look(made["id"].as_str().unwrap()).await;
    assert_eq!(session["token_expires_at"], made["expires_at"]);
    let life = "SELECT CAST((token_expires_at - created_at) / 60000000 AS TEXT) FROM sessions";
    assert_eq!(server.installation.database.texts(life).await, ["10080"]);
    eventually("the mail is noted as sent", async || {
        let sent = "status = 'sent' AND sealed IS NULL";
        (server.installation.database.count("mails", sent).await == 1).then_some(())
    })
    .await;
    let shorter = invited(&live, json!({"expires_in_minutes": 5})).await;
    assert_ne!(shorter["expires_at"], made["expires_at"]);
}

#[tokio::test]
async fn an_invitation_needs_an_address() {
    let (server, live) = server_and_live().await;
    for body in [
        json!({"send_email": true}),
        json!({"send_email": true, "applicant_email": null}),
        json!({"send_email": true, "applicant_email": "nobody"}),
        json!({"send_email": true, "applicant_email": "a@example.org\r\nBcc: b@example.org"}),
        json!({"send_email": true, "applicant_email": "a,b@example.org"}),
        json!({"send_email": true, "metadata": {"applicant_email": "nobody"}}),
    ] {
        live.post(SESSIONS)
            .json(body)
            .await
            .invalid_field("applicant_email");
    }
    let body = json!({"send_email": true, "metadata": {"applicant_email": "meta@example.org"}});
    live.post(SESSIONS).json(body).await.ok(201);
    assert!(until_mails(&server, 1).await[0].contains("To: meta@example.org"));
    // An address alone sends nothing.
    live.session(json!({"applicant_email": "quiet@example.org"}))
        .await;
    assert_eq!(
        server.installation.database.count("mails", "1 = 1").await,
        1
    );
}

#[tokio::test]
async fn names_can_forge_no_header() {
    let (server, live) = server_and_live().await;
    let evil = "Jane\r\nBcc: victim@example.org\r\n\r\nbody";
    invited(&live, json!({"applicant_name": evil, "brand_name": evil})).await;
    invited(
        &live,
        json!({"applicant_name": "أحمد", "brand_name": "בנק"}),
    )
    .await;
    for mail in until_mails(&server, 2).await {
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            assert!(!line.to_ascii_lowercase().starts_with("bcc"), "{head}");
        }
        assert_eq!(
            head.lines().filter(|line| line.starts_with("To:")).count(),
            1,
            "{head}"
        );
        assert!(head.is_ascii(), "{head}");
    }
}

#[tokio::test]
async fn an_invitation_can_be_sent_again_five_times() {
    let (server, live) = server_and_live().await;
    let made = invited(&live, json!({})).await;
    let session = made["id"].as_str().unwrap();
    for count in 2..=6 {
        let answer = live.act(session, "resend-invite").await.ok(200);
        assert_fields(&answer, "id invites_sent last_invited_at");
        assert_eq!(answer["invites_sent"], count);
        assert_time(&answer["last_invited_at"]);
        if count == 3 {
            let token = made["capture_url"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap();
            server
                .anonymous()
                .post(&format!("/verify/{token}/start"))
                .await
                .ok(200);
        }
    }
    live.act(session, "resend-invite")
        .await
        .refused(400, "bad_request");
    let found = until_mails(&server, 6).await;
    let completing = found
        .iter()
        .filter(|mail| mail.contains("Subject: Complete your verification"));
    assert_eq!(
        completing.count(),
        3,
        "from the fourth on they ask to complete"
    );
    let ids: std::collections::BTreeSet<_> = found
        .iter()
        .map(|mail| {
            mail.lines()
                .find(|line| line.starts_with("Message-ID"))
                .unwrap()
        })
        .collect();
    assert_eq!(ids.len(), 6);
}

#[tokio::test]
async fn refusals_of_a_resend() {
    let (_server, live) = server_and_live().await;
    let never = live
        .session(json!({"applicant_email": "a@example.org"}))
        .await;
    live.act(&never, "resend-invite")
        .await
        .refused(400, "bad_request");
    live.act(&unknown_id("ses_"), "resend-invite")
        .await
        .refused(404, "not_found");
    let made = invited(&live, json!({})).await;
    let session = made["id"].as_str().unwrap();
    live.act(session, "expire").await.ok(200);
    live.act(session, "resend-invite")
        .await
        .refused(400, "bad_request");
    live.act(session, "resume").await.ok(200);
    live.act(session, "resend-invite").await.ok(200);
    live.delete(&format!("{SESSIONS}/{session}/data"))
        .await
        .ok(200);
    live.act(session, "resend-invite")
        .await
        .refused(400, "bad_request");
}

#[tokio::test]
async fn a_mail_waits_for_its_transport_and_a_redaction_takes_it_back() {
    let (server, live) = server_and_live().await;
    // In the way of the directory that mails are written to.
    let directory = server.installation.data_directory().join("mail");
    fs::write(&directory, b"in the way").unwrap();
    let kept = invited(&live, json!({"applicant_email": "kept@example.org"})).await;
    let gone = invited(&live, json!({"applicant_email": "gone@example.org"})).await;
    let database = &server.installation.database;
    eventually("both were tried", async || {
        let tried = "kind = 'send_mail' AND attempts > 0 AND owner IS NULL";
        (database.count("jobs", tried).await == 2).then_some(())
    })
    .await;
    let gone = gone["id"].as_str().unwrap();
    live.delete(&format!("{SESSIONS}/{gone}/data"))
        .await
        .ok(200);
    fs::remove_file(&directory).unwrap();
    // The next try is due in half a minute; nobody waits here for it.
    let now = "UPDATE jobs SET due_at = 1 WHERE kind = 'send_mail'";
    assert_eq!(database.change(now).await, 1);
    live.session(json!({})).await;
    invited(&live, json!({"applicant_email": "third@example.org"})).await;
    let found = until_mails(&server, 2).await;
    assert!(found.iter().any(|mail| mail.contains("kept@example.org")));
    assert!(!found.iter().any(|mail| mail.contains("gone@example.org")));

    // What was written of a session goes with its data.
    let kept = kept["id"].as_str().unwrap();
    live.delete(&format!("{SESSIONS}/{kept}/data"))
        .await
        .ok(200);
    eventually("the mail's file is gone", async || {
        let left = mails(&server);
        let found = left.iter().any(|mail| mail.contains("kept@example.org"));
        (!found).then_some(())
    })
    .await;
    assert_eq!(
        database
            .count("mails", "sealed IS NOT NULL AND status <> 'queued'")
            .await,
        0
    );
}

#[tokio::test]
async fn addresses_and_names_are_in_no_log_and_no_open_column() {
    let options = Options::default().set("VERIFA_LOG__FILTER", "trace");
    let mut server = TestServer::start(VERIFA, &options).await;
    let live = server.live();
    let made = invited(
        &live,
        json!({"applicant_email": "PII-mail@example.org", "applicant_name": "PII-name", "brand_name": "PII-brand"}),
    )
    .await;
    until_mails(&server, 1).await;
    let token = made["capture_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    server.terminate().await;
    let log = server.installation.log();
    assert!(
        !log.contains("PII-") && !log.contains(&token),
        "the log holds personal data"
    );
}
