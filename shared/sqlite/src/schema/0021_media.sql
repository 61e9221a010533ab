-- The files that a message brings: a JSON array, absent if there are none.
ALTER TABLE messages ADD COLUMN media TEXT;
