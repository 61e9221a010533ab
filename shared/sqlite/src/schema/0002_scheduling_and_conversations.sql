ALTER TABLE messages ADD COLUMN send_at INTEGER;

-- A user's messages to and from one number.
CREATE INDEX messages_conversation ON messages (owner, counterpart, id) WHERE visible = 1;
