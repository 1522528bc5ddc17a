"""Files are known by their content, whatever they are called."""

from __future__ import annotations

import pytest

from node.domain.filing.filetypes import OCTETS, check_content, check_upload, is_dangerous, shown_inline
from node.domain.words.errors import TongbanError

PICTURES = {
    "image/jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif", "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/gif": b"GIF89a\x01\x00", "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "application/ofd": b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00OFD.xml",
}  # fmt: skip
DANGEROUS = [
    b"MZ\x90\x00\x03\x00\x00\x00", b"\x7fELF\x02\x01\x01", b"#!/bin/sh\nrm -rf /", b"<!DOCTYPE html><p>", b"\xef\xbb\xbf  <HTML>", b"<svg xmlns='x'>",
    b"<?xml version='1.0'?><svg/>", b"hello <script>alert(1)</script>", "<html>".encode("utf-16"), b"\xcf\xfa\xed\xfe\x07\x00",
    b"<!-- x --><script>", b"%PDF-1.4 <html><script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("mime", PICTURES)
def test_what_a_material_may_be(mime: str) -> None:
    assert check_content(PICTURES[mime]) == mime
    if mime != "image/heic":
        assert check_upload(PICTURES[mime]).mime == mime
    assert shown_inline(mime) == (mime in ("image/jpeg", "image/png", "image/webp", "image/gif"))


@pytest.mark.parametrize("head", DANGEROUS)
def test_programs_and_pages_are_refused_everywhere(head: bytes) -> None:
    for check in (check_upload, check_content):
        with pytest.raises(TongbanError, match="file_refused"):
            check(head)


@pytest.mark.parametrize("head", [b"", b"just words", b"PK\x03\x04\x14\x00 a.exe", b"\x00\x01\x02\x03", b"7z\xbc\xaf"])
def test_the_unknown_is_refused_to_people_and_kept_as_octets_for_systems(head: bytes) -> None:
    with pytest.raises(TongbanError, match="file_refused"):
        check_upload(head)
    assert check_content(head) == OCTETS and not shown_inline(OCTETS)


def test_a_photograph_that_contains_markup_is_a_photograph() -> None:
    head = b"\xff\xd8\xff\xe1\x12\x00http://ns.adobe.com/xap/1.0/\x00<?xpacket?><x:xmpmeta><a href=''>"
    assert not is_dangerous(head) and check_upload(head).mime == "image/jpeg"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
def test_a_telephones_heic_is_refused_with_what_to_do_where_a_person_chooses_it(brand: bytes) -> None:
    with pytest.raises(TongbanError, match="heic_refused") as refused:
        check_upload(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00")
    assert "JPG" in refused.value.sentence("zh") and "JPG" in refused.value.sentence("en")
