"""The start: the server imports what it needs alone, and its processes do the rest."""

from __future__ import annotations

import ast
import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

import sideman.studio
from sideman.studio import ports
from sideman.studio.tasks import Task
from studio_server import free_port

HEAVY = ("numpy", "scipy", "matplotlib", "keras", "verovio", "mido", "PIL")
ROOMS = ("formats", "band", "library", "output", "models", "evaluation", "service", "studio.work")
FRAMEWORK = ("fastapi", "starlette", "uvicorn", "pydantic")
STUDIO = Path(sideman.studio.__file__).parent


def loaded(program: str) -> set[str]:
    """The modules that a program has loaded at its end."""
    command = [sys.executable, "-c", f"{program}\nimport sys; print('LOADED', *sys.modules)"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(output.partition("LOADED")[2].split())


def test_the_server_imports_no_music() -> None:
    program = "import sideman.cli.studio, sideman.studio.app, sideman.studio.serving"
    there = loaded(program)
    assert "fastapi" in there
    assert not there & {*HEAVY, *(f"sideman.{room}" for room in ROOMS)}


@pytest.mark.parametrize("module", ["sideman.cli", "sideman.cli.studio", "sideman.studio.pool"])
def test_the_processes_start_before_the_framework_is_imported(module: str) -> None:
    assert not loaded(f"import {module}") & {*HEAVY, *FRAMEWORK}


def test_the_processes_import_no_framework() -> None:
    there = loaded("import sideman.studio.work.preparing")
    assert "sideman.studio.work.takes" in there
    assert not there & {*FRAMEWORK, "matplotlib"}


@pytest.mark.parametrize("task", Task)
def test_every_task_is_a_function_of_its_module(task: Task) -> None:
    function = resolve_name(task)
    assert f"{function.__module__}:{function.__name__}" == task
    assert task.startswith("sideman.studio.work.")


def test_every_task_is_asked_for() -> None:
    asked = {
        node.attr
        for path in STUDIO.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Task"
    }
    assert asked == {task.name for task in Task}


def test_answers_are_sent_at_once() -> None:
    """Small answers wait 40 ms for others where TCP_NODELAY is not set."""

    async def delays() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            one = writer.get_extra_info("socket")
            seen.set_result(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with ports.bound("127.0.0.1", free_port()) as listening:
            async with await asyncio.start_server(connected, sock=listening):
                _, writer = await asyncio.open_connection(*listening.getsockname())
                found = await seen
                writer.close()
        return found

    assert asyncio.run(delays())
