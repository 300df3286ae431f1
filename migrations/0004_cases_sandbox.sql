-- Review cases in full, and the sandbox's clock (spec/resources.md, "Cases" and "Virtual clock").

-- `assigned_to`, `decided_by` and `escalated_to` are the operator's own names for its reviewers.
-- `sealed` is the operator's free data about the person, under the session's data key.
ALTER TABLE cases ADD COLUMN decision TEXT;
ALTER TABLE cases ADD COLUMN assigned_to TEXT;
ALTER TABLE cases ADD COLUMN claimed_at BIGINT;
ALTER TABLE cases ADD COLUMN claimed_until BIGINT;
ALTER TABLE cases ADD COLUMN decided_by TEXT;
ALTER TABLE cases ADD COLUMN decided_at BIGINT;
ALTER TABLE cases ADD COLUMN left_review_at BIGINT;
ALTER TABLE cases ADD COLUMN escalated_to TEXT;
ALTER TABLE cases ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE cases ADD COLUMN sealed BYTEA;
CREATE INDEX cases_newest ON cases (organization_id, environment, id);
CREATE INDEX cases_by_reviewer ON cases (organization_id, environment, assigned_to, id);

CREATE TABLE case_tags (
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    tag TEXT NOT NULL,
    case_id UUID NOT NULL,
    PRIMARY KEY (organization_id, environment, tag, case_id)
);
CREATE INDEX case_tags_by_case ON case_tags (case_id);

-- `sealed` is the text and who wrote it, under the session's data key.
CREATE TABLE case_notes (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL,
    session_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    sealed BYTEA,
    created_at BIGINT NOT NULL
);
CREATE INDEX case_notes_by_case ON case_notes (case_id, id);
CREATE INDEX case_notes_by_session ON case_notes (session_id);

-- The organization whose sandbox's clock moves the job; NULL where no such clock does.
ALTER TABLE jobs ADD COLUMN sandbox_of UUID;
CREATE INDEX jobs_by_sandbox ON jobs (sandbox_of) WHERE sandbox_of IS NOT NULL;

-- How far an organization's sandbox is ahead of real time: the sum of all advances, in
-- microseconds.
CREATE TABLE sandbox_clocks (
    organization_id UUID PRIMARY KEY,
    advanced BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
