//! Workflow runs and the decisions at their gates.

use verifa_core::id::{Id, OrganizationId, RunId, SessionId, WorkflowId};
use verifa_core::time::Timestamp;

use crate::db::{DbError, Row, Stmt};
use crate::{statements, stmt};

macro_rules! columns {
    () => {
        "id, session_id, organization_id, workflow_id, workflow_version, status, final_status, \
         paused_at_node, current_node, gate_deadline, revision, sealed, created_at, started_at, \
         completed_at"
    };
}

statements! {
    INSERT = "workflow_runs.insert",
        "INSERT INTO workflow_runs (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
         ?9, ?10, 1, ?11, ?12, ?13, ?14)";
    UPDATE = "workflow_runs.update",
        "UPDATE workflow_runs SET status = ?3, final_status = ?4, paused_at_node = ?5, \
         current_node = ?6, gate_deadline = ?7, revision = revision + 1, sealed = ?8, \
         started_at = ?9, completed_at = ?10 WHERE id = ?1 AND revision = ?2";
    BY_ID = "workflow_runs.by_id",
        "SELECT ", columns!(), " FROM workflow_runs WHERE id = ?1";
    LATEST = "workflow_runs.latest",
        "SELECT ", columns!(), " FROM workflow_runs WHERE session_id = ?1 \
         ORDER BY id DESC LIMIT 1";
    ALL_OF_SESSION = "workflow_runs.all_of_session",
        "SELECT ", columns!(), " FROM workflow_runs WHERE session_id = ?1 ORDER BY id";
    OF_SESSION = "workflow_runs.of_session",
        "SELECT ", columns!(), " FROM workflow_runs WHERE session_id = ?1 AND id = ?2";
    SCRUB = "workflow_runs.scrub",
        "UPDATE workflow_runs SET sealed = NULL WHERE session_id = ?1";
    // By way of the sessions, for which there is an index.
    AGE = "workflow_runs.age",
        "UPDATE workflow_runs SET gate_deadline = gate_deadline - ?2, revision = revision + 1 \
         WHERE status = 'paused' AND session_id IN (SELECT id FROM sessions \
         WHERE organization_id = ?1 AND environment = 'sandbox' \
         AND status = 'awaiting_external')";
    UNCHANGED = "workflow_runs.unchanged",
        "UPDATE workflow_runs SET revision = revision WHERE id = ?1 AND revision = ?2";
    INSERT_DECISION = "gate_decisions.insert",
        "INSERT INTO gate_decisions (run_id, node, decision, decided_by, decided_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    DECISIONS = "gate_decisions.of_run",
        "SELECT node, decision, decided_by, decided_at FROM gate_decisions \
         WHERE run_id = ?1 ORDER BY decided_at, node";
}

/// One execution of a workflow for a session.
#[derive(Clone)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// The session it judges.
    pub session_id: SessionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version that was current when processing began.
    pub workflow_version: i64,
    /// `running`, `paused`, `completed`, `failed` or `cancelled`.
    pub status: String,
    /// `approved`, `rejected` or `needs_review`, once completed.
    pub final_status: Option<String>,
    /// The gate it waits at.
    pub paused_at_node: Option<String>,
    /// The node it stands at.
    pub current_node: Option<String>,
    /// When the gate gives up waiting.
    pub gate_deadline: Option<Timestamp>,
    /// Grows with each change; updates expect it.
    pub revision: i64,
    /// The interpreter's state under the session's data key; absent once erased.
    pub sealed: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a worker first took it up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

impl RunRecord {
    /// Reads a row of [`by_id`], [`latest`] or [`of_session`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id(0)?,
            session_id: row.id(1)?,
            organization_id: row.id(2)?,
            workflow_id: row.id(3)?,
            workflow_version: row.get(4)?,
            status: row.get(5)?,
            final_status: row.get(6)?,
            paused_at_node: row.get(7)?,
            current_node: row.get(8)?,
            gate_deadline: row.get(9)?,
            revision: row.get(10)?,
            sealed: row.get(11)?,
            created_at: row.get(12)?,
            started_at: row.get(13)?,
            completed_at: row.get(14)?,
        })
    }
}

