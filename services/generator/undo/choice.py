"""Which undo a load has."""

from pathlib import Path

from sqlalchemy.engine import Engine

from services.generator.loads.listing import list_loads
from services.generator.loads.record import LoadError
from services.generator.undo.of_events import UndoEvents, UndoGeneration
from services.generator.undo.of_items import UndoItems
from services.generator.undo.undo import Undo

_UNDOS: dict[str, type[Undo]] = {
    "generate": UndoGeneration,
    "import": UndoEvents,
    "items": UndoItems,
}


def undo_of(engine: Engine, artifact_dir: Path, load_id: int) -> Undo:
    """The undo of a load; LoadError where there is no such load, or it cannot be undone."""
    with engine.connect() as connection:
        loads = {load.load_id: load for load in list_loads(connection)}
    load = loads.get(load_id)
    if load is None:
        numbers = ", ".join(str(number) for number in loads) or "none"
        raise LoadError(f"There is no load {load_id}; there are: {numbers} (make imports).")
    if load.kind not in _UNDOS:
        raise LoadError(
            f"Load {load_id} ({load.source}) described {load.kind}, and what was said of them "
            "before is not kept anywhere else, so that erasing somebody reaches all of it: it "
            "cannot be undone. Import a file that says it as it should be."
        )
    return _UNDOS[load.kind](engine, artifact_dir, load)
