CREATE TABLE takes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    starred INTEGER NOT NULL DEFAULT 0,
    parent TEXT,
    remark TEXT NOT NULL DEFAULT '',
    summary TEXT NOT NULL,
    request TEXT NOT NULL,
    music TEXT NOT NULL,
    midi BLOB NOT NULL,
    deleted REAL
) STRICT;
CREATE INDEX takes_deleted ON takes (deleted);
