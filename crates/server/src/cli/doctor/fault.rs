//! The faults that `doctor` knows: each with its exit code, what it means and what to do.

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// The server does not start, or must not run like this.
    Error,
    /// The server runs, but somebody will be sorry.
    Warning,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, $severity:ident,
        $title:literal, $remedy:literal;)+) => {
        /// A fault that `doctor` can find.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum FaultKind {
            $($(#[$doc])* $variant,)+
        }

        impl FaultKind {
            /// Every fault, by exit code.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The exit code of `verifa doctor` when this is the worst it found. From 10 on:
            /// 1 and 2 are what every program exits with.
            pub(crate) const fn exit_code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// A stable name for scripts.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How bad it is.
            pub(crate) const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// What it is, in a line.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What to do about it.
            pub(crate) const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }
        }
    };
}

faults! {
    /// A key is unknown or a value invalid.
    ConfigurationInvalid = 10, "configuration_invalid", Error,
        "The configuration is invalid.",
        "Correct the keys named above; every setting is explained in config.default.toml.";
    /// There is no data directory.
    DataDirectoryMissing = 11, "data_directory_missing", Error,
        "The data directory does not exist.",
        "Run `verifa init --data-dir DIR`, or name the right directory with `--data-dir` or VERIFA_DATA__DIR.";
    /// Files can't be made in the data directory.
    DataDirectoryNotWritable = 12, "data_directory_not_writable", Error,
        "The data directory can't be written to.",
        "Give it to the user that runs Verifa (`chown -R verifa DIR`) and check that its disk is not mounted read-only.";
    /// Little space is left.
    DiskNearlyFull = 13, "disk_nearly_full", Warning,
        "The disk is nearly full.",
        "Free space or move the directory to a larger disk before uploads and commits fail with 503.";
    /// There is no master key file.
    MasterKeyMissing = 14, "master_key_missing", Error,
        "The master key file does not exist.",
        "Restore it from its backup or name it with `data.master_key_path`. Only for a new installation: `verifa init` makes one.";
    /// Others may read the master key.
    MasterKeyExposed = 15, "master_key_exposed", Error,
        "Group or others may read the master key.",
        "Run `chmod 600` on the file, find out who could read it, and rotate the key if anybody did.";
    /// The master key can't be read.
    MasterKeyUnreadable = 16, "master_key_unreadable", Error,
        "The master key can't be read.",
        "It is one line: 32 bytes as base64, or 64 hexadecimal digits, readable by the user that runs Verifa.";
    /// The master key is another one.
    MasterKeyWrong = 17, "master_key_wrong", Error,
        "The master key is not the one that this data was sealed with.",
        "Name the right file with `data.master_key_path`. Never make a new key for existing data: nothing would open.";
    /// The master key lies with the data.
    MasterKeyInsideData = 18, "master_key_inside_data", Warning,
        "The master key lies inside the data directory.",
        "Move it elsewhere and set `data.master_key_path`: a copy of the directory would be a copy of everything in clear.";
    /// No database answers.
    DatabaseUnreachable = 19, "database_unreachable", Error,
        "The database can't be reached.",
        "Check that the server runs, and the address, user, password and TLS mode of `database.url`; for SQLite, the file's owner and mode.";
    /// PostgreSQL is too old.
    PostgresTooOld = 20, "postgres_too_old", Error,
        "The PostgreSQL server is older than version 15.",
        "Upgrade it, or move to a server with version 15 or newer.";
    /// A newer release was here.
    SchemaNewer = 21, "schema_newer", Error,
        "The database was migrated by a newer release of Verifa.",
        "Run that release or a later one. Going back needs a backup from before the upgrade.";
    /// Migrations wait.
    SchemaPending = 22, "schema_pending", Warning,
        "Migrations of the database are pending.",
        "Take a backup, then run `verifa migrate`; `verifa serve` does it at its start too.";
    /// An applied migration differs.
    MigrationAltered = 23, "migration_altered", Error,
        "A migration in the database is not the one that this release has.",
        "Use a released binary. If you built it yourself, undo your change to the migration and add a new one instead.";
    /// Nothing is in the database.
    NotInitialised = 24, "not_initialised", Error,
        "There is no organization yet.",
        "Run `verifa init` with the same data directory and database.";
    /// The keys in the database are damaged.
    StoredKeysDamaged = 25, "stored_keys_damaged", Error,
        "Keys in the database are damaged or missing.",
        "Restore the key tables from a backup that belongs to this data.";
    /// Blobs can't be written.
    BlobStoreUnusable = 26, "blob_store_unusable", Error,
        "The blob store takes no writes.",
        "Check the directory's owner and free space, or the bucket, its region, endpoint and access key.";
    /// Models are not there.
    ModelsMissing = 27, "models_missing", Error,
        "Models are not installed: documents can't be read.",
        "Run `verifa models fetch`, or `verifa models fetch --from DIR` on a machine without network.";
    /// Models have other bytes.
    ModelsAltered = 28, "models_altered", Error,
        "Installed models are not the ones that this release was checked with.",
        "Find out who changed the files, then run `verifa models fetch` to replace them.";
    /// Models can't be fetched.
    RegistryClientMissing = 29, "registry_client_missing", Warning,
        "Models are missing and there is no program here to fetch them with.",
        "Install Python with pip (Debian: `apt install python3-pip`) or Node with npm as named above, or fetch on another machine and use `--from DIR`.";
    /// The address is taken.
    AddressUnavailable = 30, "address_unavailable", Error,
        "The server can't listen on its address.",
        "Stop what uses the port (`ss -ltnp` shows it) or set another one with `--listen`; ports below 1024 need a privilege.";
    /// Certificates can't be used.
    TlsUnusable = 31, "tls_unusable", Error,
        "The TLS certificate or key can't be used.",
        "Both files must be PEM, readable by the user that runs Verifa, and belong together.";
    /// Links would be plain http.
    PublicUrlNotHttps = 32, "public_url_not_https", Warning,
        "The server is reachable from other machines, but its public URL is not https.",
        "Set `server.public_url` to an https URL, and do TLS in a proxy or by `server.tls`: images and keys would travel in clear.";
    /// The clock can't be right.
    ClockImplausible = 33, "clock_implausible", Error,
        "The machine's clock can't be right.",
        "Set it and keep it set (`timedatectl set-ntp true`): tokens, signatures and retention go by it.";
    /// The mail server does not answer, or refuses us.
    MailServerUnreachable = 34, "mail_server_unreachable", Warning,
        "The mail server can't be reached or refuses the credentials.",
        "Check host, port, user and password of `mail.smtp_url`, and that its certificate is trusted; mails wait in the queue for four days.";
    /// Mails can't be written as files.
    MailDirectoryNotWritable = 35, "mail_directory_not_writable", Warning,
        "Mails can't be written to their directory.",
        "Give the directory of `mail.dir` to the user that runs Verifa, or set `mail.smtp_url`; mails wait in the queue for four days.";
}
