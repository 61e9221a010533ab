-- What endpoints were told of messages, the latest that they took.
CREATE TABLE told (
    endpoint   BLOB    NOT NULL,
    message    BLOB    NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    steps      INTEGER NOT NULL,
    replays    INTEGER NOT NULL,
    told_at    INTEGER NOT NULL,
    PRIMARY KEY (endpoint, message)
) WITHOUT ROWID;
CREATE INDEX told_at ON told (told_at);
