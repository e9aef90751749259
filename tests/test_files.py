import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sideman import files
from sideman.errors import FileError


def test_content_comes_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "solo.txt"
    files.write_whole(target, "C7♯9")
    assert files.read_bytes(target) == "C7♯9".encode()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


def test_an_error_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "solo.mid"
    files.write_whole(target, b"old")
    with pytest.raises(ZeroDivisionError), files.writing_whole(target) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["solo.mid"]


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(FileError, match="no space left") as caught,
        files.writing_whole(tmp_path / "solo.mid") as temporary,
    ):
        temporary.write_bytes(b"half")
        raise OSError(28, "No space left on device")
    assert "solo.mid" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_really_full_device() -> None:
    with pytest.raises(FileError, match="cannot be written"):
        files.write_whole("/dev/full/solo.mid", b"x")


def test_bad_places_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="cannot be written"):
        files.write_whole(tmp_path / "file" / "solo.mid", b"x")
    with pytest.raises(FileError, match="is a folder"):
        files.write_whole(tmp_path, b"x")
    with pytest.raises(FileError, match="no such file"):
        files.read_bytes(tmp_path / "absent")
    with pytest.raises(FileError, match="cannot be read"):
        files.read_bytes(tmp_path)
    with pytest.raises(FileError, match="not a file name"):
        files.read_bytes("a\0b")


def test_the_cap_is_said(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 101)
    assert len(files.read_bytes(tmp_path / "big", at_most=101)) == 101
    with pytest.raises(FileError, match="larger than"):
        files.read_bytes(tmp_path / "big", at_most=100)


def test_importing_sideman_is_light() -> None:
    heavy = ("numpy", "keras", "jax", "mido")
    code = f"import sys, sideman; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_is_checked_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.check_folder(tmp_path / "new" / "folder", field="out")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "out", "a\0b"):
        with pytest.raises(FileError, match="cannot be written") as error:
            files.check_folder(folder, field="out")
        assert error.value.field == "out"
    # The superuser may write anywhere, so that permissions cannot be tested by taking them away.
    monkeypatch.setattr(os, "access", lambda path, _: path != tmp_path)
    with pytest.raises(FileError, match="is read-only"):
        files.check_folder(tmp_path / "out")


def test_pages_of_one_take_take_no_number_from_another(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with files.staging(tmp_path) as staged:
            for name in ("take.mid", "take-1.png", "take-2.png", "take-3.png"):
                (staged / name).write_text(text)
            placed = files.place(staged, tmp_path, "take", first=".mid", kinds=(".png", ".mp3"))
    assert placed["take.mid"].name == "take-2.mid"
    assert placed["take-3.png"].name == "take-2-3.png"
    (tmp_path / "take-3.mp3").write_text("another sound")
    with files.staging(tmp_path) as staged:
        (staged / "take.mid").write_text("three")
        placed = files.place(staged, tmp_path, "take", first=".mid", kinds=(".png", ".mp3"))
    assert placed["take.mid"].name == "take-4.mid"
