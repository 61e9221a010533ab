ALTER TABLE messages ADD COLUMN sender TEXT;
ALTER TABLE messages ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;

-- What was sent to one number, by whomever.
CREATE INDEX messages_correspondents ON messages (counterpart, id) WHERE direction = 'outbound';
-- What users have not seen.
CREATE INDEX messages_unread ON messages (owner, counterpart) WHERE unread = 1;
