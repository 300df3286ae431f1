-- What guards the rotation of the master key, and a shorter way to the keys of browsers.

-- Grows with each key that is wrapped by the master key, and with each rotation.
ALTER TABLE server_keys ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- A browser's preflight asks for the origins of all of them.
CREATE INDEX api_keys_publishable ON api_keys (id) WHERE publishable = 1;
