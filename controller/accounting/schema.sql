-- Times: *_wall_ms since 1970 (UTC), *_ms since boot. Volumes: layer 3 bytes.
CREATE TABLE IF NOT EXISTS session (
	id               INTEGER PRIMARY KEY,  -- also the firewall's mark
	mac              BLOB NOT NULL,
	state            INTEGER NOT NULL,     -- enum session_state
	cause            INTEGER NOT NULL,     -- enum end_cause
	final            INTEGER NOT NULL,     -- ended, and the last reading is in
	boot             TEXT NOT NULL,        -- the machine's start that the *_ms count from
	leaf             INTEGER NOT NULL,
	started_wall_ms  INTEGER NOT NULL,
	unsynced         INTEGER NOT NULL,     -- the wall clock was not known to be right
	started_ms       INTEGER NOT NULL,
	granted_ms       INTEGER NOT NULL,
	ends_ms          INTEGER NOT NULL,
	active_ms        INTEGER NOT NULL,
	updated_ms       INTEGER NOT NULL,
	minutes          INTEGER NOT NULL,
	extended_min     INTEGER NOT NULL,
	extended_day     INTEGER NOT NULL,     -- YYYYMMDD, local, of the device's last extension
	carry_down       INTEGER NOT NULL,
	carry_up         INTEGER NOT NULL,
	base_down        INTEGER NOT NULL,
	base_up          INTEGER NOT NULL,
	total_down       INTEGER NOT NULL,
	total_up         INTEGER NOT NULL,
	class            TEXT                  -- of its voucher; NULL: the zone's
);
CREATE INDEX IF NOT EXISTS session_live ON session (id) WHERE final = 0;
CREATE TABLE IF NOT EXISTS device (
	mac              BLOB PRIMARY KEY,
	blocked          INTEGER NOT NULL,
	day              INTEGER NOT NULL,     -- YYYYMMDD, local
	day_ms           INTEGER NOT NULL,
	day_bytes        INTEGER NOT NULL,
	token_us         INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leaf_rates (
	one              INTEGER PRIMARY KEY CHECK (one = 1),
	boot             TEXT NOT NULL,
	down             INTEGER NOT NULL,
	up               INTEGER NOT NULL,
	down_floor       INTEGER NOT NULL,
	up_floor         INTEGER NOT NULL
);
-- What a voucher gave to a device: until it is over, the device may come back.
CREATE TABLE IF NOT EXISTS pass (
	mac              BLOB PRIMARY KEY,
	batch            INTEGER NOT NULL,
	number           INTEGER NOT NULL,
	class            TEXT NOT NULL,
	ends_wall_ms     INTEGER NOT NULL
) WITHOUT ROWID;
-- Codes are not here: only their hashes, under the key in voucher.key.
CREATE TABLE IF NOT EXISTS voucher (
	hash             BLOB PRIMARY KEY,
	batch            INTEGER NOT NULL,
	number           INTEGER NOT NULL,
	class            TEXT NOT NULL,
	minutes          INTEGER NOT NULL,
	created_wall_ms  INTEGER NOT NULL,
	expires_wall_ms  INTEGER NOT NULL,
	uses_max         INTEGER NOT NULL,
	uses             INTEGER NOT NULL
) WITHOUT ROWID;
