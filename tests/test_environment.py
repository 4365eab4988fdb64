"""`.env.example` and `docker-compose.yml` name every setting that is read, and no other."""

import re
from pathlib import Path

import pytest

from services.api.settings import ApiSettings
from services.batch.settings import BatchSettings
from services.generator.settings import GeneratorSettings
from services.trainer.settings import TrainerSettings
from shared.settings import Settings

SERVICES: dict[str, type[Settings]] = {
    "generator": GeneratorSettings,
    "trainer": TrainerSettings,
    "api": ApiSettings,
    "batch": BatchSettings,
}
# What the Compose file fixes instead of handing it on.
FIXED = {"DATABASE_URL", "DATABASE_PASSWORD", "ARTIFACT_DIR", "REDIS_URL"}
# What Compose and make read themselves.
FOR_COMPOSE = {
    "API_PORT",
    "COMPOSE_PROJECT_NAME",
    "MYSQL_BUFFER_POOL",
    "REDIS_MAXMEMORY",
    "PIP_EXTRA_INDEX_URL",
}


def names(settings: type[Settings]) -> set[str]:
    return {name.upper() for name in settings.model_fields}


@pytest.fixture
def example(pytestconfig: pytest.Config) -> dict[str, str]:
    """Each setting of `.env.example` with its value, uncommented."""
    text = (pytestconfig.rootpath / ".env.example").read_text(encoding="utf-8")
    lines = re.findall(r'^#([A-Z_]+)=("[^"]*"|\S*)', text, re.MULTILINE)
    assert len(lines) == len(dict(lines))
    return {name: value.strip('"') for name, value in lines}


@pytest.fixture
def compose_file(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docker-compose.yml").read_text(encoding="utf-8")


def test_the_example_names_every_setting_and_no_other(example: dict[str, str]) -> None:
    assert set(example) == FOR_COMPOSE.union(*map(names, SERVICES.values()))


@pytest.mark.parametrize("service", SERVICES)
def test_the_example_shows_the_defaults(
    service: str, example: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SERVICES[service]
    monkeypatch.chdir(tmp_path)  # without anyone's .env
    for name in names(settings):
        monkeypatch.delenv(name, raising=False)
    defaults = settings.load()
    lines = [f"{name}={value}\n" for name, value in example.items()]
    Path(".env").write_text("".join(lines), encoding="utf-8")
    assert settings.load() == defaults


@pytest.mark.parametrize("service", SERVICES)
def test_compose_hands_each_service_its_own_settings_and_no_other(
    service: str, compose_file: str
) -> None:
    [block] = re.findall(rf"^  {service}:\n((?:    .*\n|\n)+)", compose_file, re.MULTILINE)
    handed_on = set(re.findall(r"^      ([A-Z_]+): \$\{\1:-\}$", block, re.MULTILINE))
    assert handed_on == names(SERVICES[service]) - FIXED
