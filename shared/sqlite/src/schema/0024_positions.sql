-- Where a message stands in its conversation: a UUID like its id, of when it went out if it had to wait.
ALTER TABLE messages ADD COLUMN position BLOB;
UPDATE messages SET position = id;
UPDATE messages SET position = unhex(printf('%012x', at) || substr(hex(messages.id), 13))
FROM (SELECT id AS dispatched, CASE WHEN provider_adopted = 1
          THEN coalesce(last_claim_at, provider_at) ELSE provider_at END AS at
      FROM messages WHERE direction = 'outbound' AND provider_sid IS NOT NULL)
WHERE id = dispatched AND at > sent_at AND (send_at IS NOT NULL OR at > sent_at + 60000);

CREATE INDEX messages_position ON messages (owner, counterpart, position) WHERE visible = 1;
