"""Uploads: streamed in pieces, resumed at the offset, bounded in size and memory."""

from __future__ import annotations

import http.client
import socket
import urllib.parse

import pytest

from edge_ui.api.materials import disposition_name, header_text, plain_name
from edge_ui.settings import PIECE
from tests.ui.conftest import Client, Served
from tests.ui.double import NO, DoubleCenter

HERE = f"/api/v1/cases/{NO}/materials/"


def test_a_file_is_stored_piece_by_piece(client: Client, center: DoubleCenter) -> None:
    data = bytes(range(256)) * 12_000
    answer = client.ask("PUT", HERE + "0", data, "clerk", Content_Type="image/png", Upload_Name=urllib.parse.quote("申请 书.png"))
    assert answer.status == 200 and answer.json()["complete"] and bytes(center.pieces) == data
    assert answer.headers["Upload-Offset"] == str(len(data))
    assert {call[4:] for call in center.calls} == {("申请 书.png", "image/png")}
    assert max(call[2] for call in center.calls) <= PIECE + (64 << 10)


def test_an_upload_goes_on_where_the_line_broke(served: Served, client: Client, center: DoubleCenter) -> None:
    data = bytes(range(251)) * 12_000
    with socket.create_connection(("127.0.0.1", served.port), 5) as line:
        head = f"PUT {HERE}1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer clerk\r\nContent-Length: {len(data)}\r\n\r\n"
        line.sendall(head.encode() + data[: 2 * PIECE + 500])
    for _ in range(200):  # until the node has noticed the break; each turn is a request
        offset = int(client.ask("HEAD", HERE + "1", None, "clerk").headers["Upload-Offset"])
        if offset >= 2 * PIECE:
            break
    assert 2 * PIECE <= offset <= 2 * PIECE + 500
    again = client.ask("PUT", HERE + "1", data[offset:], "clerk", Upload_Offset=str(offset))
    assert again.status == 200 and bytes(center.pieces) == data


def test_head_tells_the_declared_length(client: Client) -> None:
    answer = client.ask("HEAD", HERE + "declared", None, "clerk")
    assert (answer.status, answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == (200, "0", "3000000")
    assert client.ask("HEAD", HERE + "declared").status == 401
    assert client.get(HERE + "declared", "clerk").status == 405


@pytest.mark.parametrize(
    ("material", "headers", "status", "code"),
    [
        ("declared", {}, 422, "invalid_input"),  # not the declared size
        ("0", {"Upload_Offset": "7"}, 409, "guard_failed"),
        ("0", {"Upload_Offset": "-1"}, 422, "invalid_input"),
        ("0", {"Upload_Offset": "9" * 30}, 422, "invalid_input"),
        ("0", {"Upload_Length": "3"}, 422, "invalid_input"),
        ("0", {"Upload_Length": "50000001"}, 413, "too_large"),
        ("%00", {}, 400, "malformed"),
    ],
)
def test_a_wrong_upload_is_refused_before_anything_is_stored(
    client: Client, center: DoubleCenter, material: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.ask("PUT", HERE + material, b"abcdef", "clerk", **headers)
    assert (answer.status, answer.code) == (status, code) and not center.calls
    if status == 409:
        assert answer.headers["Upload-Offset"] == "0"


def test_empty_and_too_large_files(client: Client, served: Served) -> None:
    assert client.ask("PUT", HERE + "0", b"", "clerk").json()["error"]["fields"]["content"]["code"] == "empty"
    assert client.ask("PUT", HERE + "0", b"x", "wrong").status == 401
    with socket.create_connection(("127.0.0.1", served.port), 5) as line:  # told before a byte is sent
        line.sendall(
            b"PUT %s0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: Bearer clerk\r\n" % HERE.encode()
            + b"Content-Length: 50000001\r\n\r\n"
        )
        assert b" 413 " in line.recv(4000)


def test_a_chunked_upload_needs_a_known_length(served: Served, center: DoubleCenter) -> None:
    def send(material: str, pieces: list[bytes], **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        found = {"Authorization": "Bearer clerk", **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request("PUT", HERE + material, iter(pieces), found, encode_chunked=True)
        status = connection.getresponse().status
        connection.close()
        return status

    assert send("0", [b"abc"]) == 400
    assert send("0", [b"abc", b"def"], Upload_Length="6") == 200
    assert bytes(center.pieces) == b"abcdef"
    assert send("0", [b"abc", b"def"], Upload_Length="5") == 422


def test_content_after_the_case_left_is_202(client: Client) -> None:
    assert client.ask("PUT", HERE + "late", b"abc", "clerk").status == 202


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename=x.pdf", "x.pdf"),
        ("attachment; filename=\"no\"; filename*=UTF-8''%E8%A1%A8.pdf", "表.pdf"),
        ("inline", ""),
    ],
)
def test_names_from_content_disposition(header: str, name: str) -> None:
    assert header_text(disposition_name(header)) == name


def test_names_lose_folders_and_control_characters() -> None:
    assert plain_name("..\\..\\etc/passwd\x00") == "passwd"
    assert plain_name("a" * 500) == "a" * 120
    assert header_text("表".encode().decode("latin-1")) == "表"
