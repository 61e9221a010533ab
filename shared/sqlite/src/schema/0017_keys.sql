-- What users let their programs do in their name. Of a secret only the hash is stored.
CREATE TABLE keys (
    id         TEXT PRIMARY KEY,
    owner      BLOB NOT NULL,
    name       TEXT NOT NULL,
    secret     TEXT NOT NULL,
    -- Mode, scopes and what limits them, as JSON.
    grants     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used  INTEGER,
    ended      INTEGER NOT NULL DEFAULT 0,
    forget_at  INTEGER
) WITHOUT ROWID;

CREATE INDEX keys_owner ON keys (owner, created_at);
CREATE INDEX keys_forget ON keys (forget_at);
