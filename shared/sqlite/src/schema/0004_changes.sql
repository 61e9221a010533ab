-- What changed for a user, tombstones included.
CREATE INDEX messages_changes ON messages (owner, updated_at, id);
