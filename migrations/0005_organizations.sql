-- API keys that can be changed, the operator's admin tokens, and the audit trail of one thing.

ALTER TABLE api_keys ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- Tokens of whoever runs the server: they make and change organizations, and open no tenant's data.
CREATE TABLE admin_tokens (
    id UUID PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    token_prefix TEXT NOT NULL,
    label TEXT,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);

-- The organization whose key seals a kept answer that concerns no session, where it is another
-- than the caller's: an operator's token has none.
ALTER TABLE idempotency_keys ADD COLUMN organization_id UUID;

CREATE INDEX audit_events_by_resource
    ON audit_events (organization_id, environment, resource_id, id);
-- Filters of the list that may fit few events among many.
CREATE INDEX audit_events_by_type ON audit_events (organization_id, environment, type, id);
CREATE INDEX audit_events_by_kind
    ON audit_events (organization_id, environment, resource_type, id);
