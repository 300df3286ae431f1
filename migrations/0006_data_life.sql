-- The life of personal data: consent, retention, legal hold, erasure (spec/resources.md,
-- "Documents, audit, data").

-- From when the retention windows count: the terminal status, else the last activity. What is done
-- already is `retention_stage` (core/privacy/retention.rs), so that each window is found by a
-- range of the index and no session is looked at twice. `former_token_hash` is that of the last
-- capture token, by which the person of a decided session is known.
ALTER TABLE sessions ADD COLUMN retention_anchor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN retention_stage BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN legal_hold_at BIGINT;
ALTER TABLE sessions ADD COLUMN former_token_hash BYTEA;
-- Sessions that were there before count from where they would have, not from 1970.
UPDATE sessions SET retention_anchor = COALESCE(terminal_at, updated_at),
    retention_stage = CASE retention_status WHEN 'redacted' THEN 3 ELSE 0 END;
CREATE INDEX sessions_by_retention
    ON sessions (organization_id, environment, retention_status, retention_stage, retention_anchor)
    WHERE legal_hold_at IS NULL;
CREATE INDEX sessions_by_former_token ON sessions (former_token_hash)
    WHERE former_token_hash IS NOT NULL;

-- A person's consent. The address is under the session's key; the rest outlives a redaction as the
-- proof that consent was given.
CREATE TABLE consents (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    version TEXT NOT NULL,
    biometric BIGINT NOT NULL,
    source TEXT NOT NULL,
    sealed_ip BYTEA,
    given_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX consents_by_session ON consents (session_id, id);

-- The erasure log: one signed row per redacted session. A restored backup replays it.
CREATE TABLE erasures (
    session_id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    cause TEXT NOT NULL,
    documents_removed BIGINT NOT NULL,
    audit_event_id UUID NOT NULL UNIQUE,
    erased_at BIGINT NOT NULL,
    signature BYTEA NOT NULL
);
CREATE INDEX erasures_by_time ON erasures (erased_at, session_id);

-- A person's objection to a decision; the words are under the session's key.
CREATE TABLE contests (
    session_id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    sealed_words BYTEA,
    created_at BIGINT NOT NULL
);

CREATE INDEX audit_checkpoints_by_time ON audit_checkpoints (created_at, seq);
