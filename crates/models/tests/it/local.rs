//! Fetching from a directory or a cache: what is accepted, and what never is.

use std::fs;

use tempfile::tempdir;
use verifa_models::manifest::Registry;
use verifa_models::{
    FetchOptions, FetchReport, ModelError, ModelName, ModelState, ModelStore, Pack, Progress,
    Sha256Digest, fetch_manifest, load,
};

use crate::package::{
    LICENCE, MODEL, TestPackage, files_below, installed_model, offline, tarball_of, zip_of,
};

const BOTH: [Registry; 2] = [Registry::PyPi, Registry::Npm];
const LOCAL: FetchReport = FetchReport {
    present: 0,
    installed_locally: 1,
    downloaded: 0,
};
const PRESENT: FetchReport = FetchReport {
    present: 1,
    installed_locally: 0,
    downloaded: 0,
};

#[test]
fn an_archive_is_verified_and_its_files_installed_by_content() {
    for registry in BOTH {
        let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
        let test = TestPackage::good(registry);
        test.save_archive(from.path());
        let mut seen = Vec::new();
        let options = FetchOptions {
            on_progress: Box::new(|progress| seen.push(progress)),
            ..offline(from.path())
        };
        assert_eq!(
            fetch_manifest(data.path(), test.packages, options).unwrap(),
            LOCAL
        );

        assert_eq!(fs::read(installed_model(data.path())).unwrap(), MODEL);
        let licence = data
            .path()
            .join("models/sha256")
            .join(Sha256Digest::of(LICENCE).to_string());
        assert_eq!(fs::read(licence).unwrap(), LICENCE);
        assert_eq!(
            files_below(data.path()).len(),
            3,
            "model, licence, pack.json and nothing else"
        );
        let package = test.package().requirement();
        assert_eq!(
            seen,
            [
                Progress::Installing {
                    package: package.clone()
                },
                Progress::Installed { package }
            ]
        );
    }
}

#[test]
fn pack_json_names_hash_licence_and_source() {
    let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::Npm);
    test.save_archive(from.path());
    fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap();

    let text = fs::read_to_string(data.path().join("models/pack.json")).unwrap();
    let pack: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entry = &pack["models"]["ocr.detection"];
    assert_eq!(entry["sha256"], Sha256Digest::of(MODEL).to_string());
    assert_eq!(entry["bytes"].as_u64(), Some(MODEL.len() as u64));
    assert_eq!(entry["licence"], "MIT");
    assert_eq!(
        entry["licence_texts"][0],
        Sha256Digest::of(LICENCE).to_string()
    );
    assert_eq!(entry["source"]["registry"], "npm");
    assert_eq!(
        entry["source"]["archive_sha256"],
        Sha256Digest::of(&test.archive).to_string()
    );
}

#[test]
fn a_second_fetch_needs_no_source() {
    let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::PyPi);
    let archive = test.save_archive(from.path());
    fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap();
    fs::remove_file(archive).unwrap();
    let report = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap();
    assert_eq!(report, PRESENT);
}

