from pathlib import Path
from typing import Annotated

import pytest
from pydantic import PositiveInt, SecretStr
from pydantic_settings import NoDecode

from shared.settings import ConfigurationError, Secret, Settings


class ExampleSettings(Settings):
    size: PositiveInt = 3
    api_key: SecretStr | None = None
    keys: Annotated[tuple[int, ...], NoDecode, Secret] = ()


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's


def test_nothing_has_to_be_set() -> None:
    settings = ExampleSettings.load()
    assert settings.database().render_as_string() == "sqlite:///data/sommelier.sqlite"
    assert settings.size == 3


def test_a_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIZE", "many")
    with pytest.raises(ConfigurationError) as error:
        ExampleSettings.load()
    assert str(error.value).startswith("Config 'SIZE' has value 'many'. Input should be a valid")
    assert "\n" not in str(error.value)


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYS", "s3cret")
    with pytest.raises(ConfigurationError, match=r"^Config 'KEYS' is not valid: ") as error:
        ExampleSettings.load()
    assert "s3cret" not in str(error.value)


def test_a_secret_comes_from_a_file_and_the_variable_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("API_KEY_FILE", str(tmp_path / "key"))
    assert ExampleSettings.load().api_key == SecretStr("from the file")
    monkeypatch.setenv("API_KEY", "from the variable")
    assert ExampleSettings.load().api_key == SecretStr("from the variable")


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY_FILE", "/nowhere/key")
    with pytest.raises(ConfigurationError, match="'API_KEY_FILE' names /nowhere/key"):
        ExampleSettings.load()


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIZE", "")
    assert ExampleSettings.load().size == 3


def test_dotenv_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SIZE=5\nOTHER=1\n")
    assert ExampleSettings.load().size == 5
    monkeypatch.setenv("SIZE", "6")
    assert ExampleSettings.load().size == 6


def test_the_password_goes_into_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql+pymysql://me@db/shop")
    monkeypatch.setenv("DATABASE_PASSWORD", "p@ss/word")
    url = ExampleSettings.load().database()
    assert url.password == "p@ss/word"
    assert "p@ss" not in repr(ExampleSettings.load())


@pytest.mark.parametrize("url", ["mysql", "postgresql://me:hush@db/shop", "://hush"])
def test_an_address_of_no_use_is_refused_without_showing_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ConfigurationError, match="'DATABASE_URL' is not valid") as error:
        ExampleSettings.load()
    assert "hush" not in str(error.value)
