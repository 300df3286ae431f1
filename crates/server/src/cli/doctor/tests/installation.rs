//! An installation in a temporary directory, as `verifa init` leaves it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use verifa_core::id::{Id as _, OrganizationId, WorkflowId};
use verifa_core::random::Random;
use verifa_core::tenant::Environment;
use verifa_core::time::{Clock, Timestamp};
use verifa_models::RegistryClients;
use verifa_store::db::{Commit, Db, Migration, SqliteOptions};
use verifa_store::keys;
use verifa_store::migrations::MIGRATIONS;
use verifa_store::organizations::{self, OrganizationRecord};
use verifa_store::workflows::{self, WorkflowRecord};
use verifa_vault::{MasterKey, OrganizationKey, ServerKeys};

use crate::cli::doctor::{FaultKind, Report, Surroundings, run};
use crate::config::{Config, Sources};

/// What every installation here has: nothing was fetched.
pub(super) const NO_MODELS: [FaultKind; 1] = [FaultKind::ModelsMissing];

pub(super) struct Fixed(pub(super) Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub(super) struct Seeded(Mutex<ChaCha12Rng>);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(buffer);
    }
}

pub(super) struct Installation {
    root: tempfile::TempDir,
    random: Seeded,
    pub(super) environment: Vec<(String, String)>,
    pub(super) migrations: Vec<Migration>,
    pub(super) free_space: fn(&Path) -> io::Result<u64>,
    pub(super) clock_offset_seconds: i64,
}

impl Installation {
    /// Data directory, master key, migrated database with one organization.
    pub(super) async fn new() -> Self {
        let installation = Self::without_database();
        installation
            .create_database(MIGRATIONS, &installation.master_key())
            .await;
        installation
    }

    /// Data directory and master key only.
    pub(super) fn without_database() -> Self {
        let root = tempfile::tempdir().unwrap();
        let random = Seeded::new(1);
        fs::create_dir(root.path().join("data")).unwrap();
        MasterKey::create_file(&root.path().join("data.master-key"), &random).unwrap();
        // Stands in for pip: it only has to answer.
        let client = root.path().join("bin/python3");
        fs::create_dir(root.path().join("bin")).unwrap();
        fs::write(&client, "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).unwrap();
        let mut installation = Self {
            root,
            random,
            environment: Vec::new(),
            migrations: MIGRATIONS.to_vec(),
            free_space: |_| Ok(1 << 40),
            clock_offset_seconds: 0,
        };
        let directory = installation.data_directory().to_str().unwrap().to_owned();
        installation.set("VERIFA_DATA__DIR", &directory);
        installation.set("VERIFA_SERVER__LISTEN", "127.0.0.1:0");
        installation
    }

    pub(super) fn data_directory(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn master_key_path(&self) -> PathBuf {
        self.path("data.master-key")
    }

    pub(super) fn master_key(&self) -> MasterKey {
        MasterKey::load(&self.master_key_path()).unwrap()
    }

    /// The time as the file system tells it: tests have no clock of their own.
    pub(super) fn file_time(&self) -> Timestamp {
        let path = self.path("now");
        fs::write(&path, b"").unwrap();
        let modified = path.metadata().unwrap().modified().unwrap();
        let since = modified
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Timestamp::from_seconds(0).plus(since)
    }

    pub(super) async fn open(&self) -> Db {
        let path = self.data_directory().join("verifa.db");
        Db::open_sqlite(&path, SqliteOptions::default())
            .await
            .unwrap()
    }

    pub(super) async fn create_database(&self, migrations: &[Migration], master: &MasterKey) {
        let database = self.open().await;
        let now = self.file_time();
        let holder = verifa_core::id::uuid_v7(now, &self.random);
        database
            .migrate(migrations, &Fixed(now), holder)
            .await
            .unwrap();
        let mut commit = Commit::new();
        for (name, wrapped) in ServerKeys::generate(master, &self.random) {
            commit.push(keys::insert_server(name.as_str(), &wrapped, now));
        }
        let id = OrganizationId::generate(now, &self.random);
        let key = OrganizationKey::generate(&self.random);
        let place = verifa_app::keyring::organization_key_place(id);
        let workflow = WorkflowId::generate(now, &self.random);
        commit.push(organizations::insert(&OrganizationRecord {
            id,
            name: "Test".into(),
            slug: "test".into(),
            plan: "enterprise".into(),
            settings: "{}".into(),
            sandbox_settings: None,
            wrapped_key: master.wrap(&key, &place, &self.random),
            sealed_reference_secret: Vec::new(),
            default_workflow_id: workflow,
            revision: 1,
            created_at: now,
            updated_at: now,
        }));
        commit.push(workflows::insert(&WorkflowRecord {
            id: workflow,
            organization_id: id,
            name: "Default".into(),
            description: None,
            current_version: 1,
            is_active: true,
            rollout_percentage: None,
            purpose: None,
            profile: None,
            graph_layout: None,
            revision: 1,
            created_at: now,
            updated_at: now,
            environment: Environment::Live,
            is_default: true,
        }));
        database.commit(commit).await.unwrap();
        database.close().await;
    }

    pub(super) fn config(&self) -> Config {
        let environment = self.environment.clone();
        Config::load(&Sources {
            environment,
            ..Sources::default()
        })
        .unwrap()
    }

    pub(super) async fn examine(&self) -> Report {
        self.examine_with_clients(&self.path("bin")).await
    }

    pub(super) async fn examine_with_clients(&self, search_path: &Path) -> Report {
        let offset = Duration::from_secs(self.clock_offset_seconds.unsigned_abs());
        let now = match self.clock_offset_seconds {
            ..0 => self.file_time().minus(offset),
            _ => self.file_time().plus(offset),
        };
        let clock = Fixed(now);
        let surroundings = Surroundings {
            clock: &clock,
            random: &self.random,
            registry_clients: RegistryClients {
                search_path: Some(search_path.into()),
                ..RegistryClients::default()
            },
            migrations: &self.migrations,
            free_space: self.free_space,
        };
        run(Ok(&self.config()), &surroundings).await
    }
}
