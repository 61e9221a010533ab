-- Files that users bring for their messages.
CREATE TABLE uploads (
    id           BLOB PRIMARY KEY NOT NULL,
    owner        BLOB NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    secret       TEXT NOT NULL,
    kept_until   INTEGER NOT NULL,
    -- All of it is there.
    complete     INTEGER NOT NULL,
    -- By how many messages.
    held         INTEGER NOT NULL
) STRICT;

CREATE INDEX uploads_owner ON uploads (owner);
CREATE INDEX uploads_kept_until ON uploads (kept_until);

CREATE TABLE upload_parts (
    upload BLOB NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    place  INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (upload, place)
) STRICT;
