//! What a run remembers between two steps, sealed by its session's data key.

use serde::{Deserialize, Serialize};
use verifa_checks::ExtractedData;
use verifa_core::id::{Id, RunId};
use verifa_core::random::Random;
use verifa_core::workflow::{Graph, RunState};
use verifa_store::runs::RunRecord;
use verifa_vault::{DataKey, Place};

use crate::error::AppError;

/// The interpreter's state and what was read from the document. Deliberately without `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct RunMemory {
    /// Where the run stands.
    pub state: RunState,
    /// What was read from the document.
    #[serde(default)]
    pub extracted: ExtractedData,
}

fn place(run: RunId) -> Place<'static> {
    Place::new("workflow_runs", "sealed", run.uuid())
}

impl RunMemory {
    /// The memory of a run that has not begun.
    pub fn start(graph: &Graph) -> Self {
        Self {
            state: RunState::start(graph),
            extracted: ExtractedData::default(),
        }
    }

    /// Opens a run's memory; `None` once it was erased.
    ///
    /// # Errors
    /// When it does not open under the session's key.
    pub fn open(run: &RunRecord, key: &DataKey) -> Result<Option<Self>, AppError> {
        let Some(sealed) = &run.sealed else {
            return Ok(None);
        };
        let text = key.open(&place(run.id), sealed)?;
        let memory = serde_json::from_slice(&text)
            .map_err(|_| AppError::Internal("a run's memory can't be read"))?;
        Ok(Some(memory))
    }

    /// Seals the memory into the run's row.
    ///
    /// # Errors
    /// Never in practice: the memory is plain data.
    pub fn seal_into(
        &self,
        run: &mut RunRecord,
        key: &DataKey,
        random: &dyn Random,
    ) -> Result<(), AppError> {
        let text = serde_json::to_vec(self)
            .map_err(|_| AppError::Internal("a run's memory can't be written"))?;
        run.sealed = Some(key.seal(&place(run.id), &text, random));
        Ok(())
    }
}
