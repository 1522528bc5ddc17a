"""What a file is, told by its first bytes and never by its name or by what the sender says.

A material is a picture, a PDF or OFD page, or an office document. Pages (HTML, SVG, XML), scripts and programs are refused
wherever a file comes in: opened in a hall they would run there. `check_upload` is strict, for what people choose in the
browser: only the kinds below, and no HEIC. `check_content` is for departments' systems (`PUT materials`): it refuses what is dangerous
and keeps what it does not know as plain octets, which are only ever offered for saving, never shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from node.domain.words.errors import TongbanError

HEAD = 1024  # bytes that are enough to tell
OCTETS = "application/octet-stream"
MAX_FILE = 50_000_000  # bytes of one material (INTERFACE "Defects")


@dataclass(frozen=True, slots=True)
class FileKind:
    """`inline`: every browser shows it as a picture; anything else is offered for saving."""

    mime: str
    suffix: str
    inline: bool = False


JPEG = FileKind("image/jpeg", "jpg", True)
PNG = FileKind("image/png", "png", True)
GIF = FileKind("image/gif", "gif", True)
WEBP = FileKind("image/webp", "webp", True)
BMP = FileKind("image/bmp", "bmp", True)
TIFF = FileKind("image/tiff", "tif")
HEIC = FileKind("image/heic", "heic")
AVIF = FileKind("image/avif", "avif")
PDF = FileKind("application/pdf", "pdf")
OFD = FileKind("application/ofd", "ofd")  # GB/T 33190
OFFICE = FileKind("application/vnd.openxmlformats-officedocument", "docx")
OLD_OFFICE = FileKind("application/x-ole-storage", "doc")
KINDS = (JPEG, PNG, GIF, WEBP, BMP, TIFF, HEIC, AVIF, PDF, OFD, OFFICE, OLD_OFFICE)
INLINE = frozenset(kind.mime for kind in KINDS if kind.inline)

_MACH_O = (b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_PROGRAMS = (b"\x7fELF", b"#!", *_MACH_O, b"L\x00\x00\x00\x01\x14\x02")  # the last is a Windows shortcut
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|!--|\?xml|html|head|body|script|svg|iframe|img|style|link|meta|object|embed|form|a\s|div|table)",
    re.IGNORECASE,
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
}


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file by its first bytes; None when it is none of ours."""
    for magic, kind in (
        (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"GIF87a", GIF), (b"GIF89a", GIF), (b"II*\x00", TIFF), (b"MM\x00*", TIFF),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    ):  # fmt: skip
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return BMP
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if b"%PDF-" in head[:HEAD] and not is_dangerous(head):
        return PDF
    return _zipped(head)


def _zipped(head: bytes) -> FileKind | None:
    """Documents that are ZIP archives; another archive is none of ours, nobody sees what is inside."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    if b"OFD.xml" in head[:HEAD]:
        return OFD
    office = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")
    return OFFICE if any(mark in head[:HEAD] for mark in office) else None


def is_dangerous(head: bytes) -> bool:
    """Whether it is a program, a script or a page with markup."""
    if head.startswith(_PROGRAMS) or _is_windows_program(head):
        return True
    start = _as_octets(head[:HEAD]).lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    return _MARKUP.match(start) is not None or (_is_text(start) and _MARKUP.search(start) is not None)


def _is_windows_program(head: bytes) -> bool:
    return head.startswith(b"MZ") and not _is_text(head[:64])


def _as_octets(head: bytes) -> bytes:
    """Text of two-byte characters read as one byte each, so that no markup hides in it."""
    return head.replace(b"\x00", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4].count(b"\x00") == 2 else head


def _is_text(head: bytes) -> bool:
    return bool(head) and not any(byte < 9 or 13 < byte < 32 for byte in head)


def check_upload(head: bytes) -> FileKind:
    """The kind of a file that a person chose. Errors: `file_refused` for anything but pictures, PDF, OFD, office documents;
    `heic_refused`."""
    kind = None if is_dangerous(head) else kind_of(head)
    if kind is None:
        raise TongbanError("file_refused")
    refuse_unseen(head)
    return kind


def refuse_unseen(head: bytes) -> None:
    """Errors: `heic_refused` for a telephone's photograph that few computers show: who sends it can still make another of it."""
    if kind_of(head) is HEIC:
        raise TongbanError("heic_refused")


def check_content(head: bytes) -> str:
    """The media type of a material by its content. Errors: `file_refused` for programs, scripts and pages."""
    if is_dangerous(head):
        raise TongbanError("file_refused")
    kind = kind_of(head)
    return kind.mime if kind is not None else OCTETS


def shown_inline(mime: str) -> bool:
    """Whether a browser may show it beside the form; everything else is saved as a file."""
    return mime in INLINE
