"""The server of the page: files of the page for anyone who asks on this machine, answers by token.

It listens on 127.0.0.1. A question is a POST of JSON with the token in its header; what a browser
sends from any other page, or under another name of this machine, is refused.
"""

from __future__ import annotations

import json
import secrets
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from solver import __version__
from solver.errors import SolverError
from solver.web.native import NativeEngine
from solver.web.question import LONGEST_QUESTION

PAGE = Path(__file__).with_name("page")
#: Types of the files of the page; files of other kinds are not served.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: Seconds that a reader or writer may let the server wait.
_PATIENCE = 20
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PageServer:
    """Serve the page and its questions; a context manager that ends both.

    port: of 127.0.0.1, 0 for any that is free. seconds: of a question. Raises SolverError for a
    port that cannot be had.
    """

    def __init__(self, port: int, seconds: int) -> None:
        self.token = secrets.token_urlsafe(24)
        try:
            self._http = _Listening(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as fault:
            why = getattr(fault, "strerror", None) or str(fault)
            rule = f"this port cannot be had: {why}"
            raise SolverError(rule, str(port), "--port 0 for any that is free") from None
        self._http.page = self
        self.engine = NativeEngine(seconds)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._http.server_address[1])

    @property
    def address(self) -> str:
        """What to open in a browser; the token stands where no browser sends or stores it."""
        return f"http://127.0.0.1:{self.port}/#token={self.token}"

    def run(self) -> None:
        """Answer until it is closed, or interrupted."""
        self._http.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """End a server that runs in another thread."""
        self._http.shutdown()

    def __enter__(self) -> PageServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()
        self._http.server_close()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    page: PageServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listening
    timeout = _PATIENCE
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "convsolver", ""

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal for the address."""

    def do_GET(self) -> None:
        """Send a file of the page, or what the engine is."""
        if (refused := self._foreign()) is not None:
            self._refuse(*refused)
            return
        name = self.path.partition("?")[0].removeprefix("/") or "index.html"
        if name == "engine.json":
            told = {"engine": "server", "version": __version__}
            self._send(json.dumps(told).encode(), "application/json")
            return
        file = PAGE / name
        if "/" in name or "\\" in name or file.suffix not in TYPES or not file.is_file():
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such file")
            return
        self._send(file.read_bytes(), TYPES[file.suffix])

    def do_POST(self) -> None:
        """Answer a question, tell how far the one is that is being answered, or stop it."""
        refused = self._foreign() or self._unasked()
        if refused is not None:
            self.close_connection = True  # what was sent is not read
            self._refuse(*refused)
            return
        question = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/stop":
            self.server.page.engine.stop()
            self._send(b"{}", "application/json")
        elif self.path == "/progress":
            self._send(self.server.page.engine.progress, "application/json")
        else:
            self._send(self.server.page.engine.ask(question), "application/json")

    def _foreign(self) -> tuple[HTTPStatus, str] | None:
        """Why a request is none of this page's, by the name it was sent to and where it is from."""
        names = {f"{name}:{self.server.page.port}" for name in ("127.0.0.1", "localhost")}
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0] not in names:
            return HTTPStatus.MISDIRECTED_REQUEST, "the host is not this server"
        if any(origin != f"http://{hosts[0]}" for origin in self.headers.get_all("Origin", [])):
            return HTTPStatus.FORBIDDEN, "another page may not ask"
        return None

    def _unasked(self) -> tuple[HTTPStatus, str] | None:
        """Why what is posted is no question."""
        if self.path not in ("/api", "/progress", "/stop"):
            return HTTPStatus.NOT_FOUND, "questions are posted to /api"
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not compare_digest(given, f"Bearer {self.server.page.token}".encode()):
            return HTTPStatus.UNAUTHORIZED, "open the address that convsolver web printed"
        if self.headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a question is application/json"
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            return HTTPStatus.LENGTH_REQUIRED, "a question says how long it is"
        if len(length) > 12 or int(length) > LONGEST_QUESTION:
            limit = f"a question has at most {LONGEST_QUESTION:,} bytes"
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit
        return None

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._send(f"{why}\n".encode(), "text/plain; charset=utf-8", status)

    def _send(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **_SAFE}.items():
            self.send_header(name, str(value))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
