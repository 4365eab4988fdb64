import threading
from pathlib import Path

import pytest

from shared.durable_files import exclusive, replace_text, replaced


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    replace_text(path, "old")
    with replaced(path) as file:
        file.write("new, ü".encode())
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new, ü"
    assert names(tmp_path) == ["current.json"]


def broken_off(path: Path) -> None:
    with replaced(path) as file:
        file.write(b"half")
        raise ValueError("no more")


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "current.json"
    replace_text(path, "old")
    with pytest.raises(ValueError, match="no more"):
        broken_off(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["current.json"]


def test_what_a_crash_left_is_no_obstacle(tmp_path: Path) -> None:
    left = tmp_path / ".current.json.writing"
    left.write_text("half", encoding="utf-8")
    left.chmod(0o444)
    replace_text(tmp_path / "current.json", "whole")
    assert names(tmp_path) == ["current.json"]


def test_writers_with_different_marks_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "lists"
    with replaced(path, ".a") as first, replaced(path, ".b") as second:
        first.write(b"first")
        second.write(b"second")
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["lists"]


def test_who_finds_a_lock_held_says_so_and_waits_for_its_turn(tmp_path: Path) -> None:
    turns: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with exclusive(tmp_path, "turn", when_held=waits.set):
            turns.append("second")

    with exclusive(tmp_path, "turn", when_held=lambda: turns.append("never")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        turns.append("first")
    thread.join()
    assert turns == ["first", "second"]
