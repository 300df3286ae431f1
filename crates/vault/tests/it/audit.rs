use proptest::prelude::*;
use verifa_core::time::Timestamp;
use verifa_vault::{AuditVerifier, ChainHash, Checkpoint, CheckpointRefused, chain_hash};

use crate::support::{Seeded, server_keys};

fn chain(events: &[Vec<u8>]) -> ChainHash {
    (1_u64..)
        .zip(events)
        .fold(ChainHash::GENESIS, |previous, (sequence, event)| {
            chain_hash(&previous, sequence, event)
        })
}

proptest! {
    #[test]
    fn every_change_of_history_changes_the_chain(
        events in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 2..12),
        at: prop::sample::Index,
    ) {
        let whole = chain(&events);
        let at = at.index(events.len());

        let mut altered = events.clone();
        altered[at].push(0);
        prop_assert_ne!(chain(&altered), whole);

        let mut removed = events.clone();
        removed.remove(at);
        prop_assert_ne!(chain(&removed), whole);

        let mut exchanged = events.clone();
        exchanged.swap(at, (at + 1) % events.len());
        if exchanged != events {
            prop_assert_ne!(chain(&exchanged), whole);
        }
    }
}

#[test]
fn a_checkpoint_is_checked_with_the_public_key_alone() {
    let random = Seeded::new(1);
    let keys = server_keys(&random);
    let checkpoint = Checkpoint {
        sequence: 42,
        chain_hash: chain(&[b"one".to_vec()]),
        time: Timestamp::from_seconds(1_770_000_000),
    };
    let signature = keys.audit_signer().sign(&checkpoint);
    let public = keys.audit_signer().verifier().to_bytes();
    let verifier = AuditVerifier::from_bytes(&public).unwrap();
    assert_eq!(verifier.verify(&checkpoint, &signature), Ok(()));

    for forged in [
        Checkpoint {
            sequence: 43,
            ..checkpoint
        },
        Checkpoint {
            chain_hash: ChainHash::GENESIS,
            ..checkpoint
        },
        Checkpoint {
            time: Timestamp::from_seconds(1_770_000_001),
            ..checkpoint
        },
    ] {
        assert_eq!(verifier.verify(&forged, &signature), Err(CheckpointRefused));
    }
    assert_eq!(
        verifier.verify(&checkpoint, &signature[..63]),
        Err(CheckpointRefused)
    );
    let stranger = server_keys(&random).audit_signer().verifier();
    assert_eq!(
        stranger.verify(&checkpoint, &signature),
        Err(CheckpointRefused)
    );
    assert!(AuditVerifier::from_bytes(&public[..31]).is_err());
}
