//! Signatures of deliveries, made here by hand.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use verifa_client::webhook::{Event, SignatureError, verify};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"event":"session.approved","idempotency_key":"idk_1","created_at":"2026-02-01T12:00:00Z","session_id":"ses_1","score":0.95}"#;
const AT: i64 = 1_769_947_200;

fn now(seconds: i64) -> Timestamp {
    Timestamp::from_second(AT + seconds).unwrap()
}

fn signature(secret: &str, time: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[test]
fn a_delivery_is_known_by_its_signature() {
    let right = format!("t={AT},v1={}", signature(SECRET, AT, BODY));
    assert_eq!(verify(SECRET, &right, BODY, now(0)), Ok(()));
    assert_eq!(verify(SECRET, &right, BODY, now(300)), Ok(()));
    assert_eq!(verify(SECRET, &right, BODY, now(-300)), Ok(()));
    for seconds in [301, -301] {
        let late = verify(SECRET, &right, BODY, now(seconds));
        assert_eq!(late, Err(SignatureError::OutOfTime));
    }
    let mut changed = BODY.to_vec();
    changed[3] ^= 1;
    let wrong = Err(SignatureError::Wrong);
    assert_eq!(verify(SECRET, &right, &changed, now(0)), wrong);
    assert_eq!(verify("whsec_other", &right, BODY, now(0)), wrong);
    let moved = right.replace(&AT.to_string(), &(AT + 1).to_string());
    assert_eq!(verify(SECRET, &moved, BODY, now(0)), wrong);
}

#[test]
fn while_a_secret_is_rotated_either_will_do() {
    let (old, new) = (
        signature("whsec_old", AT, BODY),
        signature(SECRET, AT, BODY),
    );
    let header = format!("t={AT}, v1={old}, v1={new}");
    assert_eq!(verify(SECRET, &header, BODY, now(0)), Ok(()));
    assert_eq!(verify("whsec_old", &header, BODY, now(0)), Ok(()));
}

#[test]
fn what_is_no_signature_is_refused() {
    let hash = signature(SECRET, AT, BODY);
    for header in [
        "",
        "nonsense",
        &format!("v1={hash}"),
        "t=,v1=",
        "t=soon,v1=00",
    ] {
        let refused = verify(SECRET, header, BODY, now(0));
        assert_eq!(refused, Err(SignatureError::Malformed), "{header}");
    }
    for header in [
        format!("t={AT}"),
        format!("t={AT},v1=zz"),
        format!("t={AT},v0={hash}"),
    ] {
        let refused = verify(SECRET, &header, BODY, now(0));
        assert_eq!(refused, Err(SignatureError::Wrong), "{header}");
    }
}

#[test]
fn an_event_is_read() {
    let event = Event::read(BODY).unwrap();
    assert_eq!(event.event, "session.approved");
    assert_eq!(event.idempotency_key, "idk_1");
    assert_eq!(event.session_id(), Some("ses_1"));
    assert_eq!(event.created_at.unwrap().as_second(), AT);
    assert_eq!(event.fields["score"].as_f64(), Some(0.95));
    assert!(Event::read(b"[]").is_err());
    assert!(Event::read(br#"{"event":"x"}"#).is_err());
}
