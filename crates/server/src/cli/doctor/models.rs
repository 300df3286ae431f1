//! The models, and what could fetch them.

use verifa_models::manifest::PACKAGES;
use verifa_models::{ModelState, ModelStatus, Pack};

use super::Examination;
use super::fault::FaultKind;

const SUBJECT: &str = "models";

pub(super) fn examine(examination: &mut Examination<'_>) {
    let models = verifa_models::status(&examination.config.data.dir);
    let named = |state: ModelState| -> Vec<&ModelStatus> {
        models.iter().filter(|model| model.state == state).collect()
    };
    let missing = named(ModelState::Missing);
    let altered = named(ModelState::Altered);
    if !missing.is_empty() {
        let kind = FaultKind::ModelsMissing;
        examination.report.fault(SUBJECT, kind, list(&missing));
        examine_clients(examination);
    }
    if !altered.is_empty() {
        examination
            .report
            .fault(SUBJECT, FaultKind::ModelsAltered, list(&altered));
    }
    if missing.is_empty() && altered.is_empty() {
        let detail = format!("{} installed, every byte as released", models.len());
        examination.report.ok(SUBJECT, detail);
    }
}

fn list(models: &[&ModelStatus]) -> String {
    let names: Vec<_> = models.iter().map(|model| model.name.as_str()).collect();
    names.join(", ")
}

fn examine_clients(examination: &mut Examination<'_>) {
    let needed = PACKAGES
        .iter()
        .filter(|package| Pack::REQUIRED.contains(&package.pack));
    for package in needed {
        if let Err(error) = examination
            .surroundings
            .registry_clients
            .check(package.registry)
        {
            let kind = FaultKind::RegistryClientMissing;
            examination
                .report
                .fault("model fetching", kind, error.to_string());
        }
    }
}
