"""A small file beside what somebody wrote: it is only ever saved, never shown or run."""

from __future__ import annotations

import urllib.parse

from edge_ui.base import BaseHandler
from edge_ui.shared.file_names import plain_name
from node.domain.supervision.attached import MOST_BYTES

FILES_LIMIT = MOST_BYTES + (64 << 10)  # bytes of a form with such files


def file_number(text: str) -> int:
    """A number of an address; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def saved_name(name: str) -> str:
    """Under what a file is saved: no path, and nothing that no header can hold, whatever another node wrote."""
    return plain_name(name).strip(". ") or "file"


def send_attached(handler: BaseHandler, name: str, data: bytes) -> None:
    """Answer with a file that anybody may have written."""
    handler.set_header("Content-Type", "application/octet-stream")
    handler.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
    handler.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{urllib.parse.quote(saved_name(name), safe='')}")
    handler.finish(data)
