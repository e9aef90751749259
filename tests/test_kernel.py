"""The kernel of `make notebook` names the line that replaces the assignment's import cell."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sideman.course import kernel

ROOT = Path(__file__).parent.parent
JUPYTER = Path(kernel.__file__).parent / "jupyter"
# The target without a synchronisation, by the environment of the tests.
QUIET = ["make", "notebook", f"UV={shutil.which('true')}", f"RUN={sys.prefix}/bin/"]
V3 = "`from sideman.course import *` (versions 1 to 3a)"
V4 = "`from sideman.course.v4 import *` (version 4)"

# What the machinery of kernels and servers warns of is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


def lacks(*modules: str) -> bool:
    return any(importlib.util.find_spec(module) is None for module in modules)


def old(reason: str) -> str:
    return f"{reason}: replace this whole cell by {V3}, or by {V4}."


def new(reason: str) -> str:
    return f"{reason}: replace this whole cell by {V4}, or by {V3}."


def no_module(name: str) -> str:
    return f"There is no module `{name}` here and none is needed"


# The development environment has music21 and Keras: music21 is barred, and this Keras has two
# modules.
PREPARE = """
import importlib, pathlib, sys

class Barred:
    def find_spec(name, path=None, target=None):
        if name in ("music21", "tensorflow"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Barred)
