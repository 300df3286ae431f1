//! Where the tests' models and pictures come from; both may be absent, which is said loudly.

use std::path::{Path, PathBuf};

use verifa_models::ModelName;
use verifa_vision::{DecodedImage, OcrModels, Runtime};

/// The models of the data directory that `VERIFA_TEST_MODELS` names, each checked by its hash, or
/// `None` with a loud remark.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
#[expect(
    clippy::expect_used,
    reason = "models that are there but do not load fail the test"
)]
pub(crate) fn models() -> Option<OcrModels> {
    let Some(folder) = std::env::var_os("VERIFA_TEST_MODELS").map(PathBuf::from) else {
        eprintln!("SKIPPED: VERIFA_TEST_MODELS names no data directory with the OCR models");
        return None;
    };
    let load = |name| verifa_models::load(&folder, name).expect("the model is installed");
    let models = OcrModels::load(
        &Runtime::with_threads(1),
        load(ModelName::OcrDetection),
        load(ModelName::OcrRecognition),
        load(ModelName::OcrOrientation),
    );
    Some(models.expect("the models in VERIFA_TEST_MODELS load"))
}

/// A folder of the shared data, found through `VERIFA_SHARED_DATA` or beside the workspace, or
/// `None` with a loud remark.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn shared_data(folder: &str) -> Option<PathBuf> {
    let configured = std::env::var_os("VERIFA_SHARED_DATA").map(PathBuf::from);
    let beside = || {
        let mut parents = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        parents.find_map(|parent| Some(parent.join("shared/data")).filter(|data| data.is_dir()))
    };
    let found = configured
        .or_else(beside)
        .map(|data| data.join(folder))
        .filter(|at| at.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: there is no shared/data/{folder}; set VERIFA_SHARED_DATA");
    }
    found
}

/// Every picture below a folder with its name, in order.
#[expect(
    clippy::expect_used,
    reason = "data that cannot be read fails the test"
)]
pub(crate) fn pictures(folder: &Path) -> Vec<(String, DecodedImage)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(pictures(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("the picture can be read");
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        found.push((
            name,
            verifa_vision::decode(&bytes).expect("the picture decodes"),
        ));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
