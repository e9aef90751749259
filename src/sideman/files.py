"""Bounded reading and atomic writing of files.

All files are read through :func:`opened` or :func:`read_bytes`, and written through
:func:`write_whole` or :func:`writing_whole`, so that an interrupt, a full disk or an error leaves
no incomplete file.  Files whose names are chosen here are written to a folder of :func:`staging`
and moved by :func:`place`, which overwrites nothing.
"""

from __future__ import annotations

import codecs
import contextlib
import filecmp
import os
import re
import select
import shutil
import stat
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import BinaryIO

from sideman.errors import FileError, FormatError, SidemanError
from sideman.words import plain

if sys.platform != "win32":
    import fcntl

MEBIBYTE = 1024 * 1024
_PIPE_SECONDS = 10.0
_PREFIX, _INFIX = ".sideman-", ".partial"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class File:
    """A file that has been read: its name, for messages and the suffix, and its bytes."""

    name: str
    data: bytes


def reason(error: OSError) -> str:
    """Return the system's message in lower case, such as ``no such file or directory``."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def slug(text: str) -> str:
    """Return a text as a file name: 60 lower-case letters, digits, hyphens; else ``changes``."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")[:60].strip("-") or "changes"


def is_file(name: str | os.PathLike[str]) -> bool:
    """Return whether a file or a pipe has this name, which may be too long for one."""
    try:
        return Path(name).exists() and not Path(name).is_dir()
    except (OSError, ValueError):
        return False


def is_folder(name: str | os.PathLike[str]) -> bool:
    """Return whether a folder has this name, which may be too long for one."""
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def packaged(package: str, suffix: str) -> tuple[str, ...]:
    """Return the sorted names, without the suffix, of the files of a package that have a suffix."""
    entries = resources.files(package).iterdir()
    return tuple(
        sorted(each.name.removesuffix(suffix) for each in entries if each.name.endswith(suffix))
    )