#[test]
fn unpacked_files_are_taken_by_name_path_or_digest() {
    let test = TestPackage::good(Registry::PyPi);
    let digest_of = |content: &[u8]| format!("sha256/{}", Sha256Digest::of(content));
    for (model, licence) in [
        ("model.onnx".to_owned(), "LICENSE".to_owned()),
        (
            "package/model.onnx".to_owned(),
            "package/LICENSE".to_owned(),
        ),
        (digest_of(MODEL), digest_of(LICENCE)),
    ] {
        let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
        for (path, content) in [(model, MODEL), (licence, LICENCE)] {
            let path = from.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        assert_eq!(
            fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap(),
            LOCAL
        );
        assert_eq!(fs::read(installed_model(data.path())).unwrap(), MODEL);
    }
}

#[test]
fn unpacked_files_with_other_bytes_are_refused() {
    let test = TestPackage::good(Registry::PyPi);
    let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
    fs::write(from.path().join("model.onnx"), b"other weights").unwrap();
    fs::write(from.path().join("LICENSE"), LICENCE).unwrap();
    let error = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
    assert!(matches!(error, ModelError::WrongFile { .. }), "{error}");
    assert!(files_below(data.path()).is_empty());
}

#[test]
fn an_empty_directory_is_named_with_what_it_lacks() {
    let test = TestPackage::good(Registry::PyPi);
    let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
    let error = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
    assert!(
        matches!(error, ModelError::NotInDirectory { .. }),
        "{error}"
    );
    assert!(
        error.remedy().contains("weights-1.2.3-py3-none-any.whl"),
        "{}",
        error.remedy()
    );
}

#[test]
fn an_altered_or_truncated_archive_installs_nothing() {
    for registry in BOTH {
        let test = TestPackage::good(registry);
        let mut altered = test.archive.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        let truncated = test.archive[..middle].to_vec();
        let longer = [&test.archive[..], b"more"].concat();
        for bytes in [altered, truncated, longer] {
            let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
            fs::write(from.path().join(test.package().archive), bytes).unwrap();
            let error =
                fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
            assert!(matches!(error, ModelError::WrongArchive { .. }), "{error}");
            assert!(files_below(data.path()).is_empty());
        }
    }
}

#[test]
fn a_broken_archive_is_an_error_even_when_its_hash_is_the_expected_one() {
    let entries: &[(&str, &[u8])] = &[("package/model.onnx", MODEL), ("package/LICENSE", LICENCE)];
    let zip = zip_of(entries);
    let tarball = tarball_of(entries);
    let broken = [
        (Registry::PyPi, zip[..zip.len() / 2].to_vec()),
        (Registry::PyPi, b"PK".to_vec()),
        (Registry::Npm, tarball[..tarball.len() / 2].to_vec()),
        (Registry::Npm, b"no gzip at all".to_vec()),
    ];
    for (registry, archive) in broken {
        let test = TestPackage::with_archive(registry, archive);
        let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
        test.save_archive(from.path());
        let error = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
        assert!(
            matches!(
                error,
                ModelError::BrokenArchive { .. } | ModelError::File { .. }
            ),
            "{registry}: {error}"
        );
        assert!(!installed_model(data.path()).exists());
    }
}

#[test]
fn a_package_without_its_licence_text_is_refused() {
    for registry in BOTH {
        let test = TestPackage::with_entries(registry, &[("package/model.onnx", MODEL)]);
        let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
        test.save_archive(from.path());
        let error = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
        assert!(
            matches!(error, ModelError::LicenceMissing { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_changed_licence_text_or_model_in_the_archive_is_refused() {
    let changed: [&[(&str, &[u8])]; 2] = [
        &[
            ("package/model.onnx", MODEL),
            ("package/LICENSE", b"All rights reserved."),
        ],
        &[
            ("package/model.onnx", b"other weights"),
            ("package/LICENSE", LICENCE),
        ],
    ];
    for registry in BOTH {
        for entries in changed {
            let test = TestPackage::with_entries(registry, entries);
            let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
            test.save_archive(from.path());
            let error =
                fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap_err();
            assert!(matches!(error, ModelError::WrongFile { .. }), "{error}");
        }
    }
}

#[test]
fn paths_that_lead_outside_are_never_written() {
    for registry in BOTH {
        let root = tempdir().unwrap();
        let data = root.path().join("data");
        let from = tempdir().unwrap();
        let test = TestPackage::with_entries(
            registry,
            &[
                ("../../escaped", b"outside"),
                ("../escaped", b"outside"),
                ("package/model.onnx", MODEL),
                ("package/LICENSE", LICENCE),
            ],
        );
        test.save_archive(from.path());
        fetch_manifest(&data, test.packages, offline(from.path())).unwrap();
        let outside: Vec<_> = files_below(root.path())
            .into_iter()
            .filter(|path| path.ends_with("escaped"))
            .collect();
        assert!(outside.is_empty(), "{outside:?}");
        assert_eq!(files_below(root.path()).len(), 3);
    }
}

#[test]
fn an_altered_installation_is_seen_refused_and_replaced() {
    let (data, from) = (tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::PyPi);
    test.save_archive(from.path());
    fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap();
    fs::write(installed_model(data.path()), b"other weights").unwrap();
    let report = fetch_manifest(data.path(), test.packages, offline(from.path())).unwrap();
    assert_eq!(report, LOCAL);
    assert_eq!(fs::read(installed_model(data.path())).unwrap(), MODEL);
}

#[test]
fn loading_a_missing_or_altered_model_is_an_error() {
    let data = tempdir().unwrap();
    let error = load(data.path(), ModelName::OcrRecognition).unwrap_err();
    assert!(matches!(error, ModelError::Missing { .. }), "{error}");
    assert!(error.remedy().contains("verifa models fetch"));

    let store = ModelStore::in_data_directory(data.path());
    let status = store.status(&[Pack::Ocr]);
    assert!(
        status
            .iter()
            .all(|model| model.state == ModelState::Missing)
    );
    let path = &status
        .iter()
        .find(|model| model.name == ModelName::OcrRecognition)
        .unwrap()
        .path;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, MODEL).unwrap();
    let error = load(data.path(), ModelName::OcrRecognition).unwrap_err();
    assert!(matches!(error, ModelError::Altered { .. }), "{error}");
    let altered = store.status(&[Pack::Ocr]);
    assert_eq!(
        altered
            .iter()
            .filter(|model| model.state == ModelState::Altered)
            .count(),
        1
    );
}

#[test]
fn the_cache_is_read_first_filled_afterwards_and_never_trusted() {
    let (from, empty, cache) = (tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::PyPi);
    test.save_archive(from.path());
    let with_cache = |directory: &std::path::Path| FetchOptions {
        cache: Some(cache.path().to_owned()),
        ..offline(directory)
    };
    let first = tempdir().unwrap();
    fetch_manifest(first.path(), test.packages, with_cache(from.path())).unwrap();

    let second = tempdir().unwrap();
    let report = fetch_manifest(second.path(), test.packages, with_cache(empty.path())).unwrap();
    assert_eq!(report, LOCAL);
    assert_eq!(fs::read(installed_model(second.path())).unwrap(), MODEL);

    let cached = cache
        .path()
        .join("sha256")
        .join(Sha256Digest::of(MODEL).to_string());
    fs::write(cached, b"other weights").unwrap();
    let third = tempdir().unwrap();
    let error = fetch_manifest(third.path(), test.packages, with_cache(empty.path())).unwrap_err();
    assert!(
        matches!(error, ModelError::NotInDirectory { .. }),
        "{error}"
    );
    assert!(!installed_model(third.path()).exists());
}
