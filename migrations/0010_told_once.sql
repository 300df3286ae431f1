-- What a session has told that is told once: 1 `document.extracted`, 2 `document.verified`, as a sum.
-- The events themselves are forgotten after some months.
ALTER TABLE sessions ADD COLUMN told_once BIGINT NOT NULL DEFAULT 0;
