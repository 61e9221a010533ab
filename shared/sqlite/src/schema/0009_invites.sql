-- Leave to sign up; used up while a user has its hash.
CREATE TABLE invites (
    hash       TEXT PRIMARY KEY,
    note       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

ALTER TABLE users ADD COLUMN invite TEXT;

CREATE UNIQUE INDEX users_invite ON users (invite) WHERE invite IS NOT NULL;
