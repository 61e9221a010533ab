CREATE TABLE users (
    id            BLOB PRIMARY KEY,
    username      TEXT NOT NULL,
    folded_name   TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL
);

CREATE TABLE messages (
    id               BLOB PRIMARY KEY,
    owner            BLOB NOT NULL,
    account          TEXT NOT NULL,
    direction        TEXT NOT NULL,
    recipient        TEXT,
    body             TEXT,
    counterpart      TEXT,
    sent_at          INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    status           TEXT NOT NULL,
    not_before       INTEGER NOT NULL,
    wake_at          INTEGER,
    lease_token      BLOB,
    lease_until      INTEGER,
    attempts         INTEGER NOT NULL,
    first_attempt_at INTEGER,
    last_claim_at    INTEGER,
    unseen           INTEGER NOT NULL,
    provider_sid     TEXT UNIQUE,
    provider_at      INTEGER,
    provider_adopted INTEGER,
    polls            INTEGER NOT NULL,
    error_code       TEXT,
    delivered_at     INTEGER,
    idempotency_key  TEXT,
    body_hash        TEXT,
    retry_of         BLOB,
    visible          INTEGER NOT NULL,
    deleted_at       INTEGER,
    timeline         TEXT NOT NULL
);

-- The lanes of the sweeper.
CREATE INDEX messages_due ON messages (account, status, wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX messages_idempotency ON messages (owner, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- A user's history.
CREATE INDEX messages_history ON messages (owner, id) WHERE visible = 1;
CREATE INDEX messages_tombstones ON messages (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE senders (
    sender        TEXT PRIMARY KEY,
    code          TEXT NOT NULL,
    reason        TEXT NOT NULL,
    since         INTEGER NOT NULL,
    probe_at      INTEGER NOT NULL,
    failures      INTEGER NOT NULL,
    probe_token   BLOB,
    probing_until INTEGER
);
