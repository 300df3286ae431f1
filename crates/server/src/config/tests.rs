//! The layers, the manual, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Value};

use super::listen::AdminListen;
use super::problem::ConfigProblem;
use super::*;

fn environment(variables: &[(&str, &str)]) -> Sources {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Sources {
        environment,
        ..Sources::default()
    }
}

fn with_file(text: &str) -> (tempfile::TempDir, Sources) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("own.toml");
    fs::write(&path, text).unwrap();
    (
        directory,
        Sources {
            file: Some(path),
            ..Sources::default()
        },
    )
}

fn problems(sources: &Sources) -> Vec<ConfigProblem> {
    Config::load(sources).unwrap_err().0
}

/// The manual with every shown setting switched on.
fn uncommented() -> String {
    let mut text = String::new();
    for line in DEFAULTS.lines() {
        let shown = line.strip_prefix('#').filter(|rest| {
            rest.split_once(" = ").is_some_and(|(key, _)| {
                !key.is_empty()
                    && key.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()
                    })
            })
        });
        text.push_str(shown.unwrap_or(line));
        text.push('\n');
    }
    text
}

fn keys(dict: &Dict, prefix: &str, found: &mut BTreeSet<String>) {
    for (name, value) in dict {
        let key = format!("{prefix}{name}");
        if let Value::Dict(_, inner) = value {
            keys(inner, &format!("{key}."), found);
        } else {
            found.insert(key);
        }
    }
}

/// The fields of a section, as the reader itself tells them when it meets an unknown one.
fn fields_of(section: &str) -> Vec<&'static str> {
    let key = if section.is_empty() {
        "zzz".to_owned()
    } else {
        format!("{section}.zzz")
    };
    let layer = figment::providers::Serialized::default(&key, 1);
    let figment = Figment::from(Toml::string(&uncommented())).merge(layer);
    match figment.extract_lossy::<Config>().unwrap_err().kind {
        Kind::UnknownField(_, known) => known.to_vec(),
        other => panic!("{section} takes unknown keys: {other}"),
    }
}

#[test]
fn the_manual_and_the_code_know_the_same_settings() {
    let text = uncommented();
    let config: Config = Figment::from(Toml::string(&text)).extract().unwrap();
    assert!(config.database.url.is_some() && config.blobs.s3.bucket.is_some());

    let written: Dict = Figment::from(Toml::string(&text)).extract().unwrap();
    let mut documented = BTreeSet::new();
    keys(&written, "", &mut documented);
    let mut sections = vec![String::new()];
    let mut known = BTreeSet::new();
    while let Some(section) = sections.pop() {
        for field in fields_of(&section) {
            let key = if section.is_empty() {
                field.to_owned()
            } else {
                format!("{section}.{field}")
            };
            if documented
                .iter()
                .any(|name| name.starts_with(&format!("{key}.")))
            {
                sections.push(key);
            } else {
                known.insert(key);
            }
        }
    }
    assert_eq!(known, documented);
    assert!(known.len() > 40, "only {} settings found", known.len());
}

#[test]
fn every_setting_has_words_above_it() {
    let mut explained = false;
    for line in DEFAULTS.lines() {
        let is_prose = line.starts_with("# ");
        if let Some((key, _)) = line.trim_start_matches('#').split_once(" = ")
            && !is_prose
        {
            // A block of settings may share one explanation; a plan's do.
            assert!(explained, "`{key}` has no explanation");
        } else {
            explained = is_prose || (explained && !line.is_empty());
        }
    }
}

#[test]
fn the_defaults_are_valid_and_safe() {
    let config = Config::load(&Sources::default()).unwrap();
    assert!(config.server.listen.ip().is_loopback());
    assert_eq!(config.server.base_url(), "http://127.0.0.1:8080");
    assert_eq!(config.limits.upload_bytes, 10 << 20);
    assert_eq!(config.sessions.token_lifetime.as_secs(), 20 * 60);
    assert!(config.server.trusted_proxies.is_empty());
    match config.database.target(&config.data) {
        DatabaseTarget::Sqlite(path) => assert_eq!(path, Path::new("verifa-data/verifa.db")),
        DatabaseTarget::Postgres(_) => panic!("no URL was given"),
    }
}

#[test]
fn each_layer_lies_over_the_one_before() {
    let (_directory, mut sources) =
        with_file("[server]\nlisten = \"127.0.0.1:1001\"\n[log]\nfilter = \"warn\"\n");
    let load = |sources: &Sources| Config::load(sources).unwrap();
    assert_eq!(load(&sources).server.listen.port(), 1001);
    assert_eq!(load(&sources).log.filter, "warn");
    assert_eq!(load(&sources).file, sources.file);
    sources
        .environment
        .push(("VERIFA_SERVER__LISTEN".into(), "127.0.0.1:1002".into()));
    assert_eq!(load(&sources).server.listen.port(), 1002);
    sources.flags.push(Flag {
        name: "--listen",
        key: "server.listen",
        value: "[::1]:1003".into(),
    });
    assert_eq!(load(&sources).server.base_url(), "http://[::1]:1003");
    assert_eq!(load(&sources).log.filter, "warn");
}

