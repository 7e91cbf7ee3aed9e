"""The site on loopback, for the reader's own browser alone."""

from __future__ import annotations

import errno
import functools
import os
import socket
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course_tasks.steps import Progress, Stop

HOST = "127.0.0.1"
PORTS_TRIED = 100


class SiteServer(ThreadingHTTPServer):
    """Serves one folder; never takes a port that another program listens on."""

    # Windows hands a port that is in use to whoever asks for this.
    allow_reuse_address = os.name != "nt"

    def server_bind(self) -> None:
        """Bind to the address, alone."""
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        super().server_bind()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that closes a connection early."""


class SiteHandler(SimpleHTTPRequestHandler):
    """Answers with the files of the site, as they are now."""

    # The types do not depend on what is registered on the reader's machine.
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css",
        ".html": "text/html",
        ".ipynb": "application/json",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
    }

    def end_headers(self) -> None:
        """Ask the browser to look whether a page was built anew."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of the single requests."""


def open_server(site: Path, port: int) -> SiteServer:
    """Return a server for a folder on the first free port from the one asked for.

    Parameters
    ----------
    site : Path
        The folder to serve.
    port : int
        The port asked for; 0 takes any.

    Raises
    ------
    Stop
        If no port can be had.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_server(Path(folder), 0) as first:
    ...         with open_server(Path(folder), first.server_port) as second:
    ...             second.server_port > first.server_port
    True
    """
    handler = functools.partial(SiteHandler, directory=str(site))
    last = min(port + PORTS_TRIED, 65536) if port else 1
    for candidate in range(port, last):
        try:
            return SiteServer((HOST, candidate), handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise Stop(f"Port {candidate} cannot be opened: {error.strerror}.") from error
    raise Stop(f"None of the ports {port} to {last - 1} can be opened: name another with --port.")


def serve(site: Path, port: int, progress: Progress) -> None:
    """Serve a folder until the reader stops it, and print the address.

    Parameters
    ----------
    site : Path
        The folder to serve.
    port : int
        The port asked for.
    progress : Progress
        Where to say so.
    """
    with open_server(site, port) as server:
        if port not in (0, server.server_port):
            progress.say(f"Port {port} is not free, so the next free one is taken.")
        progress.say(f"The course is at http://{HOST}:{server.server_port}/ (Ctrl+C stops it).")
        server.serve_forever()
