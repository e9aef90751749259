"""Reading with a cap, and writing whole or not at all.

Every file that sideman reads comes in through :func:`read_bytes`, and every file that it leaves
behind goes out through :func:`write_whole` or :func:`writing_whole`: an interrupted command, a
full disk or an error half-way never leaves half a file under the name that was asked for.
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
    """Say in a few words why the operating system refused.

    Parameters
    ----------
    error : OSError
        What was raised.

    Returns
    -------
    str
        The system's own words in lower case, such as ``no such file or directory``.
    """
    return (error.strerror or str(error) or type(error).__name__).lower()


def read_head(path: str | os.PathLike[str], length: int) -> bytes:
    """Read the first bytes of a file, at most `length`.

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
    """Read a whole file, refusing one that is absent, unreadable or too large.

    Parameters
    ----------
    path : path-like
        The file.
    at_most : int
        Cap on its size in bytes.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    FileError
        If the file cannot be read, is a folder, or is larger than `at_most`.
    """
    data = read_head(path, at_most + 1)
    if len(data) > at_most:
        raise FileError(
            f"{path}: larger than {at_most / MEBIBYTE:g} MiB, the most that is read of such a "
            "file; give a smaller one."
        )
    return data


@contextlib.contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes the final name only if the block succeeds.

    Folders on the way are made.  The temporary name ends in the same suffix, so that libraries
    which choose a format by the suffix choose rightly.

    Parameters
    ----------
    path : path-like
        Where the file shall be in the end.

    Yields
    ------
    pathlib.Path
        Where to write it meanwhile.

    Raises
    ------
    FileError
        If the folder or the file cannot be written (the disk is full, say).
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
        # mkstemp makes files private; the finished one gets the permissions any new file gets.
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
    """Write a file whole or not at all.

    Parameters
    ----------
    path : path-like
        Where; folders on the way are made.
    content : bytes or str
        What; text is written as UTF-8.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    with writing_whole(path) as temporary:
        temporary.write_bytes(data)
