"""Whose volumes these are: two clones whose stacks have one name would share them.

Compose takes containers and volumes of a project's name whichever folder they come from.
"""

from pathlib import Path

from shared.durable_files import replace_text
from shared.errors import SommelierError


class AnothersVolumes(SommelierError):
    """Volumes that belong to the stack of another clone."""


def require_same_clone(volume: Path, clone: str) -> None:
    """Note that a volume belongs to the clone in the folder `clone`, or AnothersVolumes where it is
    another's. An empty name is nobody's, as where the shell does not tell it."""
    note = volume / "clone"
    if not clone:
        return
    if not note.exists():
        replace_text(note, clone)
    owner = note.read_text(encoding="utf-8")
    if owner != clone:
        raise AnothersVolumes(
            f"This stack's data belongs to the clone in {owner}, and this one is in {clone}. Give "
            "it a stack of its own: COMPOSE_PROJECT_NAME and API_PORT in .env (make up writes "
            f"them). If the stack of {owner} was stopped by this, docker compose up -d there "
            "starts it again, with all its data. If this is the same clone, moved: "
            "docker compose run --rm passwords rm /run/passwords/clone"
        )
