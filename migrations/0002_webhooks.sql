-- Webhook endpoints and what was sent to them (spec/resources.md, "Webhooks").

-- `sealed_secret` and `sealed_former_secret` are under the organization's key. Conditions, events
-- and the block list are JSON texts. `failed_in_a_row` counts deliveries that were given up,
-- `failing_since` is the first failed try since the last success.
CREATE TABLE webhook_endpoints (
    id UUID PRIMARY KEY,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    url TEXT NOT NULL,
    label TEXT,
    description TEXT,
    enabled BIGINT NOT NULL,
    disabled_reason TEXT,
    enabled_events TEXT NOT NULL,
    attribute_blocklist TEXT NOT NULL,
    event_filter_conditions TEXT,
    api_version TEXT,
    key_inflection TEXT,
    sealed_secret BYTEA NOT NULL,
    sealed_former_secret BYTEA,
    former_secret_until BIGINT,
    failed_in_a_row BIGINT NOT NULL,
    failing_since BIGINT,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (organization_id, environment, id);

-- One event for one endpoint; its body is the outbox event's. The sealer makes it in the commit
-- that numbers the event, so that each event is fanned out once. `lane` is the session, or the
-- event where no session is concerned; `seq` is the event's number in the tenant's feed, and the
-- order within the lane. `tries` counts since the delivery last became pending, `attempts` all.
CREATE TABLE webhook_deliveries (
    id UUID PRIMARY KEY,
    endpoint_id UUID NOT NULL,
    event_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    session_id UUID,
    lane UUID NOT NULL,
    seq BIGINT NOT NULL,
    event TEXT NOT NULL,
    status TEXT NOT NULL,
    tries BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    created_at BIGINT NOT NULL,
    completed_at BIGINT,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_by_session ON webhook_deliveries (session_id, id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, lane, seq)
    WHERE status = 'pending';
-- Lists by status and by name.
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, id)
    WHERE status = 'failed';
CREATE INDEX webhook_deliveries_by_name ON webhook_deliveries (endpoint_id, event, id);

-- The order of sending: a lane is one session's deliveries to one endpoint (events of no session
-- have a lane each). Its owner sends them one after another. `due_at` is when it is worked on
-- next, or until when its owner holds it; `epoch` tells owners apart; `generation` grows when a
-- delivery joins, so that a lane is only removed when it is empty. `owner` names the claim that holds
-- it; `woken` is 1 when one of its deliveries was to be sent at once while it was held.
CREATE TABLE webhook_lanes (
    endpoint_id UUID NOT NULL,
    lane UUID NOT NULL,
    organization_id UUID NOT NULL,
    environment TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    owner UUID,
    woken BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (endpoint_id, lane)
);
CREATE INDEX webhook_lanes_by_due_time ON webhook_lanes (endpoint_id, due_at);

-- One try. `sealed_response` is the beginning of the receiver's answer, under the key of the
-- event's body: that of the session, or the organization's where no session is concerned.
CREATE TABLE webhook_attempts (
    delivery_id UUID NOT NULL,
    number BIGINT NOT NULL,
    attempted_at BIGINT NOT NULL,
    http_status BIGINT,
    duration_ms BIGINT NOT NULL,
    error TEXT,
    sealed_response BYTEA,
    PRIMARY KEY (delivery_id, number)
);
