use proptest::prelude::*;
use verifa_core::id::{Id as _, SessionId};
use verifa_core::tenant::Environment;
use verifa_core::time::Timestamp;
use verifa_vault::{
    ApiKeyKind, ApiKeySecret, CaptureToken, ExternalReferenceSecret, SignatureRefused,
};

use crate::support::{Seeded, server_keys};

#[test]
fn api_keys_tell_their_sort_and_parse_back() {
    let random = Seeded::new(1);
    for (kind, environment, prefix) in [
        (ApiKeyKind::Secret, Environment::Live, "vk_live_"),
        (ApiKeyKind::Secret, Environment::Sandbox, "vk_sandbox_"),
        (ApiKeyKind::Publishable, Environment::Live, "vk_pub_live_"),
        (
            ApiKeyKind::Publishable,
            Environment::Sandbox,
            "vk_pub_sandbox_",
        ),
    ] {
        let secret = ApiKeySecret::generate(kind, environment, &random);
        let text = secret.reveal();
        assert!(text.starts_with(prefix));
        assert_eq!(text.len(), prefix.len() + 52);
        assert_eq!(secret.key_prefix(), &text[..prefix.len() + 4]);
        let parsed = ApiKeySecret::parse(text).unwrap();
        assert_eq!((parsed.kind(), parsed.environment()), (kind, environment));
        for wrong in [
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.to_uppercase(),
            &text.replace("vk_", "xk_"),
        ] {
            assert!(
                ApiKeySecret::parse(wrong).is_err(),
                "accepted a wrong shape"
            );
        }
    }
}

#[test]
fn every_alphabet_character_is_drawn_about_as_often() {
    let random = Seeded::new(2);
    let mut seen = [0_u32; 128];
    for _ in 0..2_000 {
        let token = CaptureToken::generate(&random);
        for byte in token.reveal()["tok_".len()..].bytes() {
            seen[usize::from(byte)] += 1;
        }
    }
    let used: Vec<_> = seen.into_iter().filter(|&count| count > 0).collect();
    assert_eq!(used.len(), 32);
    assert!(used.iter().all(|count| (1_800..2_200).contains(count)));
}

#[test]
fn hashes_find_their_own_secret_only() {
    let random = Seeded::new(3);
    let keys = server_keys(&random);
    let secret = ApiKeySecret::generate(ApiKeyKind::Secret, Environment::Live, &random);
    let other = ApiKeySecret::generate(ApiKeyKind::Secret, Environment::Live, &random);
    let hash = keys.api_key_hash(&secret);
    assert!(keys.api_key_hash(&ApiKeySecret::parse(secret.reveal()).unwrap()) == hash);
    assert!(keys.api_key_hash(&other) != hash);
    assert!(server_keys(&random).api_key_hash(&secret) != hash);

    let token = CaptureToken::generate(&random);
    assert!(
        keys.token_hash(&CaptureToken::parse(token.reveal()).unwrap()) == keys.token_hash(&token)
    );
    assert!(CaptureToken::parse(secret.reveal()).is_err());
}

#[test]
fn external_references_are_signed_as_any_hmac_signs_them() {
    let secret = ExternalReferenceSecret::parse(&format!("refsec_{}", "a".repeat(52))).unwrap();
    // python3: hmac.new(b"refsec_" + b"a" * 52, b"user-42", "sha256").hexdigest()
    let signature = "7611506871c91d581488ce27a9e5554f1156953007606bc096f2ca752ec12ea3";
    assert!(secret.verifies("user-42", signature));
    assert!(secret.verifies("user-42", &signature.to_uppercase()));
    assert!(!secret.verifies("user-43", signature));
    assert!(!secret.verifies("user-42", &signature[..62]));
    assert!(!secret.verifies("user-42", ""));
    let random = Seeded::new(4);
    let drawn = ExternalReferenceSecret::generate(&random);
    assert!(ExternalReferenceSecret::parse(drawn.reveal()).is_ok());
    assert!(!drawn.verifies("user-42", signature));
}

#[test]
fn the_documented_signature_is_taken() {
    let document = include_str!("../../../../docs/API-DESIGN.md");
    // openssl dgst -sha256 -hmac SECRET, as the document has it.
    let secret = "refsec_0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";
    let signature = "e7415b94b20a49fc47c312dd3ffdc91505ff1aa54796ba89e1a5c82851805030";
    for part in [secret, signature, "customer-4711"] {
        assert!(document.contains(part), "the example has changed");
    }
    let secret = ExternalReferenceSecret::parse(secret).unwrap();
    assert!(secret.verifies("customer-4711", signature));
}

#[test]
fn a_link_is_good_for_its_session_type_and_time() {
    let random = Seeded::new(5);
    let keys = server_keys(&random);
    let signer = keys.url_signer();
    let now = Timestamp::from_seconds(1_770_000_000);
    let session = SessionId::generate(now, &random);
    let expires = now.as_seconds() + 300;
    let signature = signer.sign(session, "id_front", expires);
    let check = |session, kind: &str, expires, signature: &str, now| {
        signer.verify(session, kind, expires, signature, now)
    };
    assert_eq!(check(session, "id_front", expires, &signature, now), Ok(()));
    let last = Timestamp::from_seconds(expires - 1);
    assert_eq!(
        check(session, "id_front", expires, &signature, last),
        Ok(())
    );
    let over = Timestamp::from_seconds(expires);
    assert_eq!(
        check(session, "id_front", expires, &signature, over),
        Err(SignatureRefused::Expired)
    );
    let other = SessionId::generate(now, &random);
    for forged in [
        check(other, "id_front", expires, &signature, now),
        check(session, "id_back", expires, &signature, now),
        check(session, "id_front", expires + 1, &signature, now),
        check(session, "id_front", i64::MIN, &signature, now),
        check(session, "id_front", expires, &signature[..62], now),
        check(session, "id_front", expires, "", now),
        check(session, "id_front", expires, &"\u{e9}".repeat(32), now),
    ] {
        assert_eq!(forged, Err(SignatureRefused::Forged));
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,80}") {
        let _ = ApiKeySecret::parse(&text);
        let _ = CaptureToken::parse(&text);
        let _ = ExternalReferenceSecret::parse(&text);
    }
}
