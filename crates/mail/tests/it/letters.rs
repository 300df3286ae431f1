//! What letters say.

use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt as _;
use verifa_core::mail::{DisabledBecause, OperatorNotice};
use verifa_mail::{Invitation, Language, Mailer, Notice, SmtpSettings, invitation, notice};

use crate::{sender, some_invitation, some_mail};

#[test]
fn an_invitation_in_words() {
    let letter = invitation(&some_invitation(), Language::English).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!(letter.html);
}

#[test]
fn whoever_has_begun_is_asked_to_complete() {
    let begun = Invitation {
        begun: true,
        name: None,
        support_url: None,
        ..some_invitation()
    };
    let letter = invitation(&begun, Language::English).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", letter.subject, letter.text));
}

#[test]
fn a_disabled_endpoint_in_words() {
    for because in [
        DisabledBecause::FailedInARow(10),
        DisabledBecause::FailedForHours(76),
        DisabledBecause::Gone,
    ] {
        let told = OperatorNotice::WebhookEndpointDisabled {
            endpoint: "webhook_01kcd2fgpzeq7v5rk1yh3b6a9d".to_owned(),
            url: "https://hooks.example/verifa".to_owned(),
            label: Some("Orders".to_owned()),
            because,
        };
        let about = Notice {
            notice: &told,
            organization: "Acme",
        };
        let letter = notice(&about, Language::English).unwrap();
        insta::assert_snapshot!(format!("{}\n\n{}", letter.subject, letter.text));
    }
}

#[test]
fn right_to_left_names_keep_their_place() {
    let letter = invitation(
        &Invitation {
            name: Some("أحمد"),
            brand: "בנק לאומי",
            ..some_invitation()
        },
        Language::English,
    )
    .unwrap();
    // Each name has its own direction, and the English around it stays in order.
    assert!(
        letter.text.starts_with("Hello \u{2068}أحمد\u{2069},\n"),
        "{}",
        letter.text
    );
    assert!(
        letter.subject.ends_with("for \u{2068}בנק לאומי\u{2069}"),
        "{}",
        letter.subject
    );
    assert!(
        letter.html.contains("Hello \u{2068}أحمد\u{2069},"),
        "{}",
        letter.html
    );
}

#[test]
fn names_are_text_and_not_markup() {
    let letter = invitation(
        &Invitation {
            name: Some("<script>alert(1)</script>"),
            brand: "\"Acme\" <b>",
            ..some_invitation()
        },
        Language::English,
    )
    .unwrap();
    assert!(
        !letter.html.contains("<script>") && !letter.html.contains("<b>"),
        "{}",
        letter.html
    );
    assert!(
        letter.text.contains("Hello <script>alert(1)</script>,"),
        "{}",
        letter.text
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_or_brand_changes_the_headers(name: String, brand: String) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut mail = some_mail(1, "jane@example.org");
        mail.to_name = Some(name.clone());
        mail.from = mail.from.named(&brand);
        mail.letter = invitation(
            &Invitation { name: Some(&name), brand: &brand, ..some_invitation() },
            Language::English,
        )
        .unwrap();
        let mailer = Mailer::files(sender("a@example.org"), directory.path());
        runtime.block_on(mailer.send(&mail)).unwrap();
        let path = directory.path().join(format!("{}.eml", mail.id));
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        prop_assert!(head.is_ascii());
        let fields: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split(':').next())
            .collect();
        prop_assert_eq!(
            fields,
            ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"]
        );
        prop_assert!(!head.replace("\r\n", "").contains(['\r', '\n']));
    }
}

#[test]
fn addresses_of_pages_are_not_cut() {
    let long = format!("https://help.example/?topic={}", "x".repeat(2_000));
    let invited = Invitation {
        support_url: Some(&long),
        capture_url: &long,
        ..some_invitation()
    };
    let letter = invitation(&invited, Language::English).unwrap();
    assert!(letter.text.matches(&long).count() >= 2, "{}", letter.text);
    assert!(letter.html.contains(&long), "{}", letter.html);
}

#[tokio::test]
async fn a_file_is_written_once_and_can_be_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let mails = directory.path().join("mail");
    let mailer = Mailer::files(sender("a@example.org"), &mails);
    let mail = some_mail(7, "jane@example.org");
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(&mails)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 1);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&mails), 0o700);
    assert_eq!(mode(&mails.join(&names[0])), 0o600);
    mailer.probe().await.unwrap();
    // A kill left a second one half written; since then mails go to a server.
    let broken_off = some_mail(8, "jane@example.org");
    let part = mails.join(format!("{}.part", broken_off.id));
    std::fs::write(part, b"To: jane@example.org").unwrap();
    let settings = SmtpSettings {
        url: "smtp://127.0.0.1:9".to_owned(),
        ..SmtpSettings::default()
    };
    let mailer = Mailer::smtp(sender("a@example.org"), &settings, &mails).unwrap();
    mailer.forget(mail.id).await.unwrap();
    mailer.forget(mail.id).await.unwrap();
    mailer.forget(broken_off.id).await.unwrap();
    assert_eq!(std::fs::read_dir(&mails).unwrap().count(), 0);
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_a_passing_trouble() {
    let directory = tempfile::tempdir().unwrap();
    let taken = directory.path().join("taken");
    std::fs::write(&taken, b"a file").unwrap();
    let mailer = Mailer::files(sender("a@example.org"), &taken);
    assert!(
        mailer
            .send(&some_mail(1, "jane@example.org"))
            .await
            .unwrap_err()
            .is_passing()
    );
    assert!(mailer.probe().await.is_err());
}
