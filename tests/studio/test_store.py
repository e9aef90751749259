"""The takes on the disk: broken, newer, full and read-only databases, two users, backups."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sideman.studio.errors import StoreError
from sideman.studio.plays import new_id
from sideman.studio.store import NAME, Store, Stored, back_up, user_folder


def stored(id: str = "", midi: bytes = b"MThd") -> Stored:
    return Stored(
        id or new_id(),
        "2026-11-30T00:00:00Z",
        "",
        "",
        False,
        None,
        "",
        '{"title":"A"}',
        "{}",
        "{}",
        midi,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def test_takes_are_there_again(store: Store, tmp_path: Path) -> None:
    take = stored()
    store.add(take)
    store.close()
    again = Store(tmp_path)
    assert again.get(take.id) == take
    assert again.change(take.id, {"name": "x", "starred": True, "id": "no", "midi": b""})
    assert again.get(take.id) == replace(take, name="x", starred=True)
    again.close()
    mode = sqlite3.connect(tmp_path / NAME).execute("PRAGMA journal_mode").fetchone()[0]
    assert mode == "wal"


def test_deleted_takes_are_kept_for_a_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = stored(), stored()
    store.add(one)
    store.add(other)
    assert store.delete(one.id)
    assert not store.delete(one.id)
    assert store.restore(one.id)
    assert store.delete(one.id)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_500)
    assert store.delete(other.id)
    assert not store.restore(one.id)
    assert store.restore(other.id)


def test_takes_are_listed_page_by_page(store: Store) -> None:
    takes = [stored() for _ in range(7)]
    for take in takes:
        store.add(take)
    store.delete(takes[4].id)
    listed: list[str] = []
    while page := store.summaries(listed[-1] if listed else None, 3):
        listed += [json.loads(take)["id"] for take in page]
    assert listed == [take.id for take in reversed(takes) if take is not takes[4]]
    assert store.summaries(new_id()) == []


def test_two_stores_share_a_database(store: Store, tmp_path: Path) -> None:
    others = [Store(tmp_path) for _ in range(2)]
    takes = [[stored() for _ in range(10)] for _ in others]

    def add(number: int) -> None:
        for take in takes[number]:
            others[number].add(take)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {json.loads(take)["id"] for take in store.summaries()} == {
        take.id for group in takes for take in group
    }
    for other in others:
        other.close()


def test_many_open_a_new_database_at_once(tmp_path: Path) -> None:
    made: list[Store] = []
    threads = [threading.Thread(target=lambda: made.append(Store(tmp_path))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert not any(one.notice for one in made)
    for one in made:
        one.close()


@pytest.mark.parametrize("damage", ["no database", "torn"])
def test_a_broken_database_is_put_aside_whole(tmp_path: Path, damage: str) -> None:
    first = Store(tmp_path)
    for _ in range(20):
        first.add(stored(midi=os.urandom(3000)))
    first.close()
    path = tmp_path / NAME
    data = path.read_bytes()
    broken = b"x" * 5000 if damage == "no database" else data[:4096] + b"\xff" * 8192 + data[12288:]
    path.write_bytes(broken)
    with pytest.raises(StoreError):
        back_up(tmp_path, tmp_path / "copy.sqlite")  # not an empty one of the new database
    assert path.read_bytes() == broken
    again = Store(tmp_path)
    (aside,) = tmp_path.glob("takes-broken-*.sqlite")
    assert aside.read_bytes() == broken
    assert aside.name in again.notice
    again.add(stored())
    assert len(again.summaries()) == 1
    again.close()


def test_a_newer_database_is_refused_and_left(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(StoreError, match="later version of sideman"):
        Store(tmp_path)
    assert (tmp_path / NAME).read_bytes() == before


def test_a_full_disk_is_said_and_nothing_is_lost(store: Store) -> None:
    take = stored()
    store.add(take)
    store._database.execute("PRAGMA max_page_count = 12")
    with pytest.raises(StoreError, match=r"full.*make room"):
        for _ in range(10):
            store.add(stored(midi=bytes(20_000)))
    assert store.get(take.id) == take
    store._database.execute("PRAGMA max_page_count = 100000")
    store.add(stored(midi=bytes(20_000)))


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store(tmp_path / "file" / "data")
    (tmp_path / "data" / NAME).mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read or written"):
        Store(tmp_path / "data")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    Store(tmp_path).close()
    (tmp_path / NAME).chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="permissions"):
            Store(tmp_path).add(stored())
    finally:
        tmp_path.chmod(0o700)


def test_a_backup_is_whole_while_the_takes_are_used(store: Store, tmp_path: Path) -> None:
    takes = [stored() for _ in range(5)]
    for take in takes:
        store.add(take)
    target = tmp_path / "copy" / NAME
    target.parent.mkdir()
    back_up(tmp_path, target)
    copy = Store(target.parent)
    assert copy.get(takes[4].id) == takes[4]
    assert len(copy.summaries()) == 5
    copy.close()
    with pytest.raises(StoreError, match="there already"):
        back_up(tmp_path, target)
    with pytest.raises(StoreError, match="holds no takes"):
        back_up(tmp_path / "nothing", tmp_path / "other.sqlite")


def test_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_folder() == tmp_path / "sideman"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert user_folder() == Path.home() / ".local" / "share" / "sideman"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert user_folder().parts[-3:] == ("Library", "Application Support", "sideman")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert user_folder() == tmp_path / "sideman"