pathlib.Path("keras").mkdir()
pathlib.Path("keras/__init__.py").write_text("")
pathlib.Path("keras/layers.py").write_text("class LSTM: pass")
pathlib.Path("keras/models.py").write_text("import tensorflow")
pathlib.Path("library.py").write_text("import tensorflow")
"""
OWN_FILES = """
pathlib.Path("grammar.py").write_text("from music21 import *")
pathlib.Path("qa.py").write_text("from grammar import *")
pathlib.Path("preprocess.py").write_text("import no_such_module")
pathlib.Path("music_utils.py").write_text("")
importlib.invalidate_caches()
"""
VERSION_3 = """from __future__ import print_function
import IPython
import sys
from music21 import *
import numpy as np
from grammar import *
from qa import *
from keras.models import load_model, Model
"""
VERSION_4 = """import IPython
import sys
from music21 import *
from tensorflow.keras.layers import (
    Dense,
    LSTM,
)
from outputs import *
from test_utils import *
"""
# Cells that fail, and the sentence; None where the error is shown as always.
ANSWERED: list[tuple[str, str | None]] = [
    (VERSION_3, old(no_module("music21"))),
    (VERSION_4, new(no_module("music21"))),
    ("import tensorflow as tf", new(no_module("tensorflow"))),
    (
        "import sys\nfrom tensorflow.keras.layers import (\n    Dense,\n)",
        new(no_module("tensorflow")),
    ),
    ("from music21 import *", old(no_module("music21"))),
    ("from keras.engine.topology import Layer", old(no_module("keras.engine"))),
    (
        "from keras.layers import LSTM, CuDNNLSTM",
        old("`keras.layers` has no `CuDNNLSTM` here and none is needed"),
    ),
    (
        "from keras.models import Model",
        old("`keras.models` needs `tensorflow`, which is not here and not needed"),
    ),
    *((f"import {name}", old(no_module(name))) for name in ("grammar", "qa", "preprocess")),
    *((f"from {name} import *", old(no_module(name))) for name in ("music_utils", "data_utils")),
    ("import IPython, inference_code", old(no_module("inference_code"))),
    ("from test_utils import *", new(no_module("test_utils"))),
    ("from outputs import *", new(no_module("outputs"))),
    ("def load():\n    import qa\nload()", old(no_module("qa"))),
    ("import no_such_module", None),
    ("from json import no_such_name", None),
    ("import library", None),
    ("raise ImportError('tensorflow', name='tensorflow')", None),
    ("tensorflow", None),
    (OWN_FILES, None),
    (
        "from grammar import *",
        old("`grammar` needs `music21`, which is not here and not needed"),
    ),
    ("from qa import *", old("`qa` needs `music21`, which is not here and not needed")),
    ("import preprocess", None),
    ("from music_utils import no_such_name", None),
    ("print(sorted(name for name in NAMES if sys.modules.get(name)))", None),
    ("import grammar", old("`grammar` needs `music21`, which is not here and not needed")),
]
NAMES = ["tensorflow", "music21", "grammar", "data_utils", "inference_code", "outputs"]


@pytest.mark.skipif(lacks("nbclient", "ipykernel"), reason="needs the extra notebook")
def test_a_failed_import_is_answered_and_the_cell_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    monkeypatch.setenv("JUPYTER_PATH", str(JUPYTER))
    cells = [new_code_cell(f"NAMES = {NAMES}\n{PREPARE}")]
    cells += [new_code_cell(text, metadata={"tags": ["raises-exception"]}) for text, _ in ANSWERED]
    del cells[-1].metadata["tags"]
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(
        new_notebook(cells=cells), timeout=60, kernel_name="python3", resources=resources
    )
    with pytest.raises(CellExecutionError) as failed:
        client.execute()
    last = ANSWERED[-1][1]
    assert last is not None
    assert failed.value.evalue == last
    assert failed.value.ename == "ModuleNotFoundError"
    assert str(failed.value).count(last) == 1

    shown: dict[str, Any] = {}
    for cell, (text, sentence) in zip(cells[1:], ANSWERED, strict=True):
        shown[text] = cell.outputs
        if sentence is not None:
            (output,) = cell.outputs
            assert output.output_type == "error", text
            assert output.ename in ("ModuleNotFoundError", "ImportError")
            assert output.evalue == sentence
            assert output.traceback == [sentence]
    for text, kind, message in (
        ("import no_such_module", "ModuleNotFoundError", "No module named 'no_such_module'"),
        ("from json import no_such_name", "ImportError", "cannot import name 'no_such_name'"),
        ("import library", "ModuleNotFoundError", "No module named 'tensorflow'"),
        ("raise ImportError('tensorflow', name='tensorflow')", "ImportError", "tensorflow"),
        ("tensorflow", "NameError", "name 'tensorflow' is not defined"),
        ("import preprocess", "ModuleNotFoundError", "No module named 'no_such_module'"),
        ("from music_utils import no_such_name", "ImportError", "cannot import name"),
    ):
        (output,) = shown[text]
        assert output.ename == kind, text
        assert output.evalue.startswith(message), text
        assert "Traceback" in "".join(output.traceback), text
    assert not shown[OWN_FILES]
    assert shown[ANSWERED[-2][0]][0].text == "[]\n"


def test_the_specification_takes_the_python_of_its_server() -> None:
    spec = json.loads((JUPYTER / "kernels" / "python3" / "kernel.json").read_text())
    # Jupyter puts its own interpreter in the place of this word.
    assert spec["argv"][:3] == ["python", "-m", "ipykernel_launcher"]
    assert spec["argv"][-1].endswith(f"={kernel.__name__}")


@contextmanager
def served(folder: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server of `make notebook`, stopped as by Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = f"--no-browser --ServerApp.port={port} --IdentityProvider.token=word"
    environment = os.environ | {
        f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    environment.pop("MAKEFLAGS", None)
    process = subprocess.Popen(
        [*QUIET, f"LAB_OPTIONS={options}", *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield f"127.0.0.1:{port}", process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def fetched(address: str, path: str, body: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(
        f"http://{address}/api/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token word"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def replies(address: str, kernel_id: str, code: str) -> Iterator[dict[str, Any]]:
    """The messages of a kernel for one cell, as JupyterLab gets them."""
    import websocket  # type: ignore[import-untyped, unused-ignore]

    url = f"ws://{address}/api/kernels/{kernel_id}/channels?token=word"
    channels = websocket.create_connection(url, timeout=120)
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": uuid.uuid4().hex,
        "version": "5.3",
    }
    request = {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False},
    }
    channels.send(json.dumps(request))
    # The reply and the outputs come on two channels, in any order.
    waiting = {"reply", "idle"}
    try:
        while waiting:
            message = json.loads(channels.recv())
            if message["parent_header"].get("msg_id") == header["msg_id"]:
                yield message
                if message["msg_type"] == "execute_reply":
                    waiting.discard("reply")
                elif message["content"].get("execution_state") == "idle":
                    waiting.discard("idle")
    finally:
        channels.close()


@pytest.mark.skipif(
    lacks("jupyterlab", "websocket") or shutil.which("make") is None,
    reason="needs make and the extra notebook",
)
def test_make_notebook_serves_the_folder_with_this_kernel(tmp_path: Path) -> None:
    mine = tmp_path / "my notebooks"
    mine.mkdir()
    (mine / "solved.ipynb").write_text("{}")
    rival = tmp_path / "DATA" / "kernels" / "python3" / "kernel.json"
    rival.parent.mkdir(parents=True)
    rival.write_text(json.dumps({"argv": ["false"], "display_name": "other", "language": "python"}))

    with served(tmp_path, f"NOTEBOOKS={mine}") as (address, process):
        for _ in range(1200):
            try:
                fetched(address, "status")
                break
            except OSError:
                assert process.poll() is None, process.communicate()
                time.sleep(0.1)
        contents = fetched(address, "contents")["content"]
        assert [entry["path"] for entry in contents] == ["solved.ipynb"]
        specs = fetched(address, "kernelspecs")
        assert specs["default"] == "python3"
        assert specs["kernelspecs"]["python3"]["spec"]["display_name"] == "Python 3 (sideman)"
        started = fetched(address, "kernels", {"name": "python3"})
        code = "import sys; print(sys.prefix)\nimport test_utils"
        messages = [*replies(address, started["id"], code)]
        contents = {message["msg_type"]: message["content"] for message in messages}
        assert contents["stream"]["text"] == f"{sys.prefix}\n"
        assert contents["error"]["traceback"] == [new(no_module("test_utils"))]
        assert contents["execute_reply"]["status"] == "error"
        assert contents["execute_reply"]["evalue"] == new(no_module("test_utils"))
    assert process.poll() is not None


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_notebook_opens_the_course_where_no_folder_is_named() -> None:
    said = subprocess.run(
        [*QUIET, "--dry-run", "NOTEBOOKS="],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    ).stdout
    assert f'--ServerApp.root_dir="{ROOT}"' in said
    assert "--LabApp.default_url=/lab/tree/docs/course.ipynb" in said
    assert (ROOT / "docs" / "course.ipynb").exists()
    assert ("--allow-root" in said) == (os.getuid() == 0)
    assert ("--no-browser" in said) == (sys.platform == "linux")
