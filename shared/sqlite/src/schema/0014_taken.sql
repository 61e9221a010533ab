-- Whoever gets the answers of a number is found among what reached it.
CREATE INDEX messages_taken ON messages (counterpart, provider_at)
    WHERE direction = 'outbound' AND provider_sid IS NOT NULL;
