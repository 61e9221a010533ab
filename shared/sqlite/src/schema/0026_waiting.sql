-- With whom something of a user's is queued. What leaves takes itself out of it.
CREATE INDEX messages_waiting ON messages (owner, counterpart) WHERE status = 'queued' AND visible = 1;
