-- What operators did by hand; ids are in the order of time.
CREATE TABLE acts (
    id BLOB PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    command TEXT NOT NULL,
    about TEXT
) STRICT, WITHOUT ROWID;
