"""A child process that stays warm, answers one request at a time, and can be ended at any moment.

A request is a function that the child can import, or its name such as ``package.module:function``,
which spares the parent the import, and its arguments.  Both ways they are pickled over the child's
standard input and output.  What the function prints is discarded.  The child ends with its parent,
because its input ends then.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from queue import SimpleQueue
from typing import Any, BinaryIO, Self, TypeVar

from sideman.errors import SidemanError

Value = TypeVar("Value")
_LENGTH = 8  # bytes before each message
_START_SECONDS = 120.0
_PROGRAM = "from sideman.processes import serve; serve()"


class KilledError(SidemanError):
    """The process that did the work was ended from outside, or crashed."""


class TooSlowError(KilledError):
    """The work took longer than it may, and was ended."""


class TooLargeError(KilledError):
    """The work needed more memory than it may have."""


class _PipeError(Exception):
    """The other side of a pipe is closed."""


class Process:
    """A child process, started by the first request and again after it was ended.

    Several threads may ask; the requests are answered one after the other.  `seconds` is the
    longest that it may take, the child's start not counted, and `progress` is called with each
    value that the function passes to its keyword argument ``progress``, which it then gets; an
    exception raised there ends the child.  A request whose `ended` is set is not begun, so that it
    ends for certain if another thread sets it and then calls :meth:`kill`.

    :meth:`ask` raises a KilledError if the child is ended by :meth:`kill`, by the system or by a
    crash, a TooSlowError if the work takes too long, and a TooLargeError if it takes too much
    memory.

    Parameters
    ----------
    prepare : callable, str or None
        A function without arguments that is called when the child starts, such as to load a model.
    memory : int or None
        Bytes of address space that the child may take beyond what it has after `prepare`, where
        the system can bound them (Linux).
    """

    def __init__(
        self, prepare: Callable[[], object] | str | None = None, *, memory: int | None = None
    ) -> None:
        self._prepare, self._memory = prepare, memory
        self._asking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._ending: Callable[[], object] = lambda: None

    @property
    def pid(self) -> int | None:
        """The number of the running child; None while there is none."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start the child now, so that the first request is answered without delay."""
        with self._asking:
            self._ready()

    def ask(
        self,
        function: Callable[..., Value] | str,
        *arguments: Any,
        seconds: float | None = None,
        progress: Callable[[Any], object] | None = None,
        ended: threading.Event | None = None,
    ) -> Value:
        """Return what a function returns in the child, or raise what it raises there."""
        request = pickle.dumps((function, arguments, progress is not None))
        with self._asking:
            child = self._ready()
            if ended is not None and ended.is_set():
                raise _ended(False, None)
            value: Value = self._answer(child, request, seconds, progress)
            return value

    def kill(self) -> None:
        """End the child, from any thread; an answer that is awaited becomes a KilledError."""
        if (child := self._child) is not None:
            _kill(child)

    def close(self) -> None:
        """End the child and close its pipes, after the present answer."""
        with self._asking:
            self._drop()

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._drop()
            self._child = child = _started()
            self._ending = weakref.finalize(self, _end, child)
            request = pickle.dumps((_begin, (self._prepare, self._memory), False))
            try:
                self._answer(child, request, _START_SECONDS, None)
            except BaseException:
                self._drop()
                raise
        return self._child

    def _answer(
        self,
        child: subprocess.Popen[bytes],
        request: bytes,
        seconds: float | None,
        progress: Callable[[Any], object] | None,
    ) -> Any:
        late = threading.Event()
        watch = threading.Timer(seconds or 0.0, _end_late, (child, late))
        watch.daemon = True
        if seconds is not None:
            watch.start()
        try:
            _send(child, request)
            while (message := _received(child))[0] == "progress":
                if progress is not None:
                    progress(message[1])
        except _PipeError as error:
            self._drop()
            raise _ended(late.is_set(), seconds) from error
        except BaseException:  # the child is still at work
            self._drop()
            raise
        finally:
            watch.cancel()
        kind, value = message
        if kind == "done":
            return value
        if isinstance(value, TooLargeError):
            self._drop()
        raise value

    def _drop(self) -> None:
        self._ending()
        self._child = None


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # Ctrl-C at the terminal is for the parent alone
    )


def _send(child: subprocess.Popen[bytes], request: bytes) -> None:
    assert child.stdin is not None
    try:
        _write(child.stdin, request)
    except (OSError, ValueError) as error:
        raise _PipeError from error


def _received(child: subprocess.Popen[bytes]) -> tuple[str, Any]:
    assert child.stdout is not None
    try:
        message: tuple[str, Any] = pickle.loads(_read(child.stdout))
    except (EOFError, OSError, ValueError) as error:
        raise _PipeError from error
    return message


def _ended(late: bool, seconds: float | None) -> KilledError:
    if late:
        return TooSlowError(
            f"This took longer than {seconds:g} seconds and was ended; ask for less at once."
        )
    return KilledError(
        "The process that worked on this was ended, perhaps because memory was short; try again, "
        "or ask for less at once."
    )


def _end_late(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End a child and what it has started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg") and child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def _end(child: subprocess.Popen[bytes]) -> None:
    _kill(child)
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()


def _write(stream: BinaryIO | Any, message: bytes) -> None:
    stream.write(len(message).to_bytes(_LENGTH, "big"))
    stream.write(message)
    stream.flush()


def _read(stream: BinaryIO | Any) -> bytes:
    """Return the next message, or raise an EOFError."""
    length = int.from_bytes(_exactly(stream, _LENGTH), "big")
    return _exactly(stream, length)


def _exactly(stream: BinaryIO | Any, length: int) -> bytes:
    data: bytes = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


# The child -------------------------------------------------------------------------------------


def serve() -> None:
    """Answer the requests of the parent until it closes the pipe; the child's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    waiting: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()
    while True:
        message = _outcome(waiting.get(), lambda value: _tell(answers, "progress", value))
        _write(answers, message)


def _receive(requests: BinaryIO, waiting: SimpleQueue[bytes]) -> None:
    """Pass requests on; end the process, whatever it does, when there will be no more."""
    try:
        while True:
            waiting.put(_read(requests))
    finally:
        os._exit(0)


def _tell(answers: BinaryIO, kind: str, value: object) -> None:
    _write(answers, pickle.dumps((kind, value)))


def _outcome(request: bytes, report: Callable[[Any], None]) -> bytes:
    """Return the message with a function's result, or with its exception."""
    try:
        function, arguments, reports = pickle.loads(request)
        value = _found(function)(*arguments, **({"progress": report} if reports else {}))
        return pickle.dumps(("done", value))
    except MemoryError:
        pass  # the exception holds the frames, and these what is too large
    except BaseException as error:  # a panic in Rust is a BaseException
        error.add_note(traceback.format_exc())
        return _error(error)
    return _error(TooLargeError("This needs more memory than it may have; give something smaller."))


def _error(error: BaseException) -> bytes:
    try:
        message = pickle.dumps(("error", error))
        pickle.loads(message)
    except Exception:  # an exception of a library, whose arguments are not those of its class
        return pickle.dumps(("error", RuntimeError(f"{type(error).__name__}: {error}")))
    return message


def _found(function: Callable[..., Any] | str) -> Callable[..., Any]:
    return resolve_name(function) if isinstance(function, str) else function


def _begin(prepare: Callable[[], object] | str | None, memory: int | None) -> None:
    if prepare is not None:
        _found(prepare)()
    if memory is not None:
        _bound(memory)


def _bound(memory: int) -> None:
    """Bound the address space to what is reserved now and `memory` bytes more."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # no such limit on this system
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
