//! The mail transport.

use super::Examination;
use super::fault::FaultKind;

const SUBJECT: &str = "mail";

pub(super) async fn examine(examination: &mut Examination<'_>) {
    let config = examination.config;
    let mail = &config.mail;
    if !mail.by_smtp() && mail.dir.is_none() && !examination.directory {
        examination
            .report
            .skipped(SUBJECT, "there is no data directory");
        return;
    }
    let probed = match mail.open(&config.data) {
        Ok(mailer) => mailer.probe().await,
        Err(error) => Err(error),
    };
    match probed {
        Ok(()) if mail.by_smtp() => {
            examination.report.ok(SUBJECT, "the mail server answers");
        }
        Ok(()) => {
            let detail = format!(
                "mails become files in `{}`: nobody gets them",
                mail.directory(&config.data).display()
            );
            examination.report.note(SUBJECT, detail);
        }
        Err(detail) => {
            let kind = if mail.by_smtp() {
                FaultKind::MailServerUnreachable
            } else {
                FaultKind::MailDirectoryNotWritable
            };
            examination.report.fault(SUBJECT, kind, detail);
        }
    }
}
