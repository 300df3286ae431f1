//! Flags that most subcommands share; each sets a key of the configuration.

use std::path::PathBuf;

use clap::Args;

use crate::config::{Config, Flag, Sources};

/// Where the configuration and the data are.
#[derive(Args, Clone, Default)]
pub(crate) struct Arguments {
    /// Configuration file (default: `verifa.toml` in the data directory, where there is one)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data directory (`data.dir`)
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Master key file (`data.master_key_path`)
    #[arg(long, value_name = "PATH")]
    pub(crate) master_key: Option<PathBuf>,
    /// PostgreSQL server; SQLite in the data directory without it (`database.url`)
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Address and port of the API (`server.listen`)
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
    /// Address and port of the metrics, `auto` or `off` (`server.admin_listen`)
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) admin_listen: Option<String>,
    /// The URL that people reach this server by (`server.public_url`)
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

impl Arguments {
    /// The layers of the configuration with these flags on top.
    pub(crate) fn sources(&self) -> Sources {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let given = [
            ("--data-dir", "data.dir", path(&self.data_dir)),
            (
                "--master-key",
                "data.master_key_path",
                path(&self.master_key),
            ),
            ("--database-url", "database.url", self.database_url.clone()),
            ("--listen", "server.listen", self.listen.clone()),
            (
                "--admin-listen",
                "server.admin_listen",
                self.admin_listen.clone(),
            ),
            ("--public-url", "server.public_url", self.public_url.clone()),
        ];
        let flags = given
            .into_iter()
            .filter_map(|(name, key, value)| {
                Some(Flag {
                    name,
                    key,
                    value: value?,
                })
            })
            .collect();
        Sources::of_process(self.config.clone(), flags)
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its source and a hint.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.sources())?)
    }
}
