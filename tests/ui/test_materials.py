"""Uploads on a real node: streamed in pieces, resumed at the offset, bounded in size, stored once."""

from __future__ import annotations

import http.client
import socket
import urllib.parse
from dataclasses import dataclass
from typing import Any

import pytest

from edge_ui.settings import PIECE
from edge_ui.shared.file_names import disposition_name, header_text, plain_name
from node.domain.words.errors import TongbanError
from tests.ui.agent.test_two_browsers import together
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12_000  # 3 MB that begin like a picture


@dataclass
class Desk:
    """A case at the township and somebody who may add its materials."""

    site: Site
    client: Client
    token: str
    case: str

    def path(self, material: str) -> str:
        return f"/api/v1/cases/{self.case}/materials/{material}"

    def put(self, material: str, data: bytes | None, **headers: str) -> Answer:
        return self.client.ask("PUT", self.path(material), data, self.token, **headers)

    def head(self, material: str) -> Answer:
        return self.client.ask("HEAD", self.path(material), None, self.token)

    def stored(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.client.get(f"/api/v1/cases/{self.case}", self.token).json()["materials"]
        return rows

    def added(self) -> int:
        rows = self.client.get(f"/api/v1/cases/{self.case}", self.token).json()["timeline"]
        return sum(row["action"] == "material_added" for row in rows)


@pytest.fixture
def desk(site: Site) -> Desk:
    center = site.center("township")
    document = site.town.application("township")
    for attachment in document["attachments"]:
        attachment["size"] = len(PNG)
    case = center.intake.file(document, site.actor("township", "clerk")).case_no
    return Desk(site, Client(site.served["township"].port), center.tokens.issue("clerk", "clerk"), case)


def test_a_file_is_stored_and_shown(desk: Desk) -> None:
    answer = desk.put("0", PNG, Content_Type="image/png", Upload_Name=urllib.parse.quote("申请 书.png"))
    assert answer.status == 200 and answer.json()["complete"], answer.text
    assert answer.headers["Upload-Offset"] == str(len(PNG))
    assert desk.stored()[0]["size"] == len(PNG) and desk.added() == 1


def test_an_upload_goes_on_where_the_line_broke(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.client.port), 5) as line:
        head = f"PUT {desk.path('1')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.token}\r\nContent-Length: {len(PNG)}\r\n\r\n"
        line.sendall(head.encode() + PNG[: 2 * PIECE + 500])
    for _ in range(200):  # until the node has noticed the break; each turn is a request
        offset = int(desk.head("1").headers["Upload-Offset"])
        if offset >= 2 * PIECE:
            break
    assert 2 * PIECE <= offset <= 2 * PIECE + 500
    again = desk.put("1", PNG[offset:], Upload_Offset=str(offset))
    assert again.status == 200 and again.json()["complete"], again.text


def test_a_file_may_be_sent_in_pieces_that_name_their_offset(desk: Desk) -> None:
    third = len(PNG) // 3
    for start in (0, third):
        piece = desk.put("2", PNG[start : start + third], Upload_Offset=str(start))
        assert (piece.status, piece.json()["complete"], piece.headers["Upload-Offset"]) == (200, False, str(start + third)), (
            piece.text
        )
        assert desk.head("2").headers["Upload-Offset"] == str(start + third) and desk.added() == 0
    over = desk.put("2", PNG[2 * third :] + b"!", Upload_Offset=str(2 * third))
    assert over.json()["error"]["fields"]["content"]["code"] == "wrong_size"
    last = desk.put("2", PNG[2 * third :], Upload_Offset=str(2 * third))
    assert last.status == 200 and last.json()["complete"] and desk.added() == 1, last.text


