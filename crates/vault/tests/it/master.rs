use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use verifa_vault::{KeyFileAccess, MasterKey, MasterKeyError};

use crate::support::Seeded;

#[test]
fn a_created_file_is_private_and_loads_the_same_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let key = MasterKey::create_file(&path, &Seeded::new(1)).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert_eq!(MasterKey::load(&path).unwrap().id(), key.id());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(MasterKey::from_text(&text).unwrap().id(), key.id());
    assert!(!text.contains(&key.id().to_string()));
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    fs::write(&path, "precious").unwrap();
    let refused = MasterKey::create_file(&path, &Seeded::new(1))
        .err()
        .unwrap();
    assert!(matches!(refused, MasterKeyError::Exists(_)));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    MasterKey::create_file(&path, &Seeded::new(1)).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o622, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        match MasterKey::load(&path).err().unwrap() {
            MasterKeyError::ReadableByOthers { mode: told, .. } => assert_eq!(told, mode),
            other => panic!("{other}"),
        }
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(MasterKey::load(&path).is_ok());
}

/// systemd 254 and later let the service's user in by an access control list: the mode shows 0440.
#[test]
fn a_credential_may_show_a_group_that_reads_and_nothing_more() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    MasterKey::create_file(&path, &Seeded::new(1)).unwrap();
    let owner = fs::metadata(&path).unwrap().uid();
    let of_owner = KeyFileAccess::Credential { owner };
    let of_another = KeyFileAccess::Credential { owner: owner + 1 };
    let load = |mode, access| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        MasterKey::load_with(&path, access)
    };
    for mode in [0o400, 0o440, 0o640] {
        assert!(load(mode, of_owner).is_ok(), "{mode:o}");
    }
    for mode in [0o460, 0o450, 0o444, 0o442, 0o441, 0o404] {
        let refused = load(mode, of_owner).err().unwrap();
        assert!(
            matches!(refused, MasterKeyError::ReadableByOthers { .. }),
            "{mode:o}"
        );
    }
    for access in [of_another, KeyFileAccess::OwnerOnly] {
        let refused = load(0o440, access).err().unwrap();
        assert!(
            matches!(refused, MasterKeyError::ReadableByOthers { .. }),
            "{access:?}"
        );
    }
    // What systemd does without such lists: the file is the service's own.
    assert!(load(0o400, of_another).is_ok());
}

#[test]
fn missing_and_malformed_files_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    assert!(matches!(
        MasterKey::load(&path).err().unwrap(),
        MasterKeyError::Missing(_)
    ));
    assert!(matches!(
        MasterKey::load(directory.path()).err().unwrap(),
        MasterKeyError::ReadableByOthers { .. } | MasterKeyError::Io { .. }
    ));
    for content in [&b""[..], b"short", &[0xff; 32], &[b'a'; 5000]] {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(
            MasterKey::load(&path).err().unwrap(),
            MasterKeyError::Malformed
        ));
    }
}

#[test]
fn both_text_forms_name_the_same_key() {
    let hexadecimal = "00".repeat(31) + "ff";
    let padded = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8=";
    let id = MasterKey::from_text(&hexadecimal).unwrap().id();
    assert_eq!(MasterKey::from_text(padded).unwrap().id(), id);
    assert_eq!(
        MasterKey::from_text(&format!(" {padded}\n")).unwrap().id(),
        id
    );
    assert_eq!(
        MasterKey::from_text(padded.trim_end_matches('='))
            .unwrap()
            .id(),
        id
    );
    for wrong in [
        "",
        "=",
        "AAAA",
        &padded.replace('8', "!"),
        &"0".repeat(63),
        &"g".repeat(64),
    ] {
        assert!(matches!(
            MasterKey::from_text(wrong).err().unwrap(),
            MasterKeyError::Malformed
        ));
    }
}
