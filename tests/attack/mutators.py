"""Mutations of a file, of its bytes and of its structure; all randomness comes from ``rng``."""

from __future__ import annotations

import copy
import io
import json
import re
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

Mutator = Callable[[bytes, Random], bytes]

NUMBERS = (
    *("0", "-1", "1", "2", "127", "128", "255", "256", "65535", "65536", "2147483647"),
    *("-2147483648", "4294967296", "9223372036854775808", "1e308", "1e-308", "nan", "inf", "-inf"),
    *("0.1", "1/3", "1e9", "9" * 400, "9" * 5000, ""),
)
WORDS = (
    *("", " ", "\0", "\x1b[2J", "\u202e", "é", "𝄞", "\ud7ff", "%s", "../../etc/passwd", "null"),
    *("C7", "F#m7b5/A", "N.C.", "%", "||", "|:", ":|", "D.C. al Coda", "a" * 5000, "[" * 300),
    *("true", "NaN", "{}", "[]", "()", "(", ")", '"', "'", "\\", "\r\n", "-", "&amp;", "<a>"),
)
_EVENTS = (
    *(b"\0\xff\x58\x04\0\0\0\0", b"\0\xff\x51\x03\0\0\0", b"\0\xff\x59\x02\x7f\x7f"),
    *(b"\0\xff\x2f\0", b"\x8f\xff\xff\x7f\x90\x40\x40", b"\0\xf0\x05abcd\xf7", b"\0\xff\x01"),
)
_TABLES = (b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen", b"shdr")
_SIZES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def bytes_of(data: bytes, rng: Random) -> bytes:
    """Change, insert, remove, repeat or move bytes at one to eight places."""
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(found) + 1)
        kind = rng.randrange(7)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and at < len(found):
            found[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            found[at:at] = rng.randbytes(rng.choice((1, 2, 4, 30)))
        elif kind == 3:
            del found[at : at + rng.choice((1, 2, 4, 30, 300))]
        elif kind == 4:
            piece = found[at : at + rng.choice((1, 4, 16, 64, 256))]
            found[at:at] = piece * rng.choice((1, 2, 50))
        elif kind == 5:
            del found[at:]
        else:
            size = rng.choice(_SIZES)
            width = rng.choice((1, 2, 4))
            value = (size & ((1 << 8 * width) - 1)).to_bytes(width, "big")
            if rng.random() < 0.5:
                value = value[::-1]
            found[at : at + width] = value
    return bytes(found)


def text_of(data: bytes, rng: Random) -> bytes:
    """Change words, numbers and lines of a text."""
    text = data.decode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 4))):
        kind = rng.randrange(6)
        if kind <= 2:
            pattern = (r"-?\d+(\.\d+)?", r"[A-Za-z#]+\w*", r"[^\w\s]")[kind]
            places = list(re.finditer(pattern, text))
            if not places:
                continue
            place = rng.choice(places)
            pool: Sequence[str] = (NUMBERS, WORDS, (*WORDS, *(each[0] for each in places)))[kind]
            text = text[: place.start()] + rng.choice(pool) + text[place.end() :]
        else:
            lines = text.split("\n")
            at = rng.randrange(len(lines))
            if kind == 3:
                del lines[at]
            elif kind == 4:
                lines[at:at] = [lines[rng.randrange(len(lines))]] * rng.choice((1, 2, 40))
            else:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            text = "\n".join(lines)
    encoding = rng.choice(("utf-8",) * 8 + ("utf-16", "latin-1", "utf-8-sig"))
    return text.encode(encoding, "replace")


