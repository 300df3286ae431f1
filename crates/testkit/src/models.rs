//! The model pack, where this machine has one.

use std::path::{Path, PathBuf};

/// The data directory whose `models` the tests read; `cargo xtask test` fills it.
const VARIABLE: &str = "VERIFA_TEST_MODELS";

/// The directory of installed models. `None`, said aloud, only where nobody promised one.
pub fn installed_models() -> Option<PathBuf> {
    let promised = std::env::var_os(VARIABLE).map(PathBuf::from);
    let data_directory = promised.clone().unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(".local/test-data")
    });
    let models = data_directory.join("models");
    if models.is_dir() {
        return Some(models.canonicalize().expect("the models' directory"));
    }
    assert!(
        promised.is_none(),
        "{VARIABLE} names {}, which holds no models",
        data_directory.display()
    );
    eprintln!("!!! SKIPPED: no model pack; run `cargo xtask test`, which installs one");
    None
}
