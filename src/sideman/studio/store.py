"""The takes on the disk: one SQLite database, which several servers may use at once.

Every change is on the disk before its function returns (write-ahead log, synchronous).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sideman.files import reason
from sideman.studio.errors import StoreError
from sideman.studio.limits import KEPT_SECONDS
from sideman.studio.tasks import json_text

NAME = "takes.sqlite"
_BUSY_SECONDS = 10.0
_CACHE_KIB = 256
_COLUMNS = "id, created, name, note, starred, parent, remark"
_SIDES = ("", "-wal", "-shm")


@dataclass(frozen=True)
class Stored:
    """A take as it is stored: JSON texts, and the bytes of its MIDI file."""

    id: str
    created: str
    name: str
    note: str
    starred: bool
    parent: str | None
    remark: str
    summary: str
    request: str
    music: str
    midi: bytes

    def json(self) -> bytes:
        """Return the take as JSON, without reading its parts."""
        head = json_text(_head(vars(self)))
        return f'{head[:-1]},"request":{self.request},"music":{self.music}}}'.encode()


def _head(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in _COLUMNS.split(", ")}
    return {**found, "starred": bool(found["starred"])}


def user_folder() -> Path:
    """Return the folder in which this system keeps a program's data of a user."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "sideman"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "sideman"
    given = os.environ.get("XDG_DATA_HOME", "")
    return (Path(given) if Path(given).is_absolute() else home / ".local" / "share") / "sideman"


class Store:
    """The takes of a folder; `notice` is a sentence if a broken database was put aside.

    Parameters
    ----------
    folder : pathlib.Path
        The folder, which is made if it is not there.
    repair : bool
        Whether a broken database is put aside; it is an error otherwise.

    Raises
    ------
    StoreError
        If the folder cannot be used, or a later version has written the database.
    """

    def __init__(self, folder: Path, *, repair: bool = True) -> None:
        self.path = folder / NAME
        self.notice = ""
        self._lock = threading.Lock()
        with _said(self.path):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"{folder}: cannot be made ({reason(error)}); choose another folder."
                ) from error
            try:
                self._database = self._opened()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                if not repair:
                    raise
                self.notice = self._put_aside()
                self._database = self._opened()

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            database.row_factory = sqlite3.Row
            _in_wal(database)
            database.execute("PRAGMA synchronous = FULL")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")  # the system caches files too
            if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
            _migrate(database, self.path)
        except BaseException:
            database.close()
            raise
        return database

    def _put_aside(self) -> str:
        """Rename a broken database with what belongs to it; return the sentence that says so."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self.path.with_name(f"takes-broken-{stamp}.sqlite")
        for side in _SIDES:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{side}").rename(f"{aside}{side}")
        return (
            f"{self.path} is damaged; it was put aside, whole, as {aside.name}, and a new one was "
            "begun."
        )

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def add(self, take: Stored) -> None:
        """Store a take; when this returns it is on the disk."""
        values = vars(take)
        marks = ", ".join(f":{name}" for name in values)
        self._change(f"INSERT INTO takes ({', '.join(values)}) VALUES ({marks})", values)

    def get(self, id: str) -> Stored | None:
        """Return a take that is not deleted."""
        row = self._row(
            f"SELECT {_COLUMNS}, summary, request, music, midi FROM takes "
            "WHERE id = ? AND deleted IS NULL",
            id,
        )
        return None if row is None else Stored(**{**dict(row), "starred": bool(row["starred"])})

    def summaries(self, before: str | None = None, most: int = -1) -> list[str]:
        """Return takes without their music as JSON, the newest first.

        `before` is the id of a take, and only older ones are returned; `most` is their number.
        """
        older = "" if before is None else "AND number < (SELECT number FROM takes WHERE id = :id)"
        with self._lock, _said(self.path):
            rows = self._database.execute(
                f"SELECT {_COLUMNS}, summary FROM takes WHERE deleted IS NULL {older} "
                "ORDER BY number DESC LIMIT :most",
                {"id": before, "most": most},
            ).fetchall()
        return [f"{json_text(_head(row))[:-1]},{row['summary'][1:]}" for row in rows]

    def change(self, id: str, values: Mapping[str, Any]) -> bool:
        """Write name, note or star of a take; return whether there is one."""
        known = {name: values[name] for name in ("name", "note", "starred") if name in values}
        if not known:
            return self.get(id) is not None
        told = ", ".join(f"{name} = :{name}" for name in known)
        return self._change(
            f"UPDATE takes SET {told} WHERE id = :id AND deleted IS NULL", {**known, "id": id}
        )

    def delete(self, id: str) -> bool:
        """Delete a take, which can be restored for a day; return whether there is one."""
        now = time.time()
        self._change("DELETE FROM takes WHERE deleted < ?", (now - KEPT_SECONDS,))
        return self._change(
            "UPDATE takes SET deleted = ? WHERE id = ? AND deleted IS NULL", (now, id)
        )

    def restore(self, id: str) -> bool:
        """Restore a deleted take; return whether there is one, deleted or not."""
        return self._change("UPDATE takes SET deleted = NULL WHERE id = ?", (id,))

    def _row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        with self._lock, _said(self.path):
            row: sqlite3.Row | None = self._database.execute(sql, values).fetchone()
            return row

    def _change(self, sql: str, values: Any) -> bool:
        with self._lock, _said(self.path):
            return self._database.execute(sql, values).rowcount > 0


def back_up(folder: Path, target: Path) -> None:
    """Write all takes of a folder to a new file, whole, even while servers use them."""
    if not (folder / NAME).is_file():
        raise StoreError(f"{folder}: holds no takes; name the folder of a studio.")
    store = Store(folder, repair=False)
    try:
        if target.exists():
            raise StoreError(f"{target}: is there already; give another name.")
        with _said(target):
            store._database.execute("VACUUM INTO ?", (str(target),))
    finally:
        store.close()


def _in_wal(database: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, for which SQLite does not wait by itself."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    folder = resources.files(__package__) / "migrations"
    scripts = sorted(
        (int(each.name.partition("-")[0]), each.read_text(encoding="utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".sql")
    )
    newest = scripts[-1][0]
    if _version(database) < newest:
        database.execute("BEGIN IMMEDIATE")  # another server may be doing the same
        try:
            for number, script in scripts:
                if number > _version(database):
                    for statement in _statements(script):
                        database.execute(statement)
                    database.execute(f"PRAGMA user_version = {number}")
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
    if _version(database) > newest:
        raise StoreError(
            f"{path}: was written by a later version of sideman; use that version, or choose "
            "another folder for the takes."
        )


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into sentences; that of a damaged file only where it is in use."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error) or type(error).__name__
        raise StoreError(
            f"{path}: the takes cannot be read or written ({said}); make room, check the folder's "
            "permissions, or choose another folder."
        ) from error