#[test]
fn the_environment_sets_numbers_switches_lists_and_texts_that_look_like_numbers() {
    let config = Config::load(&environment(&[
        ("VERIFA_LIMITS__UPLOAD_BYTES", "100000"),
        ("VERIFA_BLOBS__S3__PATH_STYLE", "true"),
        ("VERIFA_RATE_LIMITS__PLANS__FREE__REQUESTS_PER_MINUTE", "7"),
        ("VERIFA_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
        ("VERIFA_SERVER__ADMIN_LISTEN", "off"),
        ("VERIFA_SERVER__SHUTDOWN_GRACE_SECONDS", "3"),
        (
            "VERIFA_DATA__MASTER_KEY",
            "1111111111111111111111111111111111111111111111111111111111111111",
        ),
        ("VERIFA_MODEL_CACHE", "/somewhere"),
        ("HOME", "/root"),
    ]))
    .unwrap();
    assert_eq!(config.limits.upload_bytes, 100_000);
    assert!(config.blobs.s3.path_style);
    assert_eq!(config.rate_limits.plans.free.requests_per_minute, 7);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.server.admin_listen, AdminListen::Off);
    assert_eq!(config.server.shutdown_grace.as_secs(), 3);
    match config.data.master_key_source() {
        MasterKeySource::Text(text) => assert_eq!(text.expose().len(), 64),
        MasterKeySource::File(_) => panic!("the text was not taken"),
    }
}

#[test]
fn an_unknown_key_is_named_with_its_source_and_a_hint() {
    let (_directory, sources) = with_file("[server]\nlisten_on = \"127.0.0.1:1\"\n");
    let [problem] = problems(&sources).try_into().unwrap();
    assert_eq!(problem.key, "server.listen_on");
    assert!(problem.source.contains("own.toml"), "{}", problem.source);
    assert_eq!(problem.hint.as_deref(), Some("did you mean `listen`?"));

    let [problem] = problems(&environment(&[("VERIFA_SERVER__LISTN", "x")]))
        .try_into()
        .unwrap();
    assert_eq!(problem.key, "server.listn");
    assert_eq!(
        problem.source,
        "environment variable `VERIFA_SERVER__LISTN`"
    );

    let (_directory, sources) = with_file("[sever]\nlisten = \"127.0.0.1:1\"\n");
    let [problem] = problems(&sources).try_into().unwrap();
    assert_eq!(
        (problem.key.as_str(), problem.hint.as_deref()),
        ("sever", Some("did you mean `server`?"))
    );
}

#[test]
fn wrong_values_name_key_and_source() {
    for (name, value, key) in [
        ("VERIFA_SERVER__LISTEN", "localhost", "server.listen"),
        (
            "VERIFA_SERVER__PUBLIC_URL",
            "ftp://example.org",
            "server.public_url",
        ),
        (
            "VERIFA_SERVER__PUBLIC_URL",
            "https://u:p@example.org",
            "server.public_url",
        ),
        (
            "VERIFA_SERVER__TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "server.trusted_proxies",
        ),
        (
            "VERIFA_SERVER__FORWARDING_HEADER",
            "x-real-ip",
            "server.forwarding_header",
        ),
        ("VERIFA_SERVER__TLS__CERT_PATH", "/cert.pem", "server.tls"),
        (
            "VERIFA_SERVER__SHUTDOWN_GRACE_SECONDS",
            "0",
            "server.shutdown_grace_seconds",
        ),
        (
            "VERIFA_SERVER__ADMIN_LISTEN",
            "127.0.0.1:8080",
            "server.admin_listen",
        ),
        (
            "VERIFA_DATABASE__SQLITE_READERS",
            "0",
            "database.sqlite_readers",
        ),
        ("VERIFA_BLOBS__STORE", "tape", "blobs.store"),
        ("VERIFA_LIMITS__UPLOAD_BYTES", "-1", "limits.upload_bytes"),
        (
            "VERIFA_WORKER__LEASE_SECONDS",
            "soon",
            "worker.lease_seconds",
        ),
        // Clocks that differ by five seconds would take a job from a living worker.
        ("VERIFA_WORKER__LEASE_SECONDS", "9", "worker.lease_seconds"),
        ("VERIFA_WORKER__IN_PROCESS", "false", "worker.in_process"),
        (
            "VERIFA_SESSIONS__TOKEN_MINUTES",
            "43201",
            "sessions.token_minutes",
        ),
        ("VERIFA_LOG__FILTER", "=loud=", "log.filter"),
        // More than half of what is there for all endpoints.
        (
            "VERIFA_WEBHOOKS__PER_ENDPOINT",
            "129",
            "webhooks.per_endpoint",
        ),
    ] {
        let [problem] = problems(&environment(&[(name, value)])).try_into().unwrap();
        assert_eq!(problem.key, key, "{problem}");
        assert_eq!(
            problem.source,
            format!("environment variable `{name}`"),
            "{problem}"
        );
    }
}

