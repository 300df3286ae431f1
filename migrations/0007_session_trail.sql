-- The audit trail of one session, which its report shows: the events of whatever belongs to it
-- (its case, its links) name it too.
CREATE INDEX audit_events_by_session ON audit_events (session_id, id);
