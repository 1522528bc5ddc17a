"""Joining: one POST of a sealed request to the parent's web listener.

The request is sealed to the parent's key that the join code pins and the answer is signed by it, so the transport need
not be trusted: HTTPS certificates are not checked here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

LONGEST_ANSWER = 4 << 20


class JoinUnreachableError(Exception):
    """No address answered, or the parent refused: then `code` and `details` are its own words."""

    def __init__(self, reason: str, code: str = "unreachable", details: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.details = details or {}


async def post_join(addresses: Sequence[str], body: bytes, timeout: float = 20.0) -> bytes:
    """The sealed answer of the first address that gives one. Raises JoinUnreachableError."""
    client = AsyncHTTPClient(force_instance=True, max_body_size=LONGEST_ANSWER)
    reasons = []
    try:
        for address in addresses:
            for scheme in ("http", "https"):
                try:
                    return await _post(client, f"{scheme}://{address}/join", body, timeout)
                except HTTPClientError as error:
                    if error.response is not None and error.code != 599:
                        raise _refused(error) from None
                    reasons.append(error.message or "no answer")
                except OSError as error:
                    reasons.append(error.strerror or type(error).__name__)
                except Exception as error:
                    reasons.append(type(error).__name__)
    finally:
        client.close()
    raise JoinUnreachableError(reasons[0] if reasons else "no address given")


async def _post(client: AsyncHTTPClient, url: str, body: bytes, timeout: float) -> bytes:
    request = HTTPRequest(
        url, method="POST", body=body, headers={"Content-Type": "application/octet-stream"}, validate_cert=False,
        connect_timeout=min(5.0, timeout), request_timeout=timeout,
    )  # fmt: skip
    return bytes((await client.fetch(request)).body)


def _refused(error: HTTPClientError) -> JoinUnreachableError:
    """The error document of the parent, if there is one."""
    try:
        document = json.loads(error.response.body)["error"]  # type: ignore[union-attr]
        return JoinUnreachableError(str(document.get("message_en", error.code)), str(document["code"]), document.get("details"))
    except (ValueError, KeyError, TypeError):
        return JoinUnreachableError(f"the other side answered {error.code}: it is no Tongban node")
