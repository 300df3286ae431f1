//! Every event and its body. The order of the fields is the order in which they are written.

use super::shape::{Field, Kind, Payload, Sender};
use super::subjects::{
    CASE_ID, CHECK, DECIDED, ENVELOPE, EXTERNAL_REF, GROUNDS, HITS, IDENTITY, IS_SANDBOX, NEW_HITS,
    NODE, REJECTED, REVIEWED, RUN_ID, SESSION_ID, SESSION_STATUS, decision, status,
};
use crate::session::WebhookEvent;

use Sender::{ALaterRelease, ThisRelease};

/// An event's row: when it is sent, by which release, and what stands behind the envelope.
type Row = (&'static str, Sender, Vec<Field>);

/// The description of an event's body.
pub fn payload(event: WebhookEvent) -> Payload {
    use WebhookEvent as E;
    let (when, sender, fields) = match event {
        E::SessionCreated
        | E::SessionStarted
        | E::SessionLinkGenerated
        | E::SessionAwaitingExternal
        | E::SessionExpired
        | E::SessionFailed
        | E::SessionResubmissionRequired
        | E::SessionRedacted
        | E::SessionRetentionExpired => session_course(event),
        E::SessionRequiresReview | E::SessionApproved | E::SessionDeclined => {
            session_decision(event)
        }
        E::CaseCreated | E::CaseApproved | E::CaseRejected | E::CaseEscalated => case(event),
        E::DocumentVerified | E::DocumentExtracted => document(event),
        E::ScreeningCompleted
        | E::CheckCompleted
        | E::CheckMonitoringNewHits
        | E::ScreeningMonitoringNewHits => check(event),
        E::IdentityCreated
        | E::IdentityUpdated
        | E::IdentityArchived
        | E::IdentityRestored
        | E::IdentityFlagged
        | E::IdentityTagAdded
        | E::IdentityTagRemoved => identity(event),
    };
    Payload {
        event,
        when,
        sender,
        fields: [ENVELOPE, &fields].concat(),
    }
}

/// A session's fields under its status or decision, and more.
fn of_session(status: Field, more: &[Field]) -> Vec<Field> {
    [&[SESSION_ID, EXTERNAL_REF, status, IS_SANDBOX], more].concat()
}

fn session_course(event: WebhookEvent) -> Row {
    use WebhookEvent as E;
    match event {
        E::SessionStarted => (
            "The person began, or the first document arrived.",
            ThisRelease,
            of_session(status(|| vec!["capturing"], r#""capturing""#), &[]),
        ),
        E::SessionLinkGenerated => (
            "A one-time link to the capture page was made; the link itself is not told.",
            ThisRelease,
            of_session(SESSION_STATUS.such_as(r#""pending""#), &[LINK_ID, LINK_END]),
        ),
        E::SessionAwaitingExternal => (
            "The workflow stands before an external gate: answer it with the `external-decision` \
             call.",
            ThisRelease,
            of_session(
                status(|| vec!["awaiting_external"], r#""awaiting_external""#),
                &[RUN_ID, NODE],
            ),
        ),
        E::SessionExpired => (
            "The capture link ran out, or the session was expired by a call.",
            ThisRelease,
            of_session(status(|| vec!["expired"], r#""expired""#), &[]),
        ),
        E::SessionFailed => (
            "The workflow broke beyond its retries; nobody was judged.",
            ThisRelease,
            of_session(status(|| vec!["failed"], r#""failed""#), &[RUN_ID, GROUNDS]),
        ),
        E::SessionResubmissionRequired => (
            "A reviewer or a retry asks the person for a step again.",
            ThisRelease,
            of_session(SESSION_STATUS.such_as(r#""pending""#), &[]),
        ),
        E::SessionRedacted => (
            "The session's personal data was destroyed.",
            ThisRelease,
            of_session(SESSION_STATUS.such_as(r#""completed""#), &[REMOVED]),
        ),
        E::SessionRetentionExpired => (
            "The session's retention time is over.",
            ThisRelease,
            of_session(SESSION_STATUS.such_as(r#""completed""#), &[]),
        ),
        _ => (
            "A session was created.",
            ThisRelease,
            of_session(status(|| vec!["pending"], r#""pending""#), &[]),
        ),
    }
}

/// Where a reviewer decided: the case.
const BY_REVIEW: &[Field] = &[CASE_ID.optional()];
const LINK_ID: Field = Field::new(
    "link_id",
    Kind::Id("lnk_"),
    r#""lnk_01kcd2fgpzeq7v5rk1yh3b6a9d""#,
    "The link.",
);
const LINK_END: Field = Field::new(
    "expires_at",
    Kind::Time,
    r#""2026-02-01T12:20:00.000Z""#,
    "When it stops working.",
);
const REMOVED: Field = Field::new(
    "documents_removed",
    Kind::Count,
    "2",
    "Images that were deleted.",
);

fn session_decision(event: WebhookEvent) -> Row {
    match event {
        WebhookEvent::SessionRequiresReview => (
            "The workflow ended in `needs_review`; a person has to decide.",
            ThisRelease,
            of_session(
                decision(|| vec!["needs_review"], r#""needs_review""#),
                &[&[CASE_ID], DECIDED].concat(),
            ),
        ),
        WebhookEvent::SessionDeclined => (
            "The session was rejected.",
            ThisRelease,
            of_session(
                decision(|| vec!["rejected"], r#""rejected""#),
                &[DECIDED, REJECTED, BY_REVIEW].concat(),
            ),
        ),
        _ => (
            "The session was approved.",
            ThisRelease,
            of_session(
                decision(|| vec!["approved"], r#""approved""#),
                &[DECIDED, BY_REVIEW].concat(),
            ),
        ),
    }
}

fn case(event: WebhookEvent) -> Row {
    const OPENED: Field = status(
        || vec!["needs_review", "completed", "failed"],
        r#""needs_review""#,
    );
    match event {
        WebhookEvent::CaseApproved => (
            "A reviewer approved a case. `session.approved` follows.",
            ThisRelease,
            of_session(decision(|| vec!["approved"], r#""approved""#), REVIEWED),
        ),
        WebhookEvent::CaseRejected => (
            "A reviewer rejected a case. `session.declined` follows.",
            ThisRelease,
            of_session(decision(|| vec!["rejected"], r#""rejected""#), REVIEWED),
        ),
        WebhookEvent::CaseEscalated => (
            "A reviewer handed a case on to somebody else.",
            ALaterRelease,
            of_session(
                decision(|| vec!["needs_review"], r#""needs_review""#),
                &[CASE_ID],
            ),
        ),
        _ => (
            "A review case was opened: by the workflow, or by a call for a session that had ended.",
            ThisRelease,
            of_session(OPENED, &[CASE_ID]),
        ),
    }
}

fn document(event: WebhookEvent) -> Row {
    let when = if event == WebhookEvent::DocumentVerified {
        "A document was read and no check found fault with it; once a session."
    } else {
        "The fields of a document were read; once a session."
    };
    (when, ThisRelease, of_session(SESSION_STATUS, &[]))
}

fn check(event: WebhookEvent) -> Row {
    const OUTCOME: Field = status(|| vec!["pending", "clear", "hit", "error"], r#""hit""#);
    const COUNT: Field = Field::new("new_hit_count", Kind::Count, "1", "How many hits are new.");
    const BATCH: Field =
        Field::new("batch_id", Kind::Text, "null", "The batch it belongs to.").nullable();
    match event {
        WebhookEvent::ScreeningCompleted => (
            "The screening of a session is done.",
            ALaterRelease,
            of_session(OUTCOME, HITS),
        ),
        WebhookEvent::CheckCompleted => (
            "A standalone check is done.",
            ALaterRelease,
            [CHECK, &[OUTCOME], HITS, &[BATCH]].concat(),
        ),
        WebhookEvent::ScreeningMonitoringNewHits => (
            "The older name of `check.monitoring.new_hits`, with the same body: subscribe to one \
             of the two.",
            ALaterRelease,
            [CHECK, &[COUNT, NEW_HITS]].concat(),
        ),
        _ => (
            "A monitored subject is on a list since its newest snapshot.",
            ALaterRelease,
            [CHECK, &[COUNT, NEW_HITS]].concat(),
        ),
    }
}

fn identity(event: WebhookEvent) -> Row {
    use WebhookEvent as E;
    const TAG: Field = Field::new("tag", Kind::Text, r#""vip""#, "The tag.");
    const CHANGED: Field = Field::new(
        "changed_fields",
        Kind::List(&Kind::Text),
        r#"["email"]"#,
        "The names of the fields that changed; their values are in the identity.",
    );
    const REASON: Field = Field::new(
        "flag_reason",
        Kind::Text,
        r#""Reported by the bank""#,
        "Why, in the operator's words.",
    )
    .nullable()
    .personal();
    let (when, more): (_, &[Field]) = match event {
        E::IdentityUpdated => ("An identity changed.", &[CHANGED]),
        E::IdentityArchived => ("An identity was archived.", &[]),
        E::IdentityRestored => ("An identity came back from the archive.", &[]),
        E::IdentityFlagged => ("An identity was flagged.", &[REASON]),
        E::IdentityTagAdded => ("An identity got a tag.", &[TAG]),
        E::IdentityTagRemoved => ("An identity lost a tag.", &[TAG]),
        _ => ("An identity was made.", &[]),
    };
    let made = SESSION_ID.nullable();
    let session: &[Field] = if event == E::IdentityCreated {
        std::slice::from_ref(&made)
    } else {
        &[]
    };
    (when, ALaterRelease, [IDENTITY, session, more].concat())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn check(fields: &[Field], within: &str) {
        let mut names = BTreeSet::new();
        for field in fields {
            let place = format!("{within}.{}", field.name);
            assert!(names.insert(field.name), "{place} stands twice");
            assert!(field.text.ends_with('.'), "{place}: {}", field.text);
            let example: serde_json::Value = serde_json::from_str(field.example).unwrap();
            assert!(
                !example.is_null() || field.nullable || field.name == "event",
                "{place} is never null"
            );
            match field.kind {
                Kind::Object(inner) => check(inner, &place),
                Kind::List(Kind::Object(inner)) => check(inner, &place),
                _ => {}
            }
        }
    }

    #[test]
    fn descriptions_are_whole() {
        for event in WebhookEvent::ALL {
            let payload = payload(*event);
            assert_eq!(payload.event, *event);
            assert!(payload.when.ends_with('.'));
            check(&payload.fields, event.as_str());
        }
    }
}
