-- How often a message has changed; 0 for those that have not since this was added.
ALTER TABLE messages ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
