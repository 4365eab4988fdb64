"""Ids in paths: any text, `/` included."""

from typing import Annotated, Any

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor

from shared.database.tables import ID_LENGTH


class IdConvertor(Convertor[str]):
    """Any text: Starlette's own `path` drops a line end at the end and refuses others."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", IdConvertor())


def _id_in_path(example: str) -> Any:
    return Path(
        min_length=1,
        max_length=ID_LENGTH,
        description="May hold `/`; what is special in URLs is percent-encoded.",
        examples=[example],
    )


UserIdInPath = Annotated[str, _id_in_path("U10001")]
ItemIdInPath = Annotated[str, _id_in_path("TECH1005")]
EventIdInPath = Annotated[str, _id_in_path("order-1017-line-1")]
