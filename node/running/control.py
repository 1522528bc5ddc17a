"""How a command reaches a running node: one operation by name over loopback HTTP.

`tongban run DIR` holds the lock on DIR; everybody else asks it. The node listens on a free port of 127.0.0.1 and writes
`DIR/control.json` `{port, token, pid}`, readable by its owner only. A client

1. reads the file, and proves first that the listener knows the same token (`GET /hello`, HMAC over a fresh number):
   a file left by a dead process may name a port that belongs to somebody else by now, who must not be sent a resident's
   application;
2. posts `{name, args}` to `/op` and gets `{"result": …}` or `{"error": {code, fields, details}}`, which becomes the same
   TongbanError that the operation raised.

`NoEndpointError` means that nobody answers: the caller then takes the lock itself. Operations run in threads, so that a
long `verify` holds up nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import os
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Self, TypeAlias, TypeVar

from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, stream_request_body

from edge_ui.listener import Listener, Room
from node.domain.json_values import Json, JsonObject
from node.domain.words.errors import TongbanError, malformed
from node.domain.words.refusals import ERRORS
from node.machine import logs, oslayer

CONTROL_FILE = "control.json"
HELLO_SECONDS = 5.0
OPERATION_SECONDS = 3600.0  # a full verify or backup of a large node
MAX_REQUEST = 64 << 20
ROOM = Room(total=48, of_address=0, own=0)

S = TypeVar("S")
Operation: TypeAlias = Callable[[S, JsonObject], object]
log = logs.get("node.running.control")


class NoEndpointError(Exception):
    """Nobody of ours listens for this directory."""


# ---- the node's side -------------------------------------------------------------------------------------------------


class ControlServer(Generic[S]):
    """Serves `operations` on `subject` (the node's center) until stopped. Use inside a running asyncio loop."""

    def __init__(self, directory: Path, operations: Mapping[str, Operation[S]], subject: S) -> None:
        self.directory = directory
        self.operations = operations
        self.subject = subject
        self.token = secrets.token_hex(32)
        self.threads = ThreadPoolExecutor(4, "tongban-control")
        self._server: Listener | None = None

    async def __aenter__(self) -> Self:
        sockets = bind_sockets(0, "127.0.0.1")
        routes = [("/hello", _Hello, {"control": self}), ("/op", _Op, {"control": self})]
        self._server = Listener(Application(routes), room=ROOM, max_body_size=MAX_REQUEST, max_buffer_size=1 << 20)
        self._server.add_sockets(sockets)
        document = {"port": sockets[0].getsockname()[1], "token": self.token, "pid": os.getpid()}
        oslayer.write_private(self.directory / CONTROL_FILE, json.dumps(document).encode())
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(OSError):
            (self.directory / CONTROL_FILE).unlink(missing_ok=True)
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()
        await asyncio.get_running_loop().run_in_executor(None, self.threads.shutdown)

    def run(self, request: object) -> str:
        """One operation, in a thread: its answer as JSON. Never raises."""
        name, args = (request.get("name"), request.get("args")) if isinstance(request, dict) else (None, None)
        if not isinstance(name, str) or name not in self.operations or not isinstance(args, dict):
            return json.dumps(failure(malformed("没有这项操作", "no such operation")))
        try:
            return json.dumps({"result": self.operations[name](self.subject, args)})
        except TongbanError as error:
            return json.dumps(failure(error))
        except Exception as error:
            return json.dumps(failure(logs.internal(error, "operation_failed", operation=name)))


class _Hello(RequestHandler):
    def initialize(self, control: ControlServer[object]) -> None:
        self.control = control

    def get(self) -> None:
        self.write({"proof": proof(self.control.token, self.get_argument("nonce", ""))})


@stream_request_body
class _Op(RequestHandler):
    """Who does not know the token is refused before any of the body is read."""

    def initialize(self, control: ControlServer[object]) -> None:
        self.control = control
        self._body = bytearray()

    def prepare(self) -> None:
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.control.token}".encode()):
            self.set_status(401)
            self.finish(failure(TongbanError("unauthenticated")))

    def data_received(self, chunk: bytes) -> None:
        self._body += chunk

    def on_finish(self) -> None:
        self._body.clear()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._body.clear()

    async def post(self) -> None:
        try:
            request = json.loads(self._body)
        except (ValueError, RecursionError):
            request = None
        self._body.clear()
        loop = asyncio.get_running_loop()
        self.finish(await loop.run_in_executor(self.control.threads, self.control.run, request))


def proof(token: str, nonce: str) -> str:
    return hmac.new(token.encode(), b"tongban control " + nonce.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def failure(error: TongbanError) -> dict[str, JsonObject]:
    details = {k: v for k, v in error.details.items() if isinstance(v, (str, int, float, bool, list))}
    return {"error": {"code": error.code, "fields": error.fields, "details": details}}


# ---- the command's side ----------------------------------------------------------------------------------------------


def call(directory: Path, name: str, args: JsonObject) -> Any:
    """Run an operation at the node that is running in `directory`; its result (JSON values).

    Raises NoEndpointError when none answers, TongbanError as the operation did, TongbanError(unreachable) when the node
    went away in between (whatever was confirmed before is saved; the command can be given again)."""
    port, token = _endpoint(directory)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HELLO_SECONDS)
    try:
        _greet(connection, token)
        if connection.sock is not None:
            connection.sock.settimeout(OPERATION_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/op", json.dumps({"name": name, "args": dict(args)}), headers)
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        raise TongbanError(
            "unreachable", address=str(directory), reason="节点不再应答", reason_en="the node stopped answering"
        ) from None
    finally:
        connection.close()
    return _unpack(answer)


def answers(directory: Path) -> bool:
    """Whether a node runs in `directory` and answers."""
    try:
        port, token = _endpoint(directory)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HELLO_SECONDS)
        try:
            _greet(connection, token)
        finally:
            connection.close()
    except NoEndpointError:
        return False
    return True


def _endpoint(directory: Path) -> tuple[int, str]:
    try:
        document = json.loads((directory / CONTROL_FILE).read_bytes())
        return int(document["port"]), str(document["token"])
    except PermissionError as error:
        raise oslayer.disk_error(error, directory / CONTROL_FILE) from error
    except (OSError, ValueError, KeyError, TypeError):
        raise NoEndpointError from None


def _greet(connection: http.client.HTTPConnection, token: str) -> None:
    nonce = secrets.token_hex(16)
    try:
        connection.request("GET", f"/hello?nonce={nonce}")
        document = json.loads(connection.getresponse().read(10_000))
        honest = hmac.compare_digest(str(document["proof"]), proof(token, nonce))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        raise NoEndpointError from None
    if not honest:
        raise NoEndpointError


def _unpack(answer: Json) -> Json:
    if not isinstance(answer, Mapping):
        raise logs.internal(None, "unknown_answer", code="")
    if "result" in answer:
        return answer["result"]
    error = answer.get("error")
    found = error if isinstance(error, Mapping) else {}
    code, fields, details = str(found.get("code", "internal")), found.get("fields"), found.get("details")
    if code not in ERRORS:  # of a node that runs another version
        raise logs.internal(None, "unknown_answer", code=code[:60])
    faults = {path: str(fault) for path, fault in fields.items()} if isinstance(fields, Mapping) else None
    raise TongbanError(code, faults, **(details if isinstance(details, Mapping) else {}))
