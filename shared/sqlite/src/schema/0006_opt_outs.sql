-- The latest wish of a recipient about a sender.
CREATE TABLE opt_outs (
    sender    TEXT NOT NULL,
    recipient TEXT NOT NULL,
    opted_out INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    noted_at  INTEGER NOT NULL,
    PRIMARY KEY (sender, recipient)
);

CREATE INDEX opt_outs_noted ON opt_outs (sender, noted_at);
