-- Logins that go on from one token to the next, as their users see them.
CREATE TABLE sessions (
    id         BLOB PRIMARY KEY,
    user       BLOB NOT NULL,
    generation INTEGER NOT NULL,
    -- The latest, which alone can be renewed.
    token      BLOB NOT NULL,
    begun_at   INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    network    TEXT NOT NULL,
    agent      TEXT
);

CREATE INDEX sessions_user ON sessions (user, renewed_at);
CREATE INDEX sessions_until ON sessions (until);
