"""The base of every service's settings: environment variables, `.env`, and files for secrets.

Each service derives its own class from `Settings` and calls `load` once, where it starts.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from shared.errors import SommelierError


def _split_commas(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
"""Words with commas between them."""


class Secret:
    """Marks, in `Annotated`, a setting whose value no error may show; SecretStr does by itself."""


class ConfigurationError(SommelierError):
    """A setting that cannot be used, named in one line."""


class SecretFiles(PydanticBaseSettingsSource):
    """Reads a setting NAME from the file that the variable NAME_FILE names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"Config '{variable}' names {path}: {error}") from error

    def __call__(self) -> dict[str, Any]:
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """What every service needs to find the database and the artifacts."""

    # An empty variable counts as unset, so that Compose can hand on `${NAME:-}`.
    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True, allow_inf_nan=False
    )

    database_url: SecretStr = SecretStr("sqlite:///data/sommelier.sqlite")
    """SQLAlchemy URL: `mysql+pymysql://user@host/database`, or SQLite's file (no server needed)."""

    database_password: SecretStr | None = None
    """Put into DATABASE_URL, so that it can come from a file: DATABASE_PASSWORD_FILE."""

    artifact_dir: Path = Path("data/artifacts")
    """The artifact volume: models/, current.json, truth/."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @classmethod
    def load(cls, **values: Any) -> Self:
        """The settings of this process; ConfigurationError names the first wrong one."""
        try:
            settings = cls(**values)
        except ValidationError as error:
            raise ConfigurationError(cls._first_problem(error)) from None
        except UnicodeDecodeError as error:
            raise ConfigurationError(f".env is no UTF-8 text: {error}") from None
        settings.database()
        return settings

    @classmethod
    def _first_problem(cls, error: ValidationError) -> str:
        problem = error.errors(include_url=False, include_context=False)[0]
        field = str(problem["loc"][0]) if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        if not field:
            return reason
        known = cls.model_fields.get(field)
        if known is None or "Secret" in str(known.annotation) or Secret in known.metadata:
            return f"Config '{field.upper()}' is not valid: {reason}."
        return f"Config '{field.upper()}' has value '{problem['input']}'. {reason}."

    def database(self) -> URL:
        """DATABASE_URL with DATABASE_PASSWORD in it."""
        try:
            url = make_url(self.database_url.get_secret_value())
        except (ArgumentError, ValueError):
            raise ConfigurationError(
                "Config 'DATABASE_URL' is not valid: it is no SQLAlchemy URL such as "
                "mysql+pymysql://user@host/database or sqlite:///data/sommelier.sqlite."
            ) from None
        if url.get_backend_name() not in ("mysql", "sqlite"):
            raise ConfigurationError(
                f"Config 'DATABASE_URL' is not valid: '{url.get_backend_name()}' is not supported, "
                "use mysql+pymysql or sqlite."
            )
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise ConfigurationError(
                "Config 'DATABASE_URL' is not valid: SQLite needs a file that all parts share, "
                "such as sqlite:///data/sommelier.sqlite."
            )
        if self.database_password is not None:
            url = url.set(password=self.database_password.get_secret_value())
        return url
