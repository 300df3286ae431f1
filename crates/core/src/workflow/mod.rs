//! Workflows: what operators write, the graph it becomes, and the interpreter that runs it
//! (spec/workflows.md).
//!
//! Reading, validating and compiling happen once, when a workflow is stored; a run only ever sees
//! a compiled graph.

mod auto_insert;
mod compile;
mod condition;
mod default;
mod evaluate;
mod graph;
mod graph_format;
pub mod input;
mod reason;
mod requirements;
mod run;
mod screening;
mod steps;
mod validate;
mod versions;

pub use auto_insert::{AUTO_POLICIES, IDENTITY_CROSSREF, RISK_ASSESSMENT, WATCHLIST_SCREENING};
pub use compile::{Compiled, Content, Format, Profile};
pub use condition::{CheckPart, Comparison, Condition, FieldPath, Operator};
pub use default::{DEFAULT_NAME, default_steps};
pub(crate) use evaluate::holds_of;
pub use evaluate::{Note, Resolve, evaluate};
pub use graph::{
    Branch, ConditionalNode, GateConfig, GateRoutes, Graph, MAXIMUM_GATE_MINUTES, Node, NodeId,
    OnTimeout, ParallelNode, PolicyCall, PolicyNext, PolicyNode, Routes, StartNode, TerminalNode,
    WaitNode,
};
pub use reason::reason_of;
pub use requirements::{
    AddressRequirement, ContactOtp, DataRequirements, DocumentRequirement, FieldRequirement,
    LivenessMode, UserInfo,
};
pub use run::{
    Attempt, BY_TIMEOUT, Because, CHECK_TIME_LIMIT, CheckCall, EarlierCheck, ExternalDecision,
    Facts, Finish, GateDecision, MAXIMUM_RETRIES, NodeResult, NotAwaited, OVERRIDDEN, Recorded,
    RunState, SKIPPED_BY_CONDITION, SKIPPED_NOT_REQUESTED, Step, jittered, retry_delay, risk_level,
};
pub use screening::{
    CrossrefSettings, OnFinding, RiskSettings, ScreeningSettings, WatchlistSettings,
};
pub use steps::{MAXIMUM_ID, MAXIMUM_NODES};
pub use validate::{DECISION_POLICIES, PolicyCatalog};
pub use versions::{makes_version, takes_newest};
