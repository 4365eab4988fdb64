"""A wire to a server that can be cut, held and mended, as when the server is killed or paused."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self


class Wire:
    """Forwards a local port to a server. Held, it accepts and passes nothing on."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._asking = threading.Event()
        self._answering = threading.Event()
        self.release()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cut()
        for thread in self._threads:
            thread.join()

    def hold(self) -> None:
        """Pass nothing on until `release`."""
        self._asking.clear()
        self._answering.clear()

    def mute(self) -> None:
        """Pass on what is asked, and no answer until `release`."""
        self._answering.clear()

    def release(self) -> None:
        """Pass on what was held, and go on."""
        self._asking.set()
        self._answering.set()

    def cut(self) -> None:
        """Close every connection and refuse new ones."""
        self.release()
        _close(self._listener)
        for end in self._ends:
            _close(end)

    def mend(self) -> None:
        """Accept again on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept)

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # cut
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._server)
                self._ends += [near, far]
                self._start(self._pass_on, near, far, self._asking)
                self._start(self._pass_on, far, near, self._answering)

    def _pass_on(
        self, source: socket.socket, target: socket.socket, flowing: threading.Event
    ) -> None:
        with suppress(OSError):  # cut, or closed by one of the two
            while data := source.recv(65536):
                flowing.wait()
                target.sendall(data)
        _close(source)
        _close(target)


def _close(end: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        end.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits in accept or recv
    end.close()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port where nobody listens, as of a server that was killed."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, so that nobody else gets it; never listening
        yield unused.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts and never answers, as of a server that is paused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
