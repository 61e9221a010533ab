-- What ends tokens: a new generation of a user, or one token alone.
ALTER TABLE users ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN revoked_at INTEGER;
-- A closed account has neither name nor password; it goes once nothing is left of it.
ALTER TABLE users ADD COLUMN closed_at INTEGER;
ALTER TABLE users ADD COLUMN erased_at INTEGER;

CREATE INDEX users_revoked ON users (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX users_closed ON users (closed_at) WHERE closed_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX users_erased ON users (erased_at) WHERE erased_at IS NOT NULL;

CREATE TABLE revocations (
    token      BLOB PRIMARY KEY,
    until      INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL
);

CREATE INDEX revocations_until ON revocations (until);
CREATE INDEX revocations_revoked ON revocations (revoked_at);

-- The segments that a user sends on a day, and what they consist of.
CREATE TABLE quotas (
    user  BLOB NOT NULL,
    day   INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (user, day)
);

CREATE INDEX quotas_day ON quotas (day);

CREATE TABLE reservations (
    id       BLOB PRIMARY KEY,
    day      INTEGER NOT NULL,
    segments INTEGER NOT NULL
);

CREATE INDEX reservations_day ON reservations (day);
