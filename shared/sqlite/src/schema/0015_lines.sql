-- What kind of text it is, its place in the line of its sender, and whose clock its quiet hours go by.
ALTER TABLE messages ADD COLUMN class TEXT NOT NULL DEFAULT 'transactional';
ALTER TABLE messages ADD COLUMN turn INTEGER;
ALTER TABLE messages ADD COLUMN time_zone TEXT;
-- Who leaves next.
CREATE INDEX messages_turns ON messages (account, sender, class, turn)
    WHERE status = 'queued' AND turn IS NOT NULL;

-- Small shared state, replaced by its version: senders, lines, what users have set.
CREATE TABLE records (
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT    NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- The texts of a class in a line.
CREATE TABLE queues (
    line         TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    virtual_time INTEGER NOT NULL DEFAULT 0,
    entered      INTEGER NOT NULL DEFAULT 0,
    departed     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (line, class)
) WITHOUT ROWID;

-- How far the turns of each user reach.
CREATE TABLE turns (
    line     TEXT    NOT NULL,
    class    TEXT    NOT NULL,
    user     BLOB    NOT NULL,
    ends     INTEGER NOT NULL,
    weight   INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (line, class, user)
) WITHOUT ROWID;
CREATE INDEX turns_reach ON turns (line, class, ends);
CREATE INDEX turns_moved ON turns (moved_at);
