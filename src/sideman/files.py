"""Bounded reading and atomic writing of files.

All files are read through :func:`read_bytes` and written through :func:`write_whole` or
:func:`writing_whole`, so that an interrupt, a full disk or an error leaves no incomplete file.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sideman.errors import FileError

MEBIBYTE = 1024 * 1024


def reason(error: OSError) -> str:
    """Return the system's message in lower case, such as ``no such file or directory``."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def read_head(path: str | os.PathLike[str], length: int) -> bytes:
    """Read the first `length` bytes of a file.

    Raises
    ------
    FileError
        If the file cannot be read or is a folder.
    """
    try:
        with Path(path).open("rb") as stream:
            return stream.read(length)
    except ValueError as error:  # a NUL inside the name
        raise FileError(f"{str(path)!r} is not a file name; check the spelling.") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({reason(error)}); check the name.") from error


def read_bytes(path: str | os.PathLike[str], *, at_most: int = 64 * MEBIBYTE) -> bytes:
    """Read a whole file; one larger than `at_most` bytes is refused.

    Raises
    ------
    FileError
        If the file cannot be read, is a folder, or is larger than `at_most`.
    """
    data = read_head(path, at_most + 1)
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


@contextlib.contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`, renamed to `path` if the block succeeds.

    Missing folders are created. The temporary name keeps the suffix, because some libraries choose
    the format by it.

    Raises
    ------
    FileError
        If the folder or the file cannot be written.
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise FileError(f"{target}: is a folder; give the name of a file.")
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=f".partial{target.suffix}", dir=target.parent
        )
        os.close(handle)
        temporary = Path(name)
        yield temporary
        # mkstemp creates private files; the final file gets the usual permissions.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        raise FileError(
            f"{target}: cannot be written ({reason(error)}); choose another folder or make room."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file atomically, text as UTF-8; missing folders are created."""
    data = content.encode() if isinstance(content, str) else content
    with writing_whole(path) as temporary:
        temporary.write_bytes(data)