def test_head_tells_the_declared_length(desk: Desk) -> None:
    answer = desk.head("1")
    assert (answer.status, answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == (200, "0", str(len(PNG)))
    assert desk.client.ask("HEAD", desk.path("1")).status == 401
    assert desk.client.get(desk.path("1"), desk.token).status == 405


def test_whoever_lost_the_reply_is_told_that_all_has_arrived(desk: Desk) -> None:
    desk.put("0", PNG, Content_Type="image/png")
    assert desk.head("0").headers["Upload-Offset"] == str(len(PNG))
    assert desk.put("0", PNG, Content_Type="image/png").status == 200
    assert desk.added() == 1, "the same content again is the same file"


def test_who_lost_the_reply_is_told_also_when_the_case_has_ended(desk: Desk) -> None:
    desk.put("0", PNG)
    desk.site.town.act("township", desk.case, "withdraw", desk.site.actor("township", "clerk"), reason="不办了")
    offset = desk.head("0").headers["Upload-Offset"]
    assert desk.put("0", b"", Upload_Offset=offset, Upload_Length=offset).status == 200
    assert desk.put("0", b"x" + PNG[1:]).status == 409


@pytest.mark.parametrize(
    ("material", "headers", "status", "code"),
    [
        ("0", {}, 422, "invalid_input"),  # not the declared size
        ("0", {"Upload_Offset": "-1"}, 422, "invalid_input"),
        ("0", {"Upload_Offset": "9" * 30}, 422, "invalid_input"),
        ("0", {"Upload_Length": "3"}, 422, "invalid_input"),
        ("0", {"Upload_Length": "50000001"}, 413, "too_large"),
        ("%00", {}, 400, "malformed"),
    ],
)
def test_a_wrong_upload_is_refused(desk: Desk, material: str, headers: dict[str, str], status: int, code: str) -> None:
    answer = desk.put(material, b"abcdef", **headers)
    assert (answer.status, answer.code) == (status, code), answer.text
    assert desk.added() == 0


def test_a_gap_is_refused_and_the_right_offset_told(desk: Desk) -> None:
    answer = desk.put("0", PNG[7:], Upload_Offset="7")
    assert (answer.status, answer.code, answer.headers["Upload-Offset"]) == (409, "guard_failed", "0")


def test_two_clients_send_one_material_at_once(desk: Desk) -> None:
    """Each goes on from the offset it is told; what is kept is exactly what was sent."""
    piece = 200_000

    def send() -> None:
        for _ in range(400):
            offset = int(desk.head("2").headers["Upload-Offset"])
            answer = desk.put("2", PNG[offset : offset + piece], Upload_Offset=str(offset))
            assert answer.status in (200, 409), answer.text
            if answer.status == 200 and answer.json()["complete"]:
                return
        raise AssertionError("it never ends")

    together(send, send)
    assert desk.added() == 1
    kept, _ = desk.site.center("township").materials.read(desk.case, "2", 0, len(PNG) + 1, desk.site.actor("township", "clerk"))
    assert kept == PNG


def test_two_clients_that_begin_with_different_pictures_are_not_mixed(desk: Desk) -> None:
    other = PNG[:100] + PNG[:99:-1]
    told: dict[int, int] = {}

    def send(n: int, data: bytes) -> None:
        told[n] = desk.put("1", data).status

    together(lambda: send(0, PNG), lambda: send(1, other))
    assert set(told.values()) <= {200, 409} and 200 in told.values()
    kept, _ = desk.site.center("township").materials.read(desk.case, "1", 0, len(PNG) + 1, desk.site.actor("township", "clerk"))
    assert kept in [(PNG, other)[n] for n, status in told.items() if status == 200]


def test_who_begins_anew_with_another_picture_takes_over_from_the_sender_that_was_stopped(desk: Desk) -> None:
    center, clerk = desk.site.center("township"), desk.site.actor("township", "clerk")
    other = PNG[:100] + PNG[:99:-1]

    def send(offset: int, data: bytes) -> bool:
        return bool(center.materials.put(desk.case, "1", clerk, offset, data, len(PNG), "1", "image/png")["complete"])

    assert not send(0, PNG[:5000])
    with pytest.raises(TongbanError, match="upload_other"):
        send(0, other)
    center.materials.taken_over(desk.case, "1", clerk)
    assert send(0, other)
    assert center.materials.read(desk.case, "1", 0, len(PNG) + 1, clerk)[0] == other


def test_who_may_not_supply_sends_nothing(desk: Desk) -> None:
    token = desk.site.center("township").tokens.issue("reviewer", "reviewer")
    half = desk.put("0", PNG[:5000], Upload_Offset="0", Upload_Length=str(len(PNG)))
    assert half.status == 200
    for headers in ({"Upload_Offset": "5000"}, {}):
        answer = desk.client.ask("PUT", desk.path("0"), PNG[5000:], token, **headers)
        assert (answer.status, answer.code) == (403, "forbidden")
    missing = desk.client.ask("PUT", "/api/v1/cases/none/materials/0", PNG, token)
    assert (missing.status, missing.code) == (403, "forbidden"), "role before existence"
    assert desk.put("0", PNG[5000:], Upload_Offset="5000").json()["complete"], "the clerk's upload goes on untouched"


def test_empty_and_too_large_files(desk: Desk) -> None:
    assert desk.put("0", b"").json()["error"]["fields"]["content"]["code"] == "empty"
    assert desk.client.ask("PUT", desk.path("0"), b"x", "wrong").status == 401
    with socket.create_connection(("127.0.0.1", desk.client.port), 5) as line:  # told before a byte is sent
        line.sendall(
            f"PUT {desk.path('0')} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: Bearer {desk.token}\r\n".encode()
            + b"Content-Length: 50000001\r\n\r\n"
        )
        assert b" 413 " in line.recv(4000)


def test_a_chunked_upload_is_measured_by_what_was_declared(desk: Desk) -> None:
    def send(pieces: list[bytes], **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", desk.client.port, timeout=20)
        found = {"Authorization": f"Bearer {desk.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request("PUT", desk.path("0"), iter(pieces), found, encode_chunked=True)
        status = connection.getresponse().status
        connection.close()
        return status

    assert send([PNG[:1000], PNG[1000:-1]]) == 200 and desk.added() == 0, "all but a byte: kept, not complete"
    assert desk.head("0").headers["Upload-Offset"] == str(len(PNG) - 1)
    assert send([PNG[-1:]], Upload_Offset=str(len(PNG) - 1)) == 200 and desk.added() == 1


def test_content_after_the_case_left_is_a_request(site: Site) -> None:
    town, center = site.town, site.center("village")
    document = town.application("village")
    case = center.intake.file(document, site.actor("village", "agent")).case_no
    town.do("village", case, "hand_over")
    site.heal()
    size = document["attachments"][0]["size"]
    client, token = Client(site.served["village"].port), center.tokens.issue("agent", "agent")
    body = b"%PDF-1.7\n" + b"x" * (size - 9)
    answer = client.ask("PUT", f"/api/v1/cases/{case}/materials/0", body, token, Content_Type="application/pdf")
    assert answer.status == 202, answer.text
    site.heal()


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