def printable(name: str) -> str:
    r"""Return a file name as text: bytes that are not UTF-8 as Windows-1252, no control characters.

    >>> printable("caf\udce9\x1b[1m.mid")
    'café�[1m.mid'
    """
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = name.encode("utf-8", "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return "".join("�" if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in text)


def decoded(data: bytes, name: str) -> str:
    """Decode text by its byte order mark, else as UTF-8, else as Windows-1252.

    Examples
    --------
    >>> decoded("é".encode("cp1252"), "x"), decoded("é".encode("utf-16"), "x")
    ('é', 'é')
    """
    encodings = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    if encodings:
        text = data.decode(encodings[0], errors="replace")
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise FormatError(f"{name}: is not a text file; save it as text in UTF-8.")
    return text


@contextlib.contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a regular file or a pipe to be read once.

    Raises
    ------
    FileError
        If it cannot be read, is a folder or a device, or is a pipe into which nothing is written
        for 10 s.
    """
    try:
        # Without this flag, opening a pipe waits for its writer without end.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(handle, "rb") as stream:
            _require_content(path, handle)
            yield stream
    except ValueError as error:  # a NUL inside the name
        raise FileError(f"{str(path)!r} is not a file name; check the spelling.") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({reason(error)}); check the name.") from error


def _require_content(path: str | os.PathLike[str], handle: int) -> None:
    """Raise an error unless a descriptor is a regular file, or a pipe that is written to."""
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind):
        return
    if stat.S_ISDIR(kind):
        raise FileError(f"{path}: cannot be read (is a directory); give the name of a file.")
    if not stat.S_ISFIFO(kind):
        raise FileError(f"{path}: is a device and not a regular file; give the name of a file.")
    if not select.select([handle], [], [], _PIPE_SECONDS)[0]:
        raise FileError(f"{path}: is a pipe into which nothing is written; give a regular file.")
    os.set_blocking(handle, True)


def read_head(path: str | os.PathLike[str], length: int) -> bytes:
    """Read the first `length` bytes of a file (:func:`opened`)."""
    with opened(path) as stream:
        return stream.read(length)


def read_bytes(path: str | os.PathLike[str], *, at_most: int = 64 * MEBIBYTE) -> bytes:
    """Read a whole file (:func:`opened`); one larger than `at_most` bytes is a FileError."""
    with opened(path) as stream:
        return read_rest(stream, path, at_most=at_most)


def read_rest(
    stream: BinaryIO, path: str | os.PathLike[str], *, at_most: int, head: bytes = b""
) -> bytes:
    """Return `head` and what is left of the file; more than `at_most` bytes are a FileError."""
    if head and stream.seekable():
        stream.seek(0)  # no second copy in memory
        head = b""
    data = stream.read(max(0, at_most + 1 - len(head)))
    data = head + data if head else data
    if len(data) > at_most:
        raise FileError(
            f"{path}: larger than {at_most / MEBIBYTE:g} MiB, the limit for this kind of file; "
            "give a smaller one."
        )
    return data


def check_folder(folder: str | os.PathLike[str], *, field: str = "") -> None:
    """Raise a FileError if no file can be written to a folder, which need not exist yet."""
    place = Path(folder)
    said = "" if "\0" not in str(folder) else "a name holds no NUL"
    try:
        there = next((path for path in (place, *place.parents) if path.exists()), place)
        if not there.is_dir():
            said = said or f"{there} is not a folder"
        elif not os.access(there, os.W_OK | os.X_OK):
            said = said or f"{there} is read-only"
    except OSError as error:
        said = reason(error)
    if said:
        raise FileError(
            f"{folder}: cannot be written ({said}); choose another folder.", field=field
        )


def check_file(path: Path, *, field: str = "") -> None:
    """Raise a FileError if a path is that of a folder, or no file can be written to its folder."""
    if path.is_dir():
        raise FileError(f"{path}: is a folder; give the name of a file.", field=field)
    check_folder(path.parent, field=field)


@contextlib.contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed to `path` if the block succeeds.

    Missing folders are created.  The temporary name keeps the suffix, because some libraries choose
    the format by it.  Temporary files that a killed process has left in the folder are removed.

    Raises
    ------
    FileError
        If the folder or the file cannot be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise FileError(f"{target}: is a folder; give the name of a file.")
        _remove_earlier(target.parent.absolute())
        handle, name = tempfile.mkstemp(
            prefix=_PREFIX, suffix=f"{_INFIX}{target.suffix}", dir=target.parent
        )
        temporary = Path(name)
        try:
            _lock(handle)
            yield temporary
            # mkstemp creates private files; the final file gets the usual permissions.
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
            os.close(handle)
    except OSError as error:
        raise FileError(
            f"{target}: cannot be written ({reason(error)}); choose another folder or make room."
        ) from error


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file atomically, text as UTF-8; missing folders are created."""
    data = content.encode() if isinstance(content, str) else content
    with writing_whole(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def staging(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder inside `folder`, for :func:`place`; it is removed afterwards.

    Missing folders are created; one that cannot be written to is a FileError.  Messages of errors
    in the block name `folder`.
    """
    place = Path(folder)
    try:
        created = not place.exists()
        place.mkdir(parents=True, exist_ok=True)
        _remove_earlier(place.absolute())
        staged = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=_INFIX, dir=place))
    except OSError as error:
        raise FileError(
            f"{folder}: cannot be written ({reason(error)}); choose another folder or make room."
        ) from error
    handle = None if sys.platform == "win32" else os.open(staged, os.O_RDONLY)
    try:
        if handle is not None:
            _lock(handle)
        yield staged
    except SidemanError as error:
        error.args = (str(error).replace(str(staged), str(place)),)
        raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if handle is not None:
            os.close(handle)
        if created:
            with contextlib.suppress(OSError):  # it has files
                place.rmdir()


def place(
    staged: Path, folder: Path, stem: str, *, first: str = "", kinds: Collection[str] = ()
) -> dict[str, Path]:
    """Move files whose names begin with `stem` to a folder; return the new path of each by name.

    Where the folder has a file of such a name with other content, all get a number after the stem:
    ``take-2.mid``, ``take-2.mp3``.  A file with the same content is the same file, written again.
    `first` is the suffix of the file to which the others belong, such as ``.mid``: where the folder
    has none of the stem, those with a suffix of `kinds` belong to another one, but ``take-2.png``
    beside ``take-1.png`` is a page of the first.
    """
    names = sorted(
        (each.name for each in staged.iterdir()), key=lambda name: (name != stem + first, name)
    )
    for number in count(1):
        own = stem if number == 1 else f"{stem}-{number}"
        targets = {name: folder / f"{own}{name.removeprefix(stem)}" for name in names}
        taken = any(
            target.exists() and not _same(staged / name, target) for name, target in targets.items()
        )
        if first and not (folder / f"{own}{first}").exists():
            single = [kind for kind in kinds if not (folder / f"{stem}-1{kind}").exists()]
            others = {folder / f"{own}{kind}" for kind in single} - {*targets.values()}
            taken = taken or any(other.exists() for other in others)
        # Of several processes that found the stem free one has the first file.
        if not taken and (not names or _moved(staged / names[0], targets[names[0]])):
            for name in names[1:]:
                (staged / name).replace(targets[name])
            return targets
    raise AssertionError("numbers do not end")


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _moved(source: Path, target: Path) -> bool:
    """Move a file; return whether `target` was absent or had the same content."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        if not _same(source, target):
            return False
    except OSError:  # no links on this disk
        if target.exists() and not _same(source, target):
            return False
    source.replace(target)
    return True


def _lock(handle: int) -> bool:
    """Lock an open file as long as this process lives, and return whether that was possible."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left, temporary files and folders that no process locks."""
    with os.scandir(folder) as entries:
        found = [each.path for each in entries if each.name.startswith(_PREFIX)]
    for path in found:
        if _INFIX not in Path(path).name:
            continue
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                if _lock(handle):
                    (shutil.rmtree if Path(path).is_dir() else os.unlink)(path)
            finally:
                os.close(handle)


_remove_earlier = cache(remove_abandoned)