#[test]
fn rates_reach_the_api_as_they_are_written() {
    let config = Config::load(&environment(&[(
        "VERIFA_RATE_LIMITS__PER_IP_PER_MINUTE",
        "0",
    )]));
    let settings = config.unwrap().rate_limits.settings();
    let defaults = verifa_api::limits::PlanTable::default();
    assert_eq!(settings.plans.free, defaults.free);
    assert_eq!(settings.plans.enterprise, defaults.enterprise);
    assert_eq!(settings.plans.unlimited, defaults.unlimited);
    assert_eq!(settings.anonymous_per_minute, None);
    let zero = ("VERIFA_RATE_LIMITS__PLANS__FREE__REQUESTS_PER_MINUTE", "0");
    let [problem] = problems(&environment(&[zero])).try_into().unwrap();
    assert_eq!(problem.key, "rate_limits.plans.free.requests_per_minute");
}

#[test]
fn several_problems_are_told_at_once() {
    let found = problems(&environment(&[
        ("VERIFA_BLOBS__STORE", "s3"),
        ("VERIFA_BLOBS__S3__ENDPOINT", "http://127.0.0.1:9000"),
        ("VERIFA_LIMITS__UPLOAD_BYTES", "1"),
    ]));
    let keys: Vec<_> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "blobs.s3.bucket",
            "blobs.s3.region",
            "blobs.s3.endpoint",
            "limits.upload_bytes"
        ]
    );
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("url");
    fs::write(&path, "postgres://verifa:hunter2@db/verifa\n").unwrap();
    let path = path.to_str().unwrap();
    let config = Config::load(&environment(&[("VERIFA_DATABASE__URL_FILE", path)])).unwrap();
    match config.database.target(&config.data) {
        DatabaseTarget::Postgres(url) => {
            assert_eq!(url.expose(), "postgres://verifa:hunter2@db/verifa");
        }
        DatabaseTarget::Sqlite(_) => panic!("the file was not read"),
    }
    assert!(!format!("{config:?}").contains("hunter2"));

    for (variables, key) in [
        (
            vec![
                ("VERIFA_DATABASE__URL_FILE", path),
                ("VERIFA_DATABASE__URL", "postgres://hunter2"),
            ],
            "database.url_file",
        ),
        (
            vec![("VERIFA_DATABASE__URL_FILE", "/absent/hunter")],
            "database.url_file",
        ),
        (
            vec![("VERIFA_DATABASE__URL", "mysql://hunter2")],
            "database.url",
        ),
    ] {
        let [problem] = problems(&environment(&variables)).try_into().unwrap();
        assert_eq!(problem.key, key);
        assert!(!problem.to_string().contains("hunter2"), "{problem}");
    }
    let (_directory, sources) = with_file("[database]\nurl = 4221337\n");
    let [problem] = problems(&sources).try_into().unwrap();
    assert!(!problem.to_string().contains("4221337"), "{problem}");
}

#[test]
fn a_file_in_the_data_directory_is_found_and_cannot_move_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("verifa.toml");
    fs::write(&file, "[log]\nfilter = \"debug\"\n").unwrap();
    let flag = Flag {
        name: "--data-dir",
        key: "data.dir",
        value: directory.path().to_str().unwrap().to_owned(),
    };
    let sources = Sources {
        flags: vec![flag],
        ..Sources::default()
    };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.file.as_deref(), Some(file.as_path()));
    assert_eq!(config.log.filter, "debug");

    let directory_text = directory.path().to_str().unwrap();
    let sources = environment(&[("VERIFA_DATA__DIR", directory_text)]);
    assert_eq!(Config::load(&sources).unwrap().log.filter, "debug");

    let other = Sources {
        file: Some(PathBuf::from("/absent.toml")),
        ..sources.clone()
    };
    let [problem] = problems(&other).try_into().unwrap();
    assert!(problem.source.contains("/absent.toml"));

    fs::write(&file, "[log]\nfilter = \n").unwrap();
    let [problem] = problems(&sources).try_into().unwrap();
    assert!(problem.source.contains("verifa.toml"), "{problem}");
}
