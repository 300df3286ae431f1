use proptest::prelude::*;
use uuid::Uuid;
use verifa_vault::{
    DataKey, MasterKey, MasterKeyRing, OrganizationKey, Place, ServerKeyName, ServerKeys,
    VaultError, rewrap, wrapped_by,
};

use crate::support::{Seeded, place};

proptest! {
    #[test]
    fn a_sealed_value_opens_only_unaltered_at_its_place_under_its_key(
        plaintext in proptest::collection::vec(any::<u8>(), 0..300),
        seed: u64,
        bit: prop::sample::Index,
    ) {
        let random = Seeded::new(seed);
        let key = DataKey::generate(&random);
        let sealed = key.seal(&place(1), &plaintext, &random);
        prop_assert_eq!(&**key.open(&place(1), &sealed).unwrap(), &plaintext[..]);

        let mut flipped = sealed.clone();
        let bit = bit.index(sealed.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(key.open(&place(1), &flipped).is_err());

        let other = DataKey::generate(&random);
        prop_assert_eq!(other.open(&place(1), &sealed).err(), Some(VaultError::NotAuthentic));
        for elsewhere in [
            place(2),
            Place::new("sessions", "metadata", Uuid::from_u128(1)),
            Place::new("documents", "fields", Uuid::from_u128(1)),
            Place::named("sessions", "fields", Uuid::from_u128(1).as_bytes()),
        ] {
            prop_assert_eq!(key.open(&elsewhere, &sealed).err(), Some(VaultError::NotAuthentic));
        }
    }

    #[test]
    fn cut_or_foreign_bytes_never_open(
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
        seed: u64,
    ) {
        let random = Seeded::new(seed);
        let key = DataKey::generate(&random);
        prop_assert!(key.open(&place(1), &bytes).is_err());
        let master = MasterKey::generate(&random);
        prop_assert!(master.unwrap(&place(1), &bytes).is_err());
        let sealed = key.seal(&place(1), b"value", &random);
        for length in 0..sealed.len() {
            prop_assert!(key.open(&place(1), &sealed[..length]).is_err());
        }
    }
}

#[test]
fn names_of_a_place_do_not_run_into_each_other() {
    let random = Seeded::new(1);
    let key = DataKey::generate(&random);
    let sealed = key.seal(&Place::named("ab", "c", b"d"), b"value", &random);
    assert!(key.open(&Place::named("a", "bc", b"d"), &sealed).is_err());
    assert!(key.open(&Place::named("ab", "cd", b""), &sealed).is_err());
}

#[test]
fn the_same_value_never_seals_to_the_same_bytes() {
    let random = Seeded::new(2);
    let key = DataKey::generate(&random);
    let first = key.seal(&place(1), b"value", &random);
    assert_ne!(first, key.seal(&place(1), b"value", &random));
}

#[test]
fn keys_open_down_the_hierarchy() {
    let random = Seeded::new(3);
    let master = MasterKey::generate(&random);
    let organization = OrganizationKey::generate(&random);
    let data = DataKey::generate(&random);
    let sealed = data.seal(&place(9), b"1997-06-15", &random);
    let wrapped_organization = master.wrap(&organization, &place(1), &random);
    let wrapped_data = organization.wrap(&data, &place(2), &random);
    assert_eq!(wrapped_by(&wrapped_organization).unwrap(), master.id());
    assert_eq!(wrapped_by(&wrapped_data).unwrap(), organization.id());

    let organization = master.unwrap(&place(1), &wrapped_organization).unwrap();
    let data = organization.unwrap(&place(2), &wrapped_data).unwrap();
    assert_eq!(&**data.open(&place(9), &sealed).unwrap(), b"1997-06-15");

    let refused = organization.unwrap(&place(3), &wrapped_data).err();
    assert_eq!(refused, Some(VaultError::NotAuthentic));
    let stranger = MasterKey::generate(&random);
    let refused = stranger.unwrap(&place(1), &wrapped_organization).err();
    assert_eq!(
        refused,
        Some(VaultError::OtherKey {
            wanted: master.id()
        })
    );
}

#[test]
fn rotation_of_the_master_key_keeps_every_sealed_value() {
    let random = Seeded::new(4);
    let old = MasterKey::generate(&random);
    let organization = OrganizationKey::generate(&random);
    let sealed = organization.seal(&place(5), b"settings", &random);
    let wrapped = old.wrap(&organization, &place(1), &random);

    let new = MasterKey::generate(&random);
    let again = rewrap(&old, &new, &place(1), &wrapped, &random).unwrap();
    assert_eq!(wrapped_by(&again).unwrap(), new.id());
    let opened = new.unwrap(&place(1), &again).unwrap();
    assert_eq!(&**opened.open(&place(5), &sealed).unwrap(), b"settings");
    assert!(old.unwrap(&place(1), &again).is_err());
    assert!(rewrap(&old, &new, &place(1), &again, &random).is_err());
    assert!(rewrap(&old, &new, &place(2), &wrapped, &random).is_err());

    let ring = MasterKeyRing::new(new).with_former(old);
    for wrap in [&wrapped, &again] {
        assert!(
            ring.holder_of(wrap)
                .unwrap()
                .unwrap(&place(1), wrap)
                .is_ok()
        );
    }
}

#[test]
fn server_keys_survive_a_restart_and_a_rotation() {
    let random = Seeded::new(5);
    let old = MasterKey::generate(&random);
    let stored = ServerKeys::generate(&old, &random);
    let text = |rows: &[(ServerKeyName, Vec<u8>)]| -> Vec<(String, Vec<u8>)> {
        rows.iter()
            .map(|(name, wrapped)| (name.as_str().to_owned(), wrapped.clone()))
            .collect()
    };
    let new = MasterKey::generate(&random);
    let rotated: Vec<_> = stored
        .iter()
        .map(|(name, wrapped)| {
            (
                *name,
                rewrap(&old, &new, &name.place(), wrapped, &random).unwrap(),
            )
        })
        .collect();

    let before = ServerKeys::open(&MasterKeyRing::new(old), &text(&stored)).unwrap();
    let after = ServerKeys::open(&MasterKeyRing::new(new), &text(&rotated)).unwrap();
    let fingerprint = before.request_fingerprint("POST", "/api/v1/sessions", b"{}");
    assert!(after.request_fingerprint("POST", "/api/v1/sessions", b"{}") == fingerprint);
    assert!(after.request_fingerprint("POST", "/api/v1/sessions", b"{ }") != fingerprint);
    assert!(after.request_fingerprint("POST", "/api/v1/sessions{}", b"") != fingerprint);
    assert_eq!(
        before.audit_signer().verifier(),
        after.audit_signer().verifier()
    );
}

#[test]
fn a_missing_exchanged_or_foreign_server_key_is_told() {
    let random = Seeded::new(6);
    let master = MasterKey::generate(&random);
    let rows: Vec<_> = ServerKeys::generate(&master, &random)
        .into_iter()
        .map(|(name, wrapped)| (name.as_str(), wrapped))
        .collect();
    let id = master.id();
    let ring = MasterKeyRing::new(master);
    assert_eq!(
        ServerKeys::open(&ring, &rows[1..]).err(),
        Some(VaultError::MissingServerKey("api_key_hash"))
    );
    let mut exchanged = rows.clone();
    let taken = exchanged[0].1.clone();
    exchanged[0].1 = std::mem::replace(&mut exchanged[1].1, taken);
    assert_eq!(
        ServerKeys::open(&ring, &exchanged).err(),
        Some(VaultError::NotAuthentic)
    );
    let stranger = MasterKeyRing::new(MasterKey::generate(&random));
    assert_eq!(
        ServerKeys::open(&stranger, &rows).err(),
        Some(VaultError::OtherKey { wanted: id })
    );
}

#[test]
fn blind_index_is_stable_per_field_and_organization() {
    let random = Seeded::new(7);
    let organization = OrganizationKey::generate(&random);
    let index = organization.blind_index();
    let hash = index.compute("email", "a@example.org");
    assert!(hash == index.compute("email", "a@example.org"));
    assert!(hash != index.compute("phone", "a@example.org"));
    assert!(hash != index.compute("emaila", "@example.org"));
    let other = OrganizationKey::generate(&random);
    assert!(hash != other.blind_index().compute("email", "a@example.org"));
}
