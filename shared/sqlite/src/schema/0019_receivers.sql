-- An Argentinian number has one form, without a 9 after the country code. Of two wishes about one number
-- the later one counts.
INSERT INTO opt_outs (sender, recipient, opted_out, at, noted_at)
    SELECT sender, '+54' || substr(recipient, 5), opted_out, at, noted_at FROM opt_outs
    WHERE recipient GLOB '+549??????????'
    ON CONFLICT (sender, recipient) DO UPDATE
        SET opted_out = excluded.opted_out, at = excluded.at, noted_at = excluded.noted_at
        WHERE excluded.at > opt_outs.at;
DELETE FROM opt_outs WHERE recipient GLOB '+549??????????';
UPDATE messages SET counterpart = '+54' || substr(counterpart, 5) WHERE counterpart GLOB '+549??????????';
UPDATE messages SET recipient = '+54' || substr(recipient, 5) WHERE recipient GLOB '+549??????????';

-- What belonged to nobody and was given to users: they get what its author writes next.
ALTER TABLE messages ADD COLUMN assigned_at INTEGER;
CREATE INDEX messages_assigned ON messages (counterpart, assigned_at) WHERE assigned_at IS NOT NULL;