def xml_of(data: bytes, rng: Random) -> bytes:
    """Remove, repeat, move or rename elements; change their text and attributes."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return bytes_of(data, rng)
    for _ in range(rng.choice((1, 1, 2, 5))):
        parents = [each for each in root.iter() if len(each)]
        if not parents:
            break
        parent = rng.choice(parents)
        at = rng.randrange(len(parent))
        child = parent[at]
        kind = rng.randrange(7)
        if kind == 0:
            parent.remove(child)
        elif kind == 1:
            for _ in range(rng.choice((1, 2, 60))):
                parent.insert(at, child)
        elif kind == 2:
            other = rng.choice(parents)
            if child not in other.iter() and other not in child.iter():
                other.append(child)
        elif kind == 3:
            child.tag = rng.choice([each.tag for each in root.iter()])
        elif kind == 4 and child.attrib:
            child.set(rng.choice(list(child.attrib)), rng.choice((*NUMBERS, *WORDS)))
        else:
            child.text = rng.choice((*NUMBERS, *WORDS))
    text = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "", text).encode()


def zip_of(inside: Mutator) -> Mutator:
    """Return a mutator of the members of an archive, of their names and of the archive itself."""

    def mutate(data: bytes, rng: Random) -> bytes:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(each.filename, archive.read(each)) for each in archive.infolist()]
        packing = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
        at = rng.randrange(len(members))
        name, content = members[at]
        kind = rng.randrange(6)
        if kind <= 2:
            members[at] = (name, inside(content, rng))
        elif kind == 3:
            members[at] = (rng.choice(("../x.xml", "x.xml", "META-INF/container.xml")), content)
        elif kind == 4:
            del members[at]
        new = io.BytesIO()
        with zipfile.ZipFile(new, "w", packing) as archive:
            for member, content in dict(members).items():
                archive.writestr(zipfile.ZipInfo(member), content, packing)
        return bytes_of(new.getvalue(), rng) if kind == 5 else new.getvalue()

    return mutate


def json_of(data: bytes, rng: Random) -> bytes:
    """Replace, remove or repeat values of JSON."""
    try:
        content = json.loads(data)
    except ValueError:
        return text_of(data, rng)
    values: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1e308,
        float("nan"),
        float("inf"),
        10**30,
        "",
        "x" * 5000,
        [],
        {},
        [[]] * 50,
        *WORDS,
    )
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = content
        while isinstance(at, dict | list) and at:
            key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
            below = at[key]
            if not isinstance(below, dict | list) or not below or rng.random() < 0.25:
                if rng.random() < 0.2:
                    del at[key]
                else:
                    at[key] = copy.deepcopy(rng.choice(values))
                break
            at = below
    return json.dumps(content).encode()


def midi_of(data: bytes, rng: Random) -> bytes:
    """Change chunks of a MIDI file: lengths, order, and events in a track."""
    chunks, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        chunks.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size
    kind = rng.randrange(6)
    which = rng.randrange(len(chunks))
    name, body = chunks[which]
    if kind == 0:
        body = bytes_of(body, rng)
    elif kind == 1:
        events = (b"\0\xff\x58\x04\0\0\0\0", b"\0\xff\x51\x03\0\0\0", b"\0\xff\x59\x02\x7f\x7f")
        more = (
            b"\0\xff\x2f\0",
            b"\x8f\xff\xff\x7f\x90\x40\x40",
            b"\0\xf0\x05abcd\xf7",
            b"\0\xff\x01",
        )
        place = rng.randrange(len(body) + 1)
        body = body[:place] + rng.choice((*events, *more)) * rng.choice((1, 1, 30)) + body[place:]
    elif kind == 2:
        chunks = chunks * rng.choice((2, 20))
    elif kind == 3:
        rng.shuffle(chunks)
    elif kind == 4:
        name = rng.choice((b"MTrk", b"MThd", b"XFIH", b"\0\0\0\0"))
    elif name == b"MThd" or rng.random() < 0.5:
        which, (name, body) = 0, chunks[0]
        body = struct.pack(
            ">HHH",
            rng.randrange(4),
            rng.choice((0, 1, 5, 65535)),
            rng.choice((0, 1, 0xE728, 480, 65535)),
        )
    if kind not in (2, 3):
        chunks[which] = (name, body)
    sizes = [len(body) for _, body in chunks]
    if rng.random() < 0.1:
        sizes[which] = rng.choice(_SIZES)
    return b"".join(
        name + size.to_bytes(4, "big") + body
        for (name, body), size in zip(chunks, sizes, strict=True)
    )


def riff_of(data: bytes, rng: Random) -> bytes:
    """Change one record of a soundfont's tables, keeping every chunk's length right."""
    found = bytearray(data)
    tables = [
        match.start()
        for name in (
            b"phdr",
            b"pbag",
            b"pmod",
            b"pgen",
            b"inst",
            b"ibag",
            b"imod",
            b"igen",
            b"shdr",
        )
        for match in re.finditer(re.escape(name), data)
    ]
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not tables:
            break
        start = rng.choice(tables)
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        place = start + 8 + rng.randrange(max(1, size - 1)) // 2 * 2
        width = rng.choice((2, 4))
        value = rng.choice((*_SIZES, rng.randrange(65536))) & ((1 << 8 * width) - 1)
        found[place : place + width] = value.to_bytes(width, "little")
    return bytes(found[: len(data)])


def model_of(data: bytes, rng: Random) -> bytes:
    """Change the header of a safetensors file, its length kept right, or the tensors."""
    size = int.from_bytes(data[:8], "little")
    header, tensors = data[8 : 8 + size], data[8 + size :]
    if rng.random() < 0.2:
        return data[: 8 + size] + bytes_of(tensors, rng)
    outer = json.loads(header)
    if rng.random() < 0.7:
        inner = outer["__metadata__"]["sideman"].encode()
        outer["__metadata__"]["sideman"] = json_of(inner, rng).decode()
        header = json.dumps(outer).encode()
    else:
        header = json_of(header, rng)
    return len(header).to_bytes(8, "little") + header + tensors


def grammar_of(data: bytes, rng: Random) -> bytes:
    """Change lists and atoms of a grammar: remove, repeat, move, wrap and make recursive."""
    try:
        root = _lists(data.decode("utf-8", "replace"))
    except IndexError:
        return text_of(data, rng)
    for _ in range(rng.choice((1, 1, 2, 4))):
        lists = [root, *_inside(root)]
        where = rng.choice([each for each in lists if each] or [["P"]])
        at = rng.randrange(len(where))
        kind = rng.randrange(9)
        if kind == 0:
            del where[at]
        elif kind == 1:
            most = 20_000 // len(_spelled(where[at]) or " ")
            for _ in range(min(rng.choice((1, 2, 300)), most)):
                where.insert(at, copy.deepcopy(where[at]))
        elif kind == 2:
            where[at] = copy.deepcopy(rng.choice(lists[1:] or lists))
        elif kind == 3:
            for _ in range(rng.choice((1, 2, 70))):
                where[at] = [where[at]]
        elif kind == 4:
            rule = rng.choice([each for each in root if isinstance(each, list)] or [[]])
            if len(rule) > 2 and isinstance(rule[2], list):
                rule[2][0:0] = [copy.deepcopy(rule[1]) for _ in range(rng.choice((1, 2, 30)))]
        elif kind == 5:
            where[at] = rng.choice(NUMBERS)
        elif kind == 6:
            where[at] = rng.choice(("C", "R", "X", "Q")) + rng.choice((*NUMBERS, "8/3", "1+1+1+1"))
        else:
            where[at] = rng.choice((*WORDS, *_ATOMS))
    return "\n".join(map(_spelled, root)).encode("utf-8", "replace")


_ATOMS = (
    *("P", "Y", "START", "slope", "X", "triadic", "fill", "share", "unshare", "muse-switch"),
    *("-", "+", "*", "/", "builtin", "brick", "chord-family", "rule", "base", "1000000", "splice"),
)


def _lists(text: str) -> list[Any]:
    stack: list[list[Any]] = [[]]
    for token in re.findall(r"[()]|[^\s()]+", re.sub(r"//[^\n]*|/\*.*?\*/", "", text)):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    return stack[0]


def _inside(found: list[Any]) -> list[list[Any]]:
    """Return all lists in a list, up to a thousand."""
    every: list[list[Any]] = []
    waiting = [each for each in found if isinstance(each, list)]
    while waiting and len(every) < 1000:
        every.append(waiting.pop())
        waiting += [each for each in every[-1] if isinstance(each, list)]
    return every


def _spelled(found: Any) -> str:
    return found if isinstance(found, str) else f"({' '.join(map(_spelled, found))})"


def database_of(data: bytes, rng: Random) -> bytes:
    """Change cells, rows, columns and tables of an SQLite database."""
    values = (
        None,
        0,
        -1,
        1e308,
        2**62,
        "",
        "x" * 2000,
        b"\0",
        "4/4",
        "0/0",
        "F7",
        *NUMBERS,
        *WORDS,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        path.write_bytes(data)
        db = sqlite3.connect(path)
        try:
            tables = [
                row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for _ in range(rng.choice((1, 1, 2, 5))):
                table = rng.choice(tables)
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                column = rng.choice(columns)
                kind = rng.randrange(8)
                one = f"rowid IN (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET ?)"
                row = rng.randrange(8)
                if kind <= 3:
                    where = "" if kind == 0 else f" WHERE {one}"
                    arguments = (rng.choice(values),) if kind == 0 else (rng.choice(values), row)
                    db.execute(f'UPDATE OR IGNORE {table} SET "{column}" = ?{where}', arguments)
                elif kind == 4:
                    db.execute(f"DELETE FROM {table} WHERE {one}", (row,))
                elif kind == 5:
                    db.execute(f'ALTER TABLE {table} RENAME COLUMN "{column}" TO other')
                elif kind == 6:
                    db.execute(f"DELETE FROM {table}")
                else:
                    db.execute(f"CREATE VIEW v{rng.randrange(9)} AS SELECT * FROM {table}")
            db.commit()
        except sqlite3.Error:
            pass
        finally:
            db.close()
        found = path.read_bytes()
    return bytes_of(found, rng) if rng.random() < 0.2 else found