/// Inserts a run.
pub fn insert(record: &RunRecord) -> Stmt {
    stmt(
        INSERT,
        vec![
            record.id.uuid().into(),
            record.session_id.uuid().into(),
            record.organization_id.uuid().into(),
            record.workflow_id.uuid().into(),
            record.workflow_version.into(),
            record.status.as_str().into(),
            record.final_status.clone().into(),
            record.paused_at_node.clone().into(),
            record.current_node.clone().into(),
            record.gate_deadline.into(),
            record.sealed.clone().into(),
            record.created_at.into(),
            record.started_at.into(),
            record.completed_at.into(),
        ],
    )
    .expect(1)
}

/// Writes what can change; conflicts when the row is not at `record.revision` any more.
pub fn update(record: &RunRecord) -> Stmt {
    stmt(
        UPDATE,
        vec![
            record.id.uuid().into(),
            record.revision.into(),
            record.status.as_str().into(),
            record.final_status.clone().into(),
            record.paused_at_node.clone().into(),
            record.current_node.clone().into(),
            record.gate_deadline.into(),
            record.sealed.clone().into(),
            record.started_at.into(),
            record.completed_at.into(),
        ],
    )
    .expect(1)
}

/// One run by id.
pub fn by_id(id: RunId) -> Stmt {
    stmt(BY_ID, vec![id.uuid().into()])
}

/// The newest run of a session.
pub fn latest(session: SessionId) -> Stmt {
    stmt(LATEST, vec![session.uuid().into()])
}

/// Every run of a session, oldest first.
pub fn all_of_session(session: SessionId) -> Stmt {
    stmt(ALL_OF_SESSION, vec![session.uuid().into()])
}

/// One run of a session.
pub fn of_session(session: SessionId, id: RunId) -> Stmt {
    stmt(OF_SESSION, vec![session.uuid().into(), id.uuid().into()])
}

/// Drops the sealed state of a session's runs.
pub fn scrub(session: SessionId) -> Stmt {
    stmt(SCRUB, vec![session.uuid().into()])
}

/// Brings the time limits of gates nearer by so many microseconds, in an organization's sandbox.
pub fn age(organization: OrganizationId, by: i64) -> Stmt {
    stmt(AGE, vec![organization.uuid().into(), by.into()])
}

/// Conflicts when the row is not at `record.revision` any more; writes nothing.
pub fn unchanged(record: &RunRecord) -> Stmt {
    stmt(
        UNCHANGED,
        vec![record.id.uuid().into(), record.revision.into()],
    )
    .expect(1)
}

/// A decision at a gate.
pub struct GateDecisionRecord {
    /// The gate.
    pub node: String,
    /// `continue`, `fail` or `reject`; on a timeout what `on_timeout` says.
    pub decision: String,
    /// An API key's id, or `timeout`.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
}

impl GateDecisionRecord {
    /// Reads a row of [`decisions`].
    ///
    /// # Errors
    /// When a column has another type.
    pub fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            node: row.get(0)?,
            decision: row.get(1)?,
            decided_by: row.get(2)?,
            decided_at: row.get(3)?,
        })
    }
}

/// Records a decision; a gate takes one.
pub fn insert_decision(run: RunId, decision: &GateDecisionRecord) -> Stmt {
    stmt(
        INSERT_DECISION,
        vec![
            run.uuid().into(),
            decision.node.as_str().into(),
            decision.decision.as_str().into(),
            decision.decided_by.as_str().into(),
            decision.decided_at.into(),
        ],
    )
    .expect(1)
}

/// The decisions of a run, oldest first.
pub fn decisions(run: RunId) -> Stmt {
    stmt(DECISIONS, vec![run.uuid().into()])
}
