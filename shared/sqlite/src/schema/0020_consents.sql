-- When somebody may have meant that they want no texts, if nothing they said since tells.
ALTER TABLE opt_outs ADD COLUMN maybe_at INTEGER;

CREATE INDEX opt_outs_recipient ON opt_outs (recipient);
CREATE INDEX opt_outs_standing ON opt_outs (sender, opted_out, recipient);
CREATE INDEX opt_outs_flagged ON opt_outs (sender, recipient) WHERE maybe_at IS NOT NULL;

-- What people said about our texts, and from where that is known. Nothing is changed or removed.
CREATE TABLE consents (
    id        TEXT PRIMARY KEY NOT NULL,
    recipient TEXT NOT NULL,
    sender    TEXT NOT NULL,
    consent   TEXT NOT NULL,
    source    TEXT NOT NULL,
    reference TEXT,
    by        TEXT,
    note      TEXT,
    said_at   INTEGER NOT NULL,
    noted_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_said ON consents (recipient, said_at, id);

-- What is known from before.
INSERT INTO consents (id, recipient, sender, consent, source, said_at, noted_at)
SELECT 'earlier ' || sender || ' ' || recipient, recipient, sender,
    CASE WHEN opted_out = 1 THEN 'withdrawn' ELSE 'given' END, 'earlier', at, noted_at
FROM opt_outs;
