from pathlib import Path

import pytest

from shared.database.clones import AnothersVolumes, require_same_clone


def test_a_volume_belongs_to_the_clone_that_came_first(tmp_path: Path) -> None:
    for _start in range(2):
        require_same_clone(tmp_path, "/home/one")
    with pytest.raises(AnothersVolumes, match="the clone in /home/one, and this one is in /two"):
        require_same_clone(tmp_path, "/two")


def test_who_does_not_say_where_they_are_is_let_in(tmp_path: Path) -> None:
    require_same_clone(tmp_path, "")
    require_same_clone(tmp_path, "/home/one")
    require_same_clone(tmp_path, "")


def test_a_clone_that_was_moved_goes_on_once_the_note_is_gone(tmp_path: Path) -> None:
    require_same_clone(tmp_path, "/old")
    (tmp_path / "clone").unlink()
    require_same_clone(tmp_path, "/new")
