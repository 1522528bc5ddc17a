"""A file of a resident, sent piece by piece: shown when it is a picture or a PDF page, else saved; never run."""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import Callable
from typing import TypedDict

from tornado.iostream import StreamClosedError

from edge_ui.web.base import PageHandler
from node.domain.words.errors import TongbanError

PDF = "application/pdf"


class SentFile(TypedDict):
    """A file as it is sent; `size` in bytes, `picture`: it may be shown."""

    size: int
    mime: str
    picture: bool
    file_name: str


Read = Callable[[int], tuple[bytes, SentFile]]  # offset -> (piece, the file)


async def send_file(handler: PageHandler, read: Read, missing: str) -> None:
    """Errors: `not_found` naming `missing` for an empty file."""
    data, row = await handler.call(read, 0)
    if not data:
        raise TongbanError("not_found", what=missing)
    handler.set_header("Content-Type", row["mime"])
    handler.set_header("Content-Length", str(row["size"]))
    # a viewer of PDFs does not run in a sandbox, and stands in our own page (`viewer.js`); no script runs either way
    is_pdf = row["mime"] == PDF
    handler.set_header("Content-Security-Policy", "default-src 'none'; " + ("frame-ancestors 'self'" if is_pdf else "sandbox"))
    handler.set_header("X-Frame-Options", "SAMEORIGIN" if is_pdf else "DENY")
    handler.set_header("Content-Disposition", disposition(row))
    sent = 0
    with contextlib.suppress(StreamClosedError):  # who leaves before the end is no fault
        while data and handler.request.method != "HEAD":
            handler.write(data)
            await handler.flush()
            sent += len(data)
            data, _ = await handler.call(read, sent)
        await handler.finish()


def disposition(row: SentFile) -> str:
    """What can be looked at is shown; everything else is only ever saved."""
    kind = "inline" if row["picture"] or row["mime"] == PDF else "attachment"
    return f"{kind}; filename*=UTF-8''{urllib.parse.quote(str(row['file_name']), safe='')}"
