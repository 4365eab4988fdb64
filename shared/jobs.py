"""How a job starts and ends: log lines for people, errors in one line, an exit status."""

import logging
import signal
import sys
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from shared.errors import SommelierError

logger = logging.getLogger(__name__)


def run_job(job: Callable[[], None]) -> None:
    """Run a process's work and exit: 0, or 1 with what a person can act on in one line."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # a container's stop
    try:
        job()
    except SommelierError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database does not answer: {error.orig}")
    except OSError as error:
        sys.exit(str(error))  # a full disk, a folder without access: it names the file
    except KeyboardInterrupt:
        sys.exit("interrupted")
