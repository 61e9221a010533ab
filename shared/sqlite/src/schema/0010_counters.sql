-- What is sent within an hour or a day, by user, recipient or all together; and what it consists of.
CREATE TABLE counters (
    key    BLOB NOT NULL,
    period INTEGER NOT NULL,
    spent  INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (key, period)
);

CREATE INDEX counters_until ON counters (until);

CREATE TABLE charges (
    id     BLOB NOT NULL,
    key    BLOB NOT NULL,
    amount INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (id, key)
);

CREATE INDEX charges_until ON charges (until);

-- Of the days before, only what users have spent still counts.
INSERT INTO counters (key, period, spent, until)
    SELECT user, day, spent, (day + 2) * 86400000 FROM quotas;
DROP TABLE quotas;
DROP TABLE reservations;
