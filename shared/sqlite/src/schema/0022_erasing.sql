-- When the provider is to erase what was deleted.
ALTER TABLE messages ADD COLUMN erase_at INTEGER;
CREATE INDEX messages_erasing ON messages (account, erase_at) WHERE erase_at IS NOT NULL;

-- What was tried in vain and waits to be tried again, by its recipient.
CREATE INDEX messages_tried ON messages (account, recipient)
    WHERE status = 'queued' AND first_attempt_at IS NOT NULL;
