-- Ways to a person: one-time links, tokens for browsers, mails.

-- A link that opens a session's capture once. The token is found by its keyed hash; its sealed
-- form, under the session's data key, lets the link be shown while it is active.
CREATE TABLE one_time_links (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    status TEXT NOT NULL,
    token_hash BYTEA UNIQUE,
    sealed_token BYTEA,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX one_time_links_by_session ON one_time_links (session_id, id);

-- A token that a browser exchanges for the capture flow once; the row goes when it is used.
CREATE TABLE client_tokens (
    token_hash BYTEA PRIMARY KEY,
    session_id UUID NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX client_tokens_by_session ON client_tokens (session_id);
CREATE INDEX client_tokens_by_expiry ON client_tokens (expires_at);

-- Mails on their way. `sealed` holds the recipient and what the letter is about, under the
-- session's data key, or the organization's where no session is concerned; it is emptied once the
-- mail is out.
CREATE TABLE mails (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    session_id UUID,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    sealed BYTEA,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX mails_by_session ON mails (session_id, id);
