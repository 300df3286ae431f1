-- The first schema. Written in PostgreSQL's words; the seam maps types for SQLite
-- (crates/store/src/db/dialect.rs). Times are microseconds since 1970 UTC, booleans are 0 or 1,
-- JSON is text. Columns named `sealed` are AES-256-GCM under the session's data key, or under
-- the organization's key where no session is concerned.

CREATE TABLE server_keys (
    name TEXT PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organizations (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL,
    settings TEXT NOT NULL,
    -- The sandbox's own; NULL while those above apply to it.
    sandbox_settings TEXT,
    wrapped_key BYTEA NOT NULL,
    sealed_reference_secret BYTEA NOT NULL,
    default_workflow_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One row per session; destroying it makes the session's sealed columns and blobs unreadable.
CREATE TABLE data_keys (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    publishable BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    key_prefix TEXT NOT NULL,
    label TEXT,
    note TEXT,
    scopes TEXT NOT NULL,
    api_version TEXT,
    default_key_inflection TEXT,
    allowed_ips TEXT,
    allowed_origins TEXT,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_by_tenant ON api_keys (organization_id, environment, id);

CREATE TABLE workflows (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    -- Where it was made: both environments use it, only live ones change what live made.
    environment TEXT NOT NULL DEFAULT 'live',
    name TEXT NOT NULL,
    description TEXT,
    current_version BIGINT NOT NULL,
    is_active BIGINT NOT NULL,
    rollout_percentage BIGINT,
    purpose TEXT,
    profile TEXT,
    graph_layout TEXT,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX workflows_by_organization ON workflows (organization_id, id);

CREATE TABLE workflow_versions (
    workflow_id UUID NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    compiled TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workflow_id, version)
);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    workflow_id UUID NOT NULL,
    external_ref TEXT COLLATE "C",
    country TEXT,
    document_type TEXT,
    checks TEXT,
    tags TEXT NOT NULL,
    redirect_url TEXT,
    locale TEXT,
    token_hash BYTEA UNIQUE,
    token_expires_at BIGINT,
    token_minutes BIGINT NOT NULL,
    retention_status TEXT NOT NULL,
    processing_attempts BIGINT NOT NULL,
    sealed BYTEA,
    terminal_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_tenant ON sessions (organization_id, environment, id);
CREATE INDEX sessions_by_status ON sessions (organization_id, environment, status, id);
CREATE INDEX sessions_by_reference ON sessions (organization_id, environment, external_ref, id);
CREATE INDEX sessions_by_workflow ON sessions (organization_id, environment, workflow_id, id);

CREATE TABLE session_tags (
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    tag TEXT NOT NULL,
    session_id UUID NOT NULL,
    PRIMARY KEY (organization_id, environment, tag, session_id)
);
CREATE INDEX session_tags_by_session ON session_tags (session_id);

CREATE TABLE documents (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    document_type TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    id_kind TEXT,
    poa_document_type TEXT,
    poa_document_date TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (session_id, document_type)
);

CREATE TABLE workflow_runs (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    workflow_id UUID NOT NULL,
    workflow_version BIGINT NOT NULL,
    status TEXT NOT NULL,
    final_status TEXT,
    paused_at_node TEXT,
    current_node TEXT,
    gate_deadline BIGINT,
    revision BIGINT NOT NULL,
    sealed BYTEA,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    completed_at BIGINT
);
CREATE INDEX workflow_runs_by_session ON workflow_runs (session_id, id);

CREATE TABLE gate_decisions (
    run_id UUID NOT NULL,
    node TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, node)
);

CREATE TABLE verification_attempts (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL,
    run_id UUID NOT NULL,
    node TEXT NOT NULL,
    policy TEXT NOT NULL,
    attempt_number BIGINT NOT NULL,
    status TEXT NOT NULL,
    score DOUBLE PRECISION,
    reasons TEXT NOT NULL,
    sealed BYTEA,
    engine TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    completed_at BIGINT,
    duration_ms BIGINT,
    UNIQUE (session_id, policy, attempt_number)
);

CREATE TABLE results (
    session_id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    status TEXT NOT NULL,
    rejection_reason TEXT,
    rejection_reason_code TEXT,
    processing_mode TEXT NOT NULL,
    country_used TEXT,
    face_match_passed BIGINT,
    face_match_score DOUBLE PRECISION,
    age_check_passed BIGINT,
    check_results TEXT NOT NULL,
    sealed BYTEA,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX results_by_tenant ON results (organization_id, environment, session_id);
CREATE INDEX results_by_status ON results (organization_id, environment, status, session_id);
CREATE INDEX results_by_time ON results (organization_id, environment, created_at, session_id);

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL UNIQUE,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    reasons TEXT NOT NULL,
    revision BIGINT NOT NULL,
    entered_review_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX cases_by_tenant ON cases (organization_id, environment, status, id);

-- Durable jobs. A claimed job is one whose due time its owner keeps pushing into the future;
-- `epoch` tells owners apart; `queue` keeps runs that compute (1) out of everybody else's way (0);
-- `deaths` counts owners that were never heard of again since the job last got on.
CREATE TABLE jobs (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    queue BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    deaths BIGINT NOT NULL,
    owner UUID,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_by_due_time ON jobs (queue, due_at);

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner UUID NOT NULL,
    until BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);

CREATE TABLE audit_events (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    type TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    session_id UUID,
    actor TEXT NOT NULL,
    metadata TEXT NOT NULL,
    request_method TEXT,
    request_path TEXT,
    sealed_ip BYTEA,
    created_at BIGINT NOT NULL,
    seq BIGINT UNIQUE,
    hash BYTEA
);
CREATE INDEX audit_events_unsealed ON audit_events (id) WHERE seq IS NULL;
CREATE INDEX audit_events_by_tenant ON audit_events (organization_id, environment, id);

CREATE TABLE audit_checkpoints (
    seq BIGINT PRIMARY KEY,
    hash BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE outbox_events (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    event TEXT NOT NULL,
    session_id UUID,
    sealed BYTEA,
    created_at BIGINT NOT NULL,
    seq BIGINT,
    UNIQUE (organization_id, environment, seq)
);
CREATE INDEX outbox_events_unsealed ON outbox_events (id) WHERE seq IS NULL;
CREATE INDEX outbox_events_by_session ON outbox_events (session_id, id);

-- The last sequence number given out: one row for the audit chain, one per tenant's feed.
CREATE TABLE sequence_heads (
    name TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA
);

CREATE TABLE idempotency_keys (
    api_key_id UUID NOT NULL,
    key_hash BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    session_id UUID,
    status BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (api_key_id, key_hash)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_by_session ON idempotency_keys (session_id);

-- Totals of lists, kept in the commits and spread over shards so that writers do not queue.
CREATE TABLE counters (
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    shard BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organization_id, environment, name, shard)
);
