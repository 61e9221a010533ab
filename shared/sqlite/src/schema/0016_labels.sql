-- What programs note on texts, to find them again.
ALTER TABLE messages ADD COLUMN reference TEXT;
ALTER TABLE messages ADD COLUMN tags TEXT;

CREATE INDEX messages_reference ON messages (owner, reference, id) WHERE reference IS NOT NULL;

-- An index of the tags, of which a message may have several. The triggers keep it.
CREATE TABLE tagged (
    user    BLOB NOT NULL,
    tag     TEXT NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (user, tag, message)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER messages_tagged AFTER INSERT ON messages WHEN NEW.tags IS NOT NULL BEGIN
    INSERT INTO tagged SELECT NEW.owner, value, NEW.id FROM json_each(NEW.tags);
END;

CREATE TRIGGER messages_retagged AFTER UPDATE OF tags ON messages WHEN NEW.tags IS NOT OLD.tags BEGIN
    DELETE FROM tagged WHERE user = OLD.owner AND message = OLD.id
        AND tag IN (SELECT value FROM json_each(OLD.tags));
    INSERT INTO tagged SELECT NEW.owner, value, NEW.id FROM json_each(NEW.tags);
END;

CREATE TRIGGER messages_untagged AFTER DELETE ON messages WHEN OLD.tags IS NOT NULL BEGIN
    DELETE FROM tagged WHERE user = OLD.owner AND message = OLD.id
        AND tag IN (SELECT value FROM json_each(OLD.tags));
END;
