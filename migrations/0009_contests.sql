-- When a reviewer answered a person's objection: then later decisions can be contested anew.
ALTER TABLE contests ADD COLUMN answered_at BIGINT;
