"""The line switch of the demo as its nodes see it: a client of the service in `node.demo.lines`.

`tongban demo` gives its nodes the address in the environment, so that it ends with the demo: the same directory run by
`tongban run` has no switch, and neither has a real node.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any

from node.domain.demo_lines import DemoGateway, LineRow
from node.domain.words.errors import TongbanError

VARIABLE = "TONGBAN_DEMO_LINES"
SECONDS = 5.0  # for an answer; the service is on the same machine


class LineSwitch:
    """Lists the lines of the demo and pulls or joins them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    def of_environment(cls) -> LineSwitch | None:
        """The switch of the demo that started this process; None in a real node."""
        url = os.environ.get(VARIABLE, "")
        return cls(url) if url.startswith("http://127.0.0.1:") else None

    def lines(self) -> list[LineRow]:
        """Every line as `Lines.rows` lists it; empty when the demo does not answer."""
        try:
            found: list[LineRow] = self._ask("GET", "")["lines"]
            return found
        except (TongbanError, KeyError):
            return []

    def gateway(self) -> DemoGateway:
        """The test gateway with the messages it took."""
        try:
            found: DemoGateway = self._ask("GET", "")["gateway"]
            return found
        except (TongbanError, KeyError):
            return DemoGateway(on=False, messages=[])

    def turn(self, line: str, action: str) -> None:
        """`action` is pull or join; the line `sms` is the test gateway. Raises not_found, unreachable."""
        if action not in ("pull", "join") or not line.isascii() or not line.isalpha():
            raise TongbanError("not_found", what="line")
        self._ask("POST", f"/{line}/{action}")

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(self.url + path, method=method, data=b"" if method == "POST" else None)
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                found: dict[str, Any] = json.loads(answer.read())
                return found
        except urllib.error.HTTPError:
            raise TongbanError("not_found", what="line") from None
        except (OSError, ValueError, KeyError) as error:
            raise TongbanError("unreachable", address="demo", reason="没有应答", reason_en=type(error).__name__) from None
