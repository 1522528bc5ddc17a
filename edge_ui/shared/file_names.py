"""The name of a file as a browser or a program sends it."""

from __future__ import annotations

import contextlib
import re
import urllib.parse


def header_text(raw: str) -> str:
    """A header's words: percent-encoded UTF-8, or UTF-8 octets as HTTP libraries put them on the wire."""
    with contextlib.suppress(UnicodeError):
        raw = raw.encode("latin-1").decode("utf-8")
    return urllib.parse.unquote(raw, errors="replace")


def disposition_name(header: str) -> str:
    """The file name of a Content-Disposition header (RFC 6266, `filename*` first)."""
    if match := re.search(r"filename\*\s*=\s*UTF-8''([^;\s]+)", header, re.IGNORECASE):
        return match.group(1)
    match = re.search(r'filename\s*=\s*(?:"([^"]*)"|([^;\s]+))', header, re.IGNORECASE)
    return (match.group(1) or match.group(2) or "") if match else ""


def plain_name(name: str) -> str:
    name = re.split(r"[/\\]", name)[-1]
    return re.sub("[\x00-\x1f\x7f\ud800-\udfff]", "", name).strip()[:120]
