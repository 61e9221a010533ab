-- By which browsers go on with a session: the latest turn of the cookie, since when, and whether it is kept
-- when the browser is closed. All are null if the session has none.
ALTER TABLE sessions ADD COLUMN turn INTEGER;
ALTER TABLE sessions ADD COLUMN turn_since INTEGER;
ALTER TABLE sessions ADD COLUMN kept INTEGER;
