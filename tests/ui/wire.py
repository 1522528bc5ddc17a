"""A running web side on a free port, and a client that shows answers as they are on the wire."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import ssl as ssl_module
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any

from edge_ui.app import UiApplication, bound_port, start_http
from edge_ui.listener import Room

_TAG, _BREAK = re.compile(r"<[a-z][^<>]*>"), re.compile(r"\s*\n\s*")


class Answer:
    """Status, headers and body of one response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self) -> str:
        """The body; of a page with one space between attributes, wherever its template breaks the line."""
        text = self.body.decode("utf-8")
        return _TAG.sub(lambda tag: _BREAK.sub(" ", tag[0]), text) if self.headers.get_content_type() == "text/html" else text

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code of an error document."""
        return str(self.json()["error"]["code"])


class Client:
    """Speaks HTTP with `http.client`; keeps cookies like a browser."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, method: str, path: str, body: bytes | None = None, token: str = "", **headers: str) -> Answer:
        found = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            found["Authorization"] = f"Bearer {token}"
        if self.cookies:
            found["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, found)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def get(self, path: str, token: str = "", **headers: str) -> Answer:
        return self.ask("GET", path, None, token, **headers)

    def post_json(self, path: str, document: object, token: str = "clerk", **headers: str) -> Answer:
        return self.ask("POST", path, json.dumps(document).encode(), token, Content_Type="application/json", **headers)

    def form(self, page: str, action: str, **fields: str) -> Answer:
        """Opens `page`, takes its hidden fields and sends the form to `action`."""
        return self.send(action, {**self.hidden(page, action), **fields})

    def hidden(self, page: str, action: str) -> dict[str, str]:
        """The hidden fields of the form of `page` that goes to `action`."""
        html = self.get(page).text
        part = next((f for f in re.findall(r"<form.*?</form>", html, re.S) if f'action="{action}"' in f), html)
        return dict(re.findall(r'<input\s+type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', part))

    def send(self, action: str, fields: Mapping[str, str]) -> Answer:
        """A form as a browser sends it."""
        data = urllib.parse.urlencode(fields).encode()
        return self.ask("POST", action, data, Content_Type="application/x-www-form-urlencoded")

    def upload(self, page: str, action: str, file_name: str, data: bytes) -> Answer:
        """Sends a file by the form of `page`, as a browser does."""
        token = re.search(r'name="_xsrf" value="([^"]+)"', self.get(page).text)
        assert token is not None
        head = f'--B\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n{token.group(1)}\r\n'
        head += f'--B\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        body = head.encode() + data + b"\r\n--B--\r\n"
        return self.ask("POST", action, body, Content_Type="multipart/form-data; boundary=B")


class Served:
    """The application on its own event loop in a thread, as in a node."""

    def __init__(self, app_of: Any, ssl: ssl_module.SSLContext | None = None, room: Room | None = None) -> None:
        self._ssl, self._room = ssl, room
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, args=(app_of,), daemon=True)
        self.thread.start()
        self._ready.wait(20)

    def _run(self, app_of: Any) -> None:
        asyncio.set_event_loop(self._loop)
        self.app: UiApplication = app_of()
        self.server = self._loop.run_until_complete(start_http(self.app, "127.0.0.1", 0, self._ssl, self._room))
        self.port = bound_port(self.server)
        self._ready.set()
        self._loop.run_forever()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.server.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.thread.join(20)
        self.app.close()
