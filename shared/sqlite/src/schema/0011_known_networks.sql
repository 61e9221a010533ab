-- Marks of the networks from which a user has logged in, the latest first, with spaces between them.
ALTER TABLE users ADD COLUMN known_networks TEXT NOT NULL DEFAULT '';
