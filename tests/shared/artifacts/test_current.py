import threading
from pathlib import Path

import pytest

from shared.artifacts.current import activate, prune, read_current, rollback
from shared.artifacts.versions import VersionError
from tests.shared.published import NOW, publish_at


def test_nothing_is_current_before_the_first_activation(tmp_path: Path) -> None:
    publish_at(tmp_path)
    assert read_current(tmp_path) is None
    with pytest.raises(VersionError, match="no version before"):
        rollback(tmp_path, reason="test", now=NOW)


def test_activation_remembers_what_was_served_before(tmp_path: Path) -> None:
    first, second = publish_at(tmp_path), publish_at(tmp_path, 1)
    assert activate(tmp_path, first, reason="trained", now=NOW).previous is None
    assert activate(tmp_path, second, reason="trained", now=NOW).previous == first
    assert activate(tmp_path, second, reason="again", now=NOW).previous == first
    back = rollback(tmp_path, reason="worse", now=NOW)
    assert (back.version, back.previous, back.reason) == (first, second, "worse")
    assert read_current(tmp_path) == back


def test_a_damaged_version_never_becomes_current(tmp_path: Path) -> None:
    good, bad = publish_at(tmp_path), publish_at(tmp_path, 1)
    activate(tmp_path, good, reason="trained", now=NOW)
    (tmp_path / "models" / bad / "popularity.npy").unlink()
    with pytest.raises(VersionError, match="popularity"):
        activate(tmp_path, bad, reason="trained", now=NOW)
    current = read_current(tmp_path)
    assert current is not None
    assert current.version == good


def test_a_damaged_current_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "current.json").write_text('{"version": ')
    with pytest.raises(VersionError, match=r"current\.json"):
        read_current(tmp_path)


def test_a_damaged_current_file_is_replaced_by_the_next_activation(tmp_path: Path) -> None:
    version = publish_at(tmp_path)
    (tmp_path / "current.json").write_text('{"version": ')
    assert activate(tmp_path, version, reason="trained", now=NOW).previous is None
    assert read_current(tmp_path) is not None


def test_a_version_that_no_longer_holds_is_not_gone_back_to(tmp_path: Path) -> None:
    good, damaged, new = (publish_at(tmp_path, minute) for minute in range(3))
    activate(tmp_path, good, reason="trained", now=NOW)
    activate(tmp_path, damaged, reason="trained", now=NOW)
    (tmp_path / "models" / damaged / "popularity.npy").unlink()
    assert activate(tmp_path, new, reason="trained", now=NOW).previous == good
    assert rollback(tmp_path, reason="worse", now=NOW).version == good


def test_concurrent_activations_leave_one_whole_answer(tmp_path: Path) -> None:
    names = [publish_at(tmp_path, minute) for minute in range(4)]
    threads = [
        threading.Thread(target=activate, args=(tmp_path, name), kwargs={"reason": "", "now": NOW})
        for name in names
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    current = read_current(tmp_path)
    assert current is not None
    assert {current.version, current.previous} <= set(names)
    assert current.version != current.previous


def test_pruning_keeps_the_newest_the_current_and_the_previous(tmp_path: Path) -> None:
    names = [publish_at(tmp_path, minute) for minute in range(6)]
    (tmp_path / "models" / ".writing-20200101T000000Z-abcdef").mkdir()
    (tmp_path / "models" / "a folder of somebody's").mkdir()
    activate(tmp_path, names[0], reason="", now=NOW)
    activate(tmp_path, names[1], reason="", now=NOW)
    removed = prune(tmp_path, keep=2)
    assert removed == [".writing-20200101T000000Z-abcdef", *names[2:4]]
    left = {path.name for path in (tmp_path / "models").iterdir()}
    assert left == {*names[:2], *names[4:], "a folder of somebody's"}
