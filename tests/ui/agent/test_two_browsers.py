"""The same photographs from two browsers at the same moment, to one draft: every file is whole and is what was sent."""

from __future__ import annotations

import random
import secrets
import threading
import urllib.parse
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.ui.agent.test_agent_pages import TYPED, begin, token
from tests.ui.real import Site
from tests.ui.wire import Client

PIECE = 20_000
FILES = 12


def photograph(n: int, size: int = 5 * PIECE + 7) -> bytes:
    return b"\xff\xd8\xff\xe0" + random.Random(n).randbytes(size)


class Browser:
    """Sends as the page's script does: announce, then piece by piece from the offset that the node tells."""

    def __init__(self, client: Client, draft: str) -> None:
        self.client, self.draft = client, draft
        self.xsrf = token(client, f"/drafts/{draft}")

    def announce(self, data: bytes, key: str) -> dict[str, Any]:
        form = {"_xsrf": self.xsrf, "key": key, "name": "IMG.jpg", "size": str(len(data)), "material": ""}
        kind = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode(form).encode()
        answer = self.client.ask("POST", f"/drafts/{self.draft}/files", body, Content_Type=kind, X_Upload="1")
        assert answer.status == 200, answer.text
        return dict(answer.json())

    def put(self, id: str, offset: int, piece: bytes) -> Any:
        where = f"/drafts/{self.draft}/files/{id}"
        return self.client.ask("PUT", where, piece, X_Upload="1", X_Xsrftoken=self.xsrf, Upload_Offset=str(offset))

    def send(self, data: bytes, key: str) -> dict[str, Any]:
        made = self.announce(data, key)
        while not made["whole"]:
            answer = self.put(made["id"], made["offset"], data[made["offset"] : made["offset"] + PIECE])
            assert answer.status == 200, answer.text
            made = answer.json()
        return made


def together(*works: Callable[[], None]) -> None:
    """Run at the same moment in threads of their own; the first failure is the test's."""
    start, failures = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        start.wait(20)
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


@pytest.mark.parametrize("second", ["", "agent 钱芳"], ids=["one person", "two persons"])
def test_two_browsers_send_the_same_photographs(site: Site, second: str) -> None:
    clients = [site.client("village", "agent"), site.client("village", "agent", second)]
    draft = begin(clients[0])
    sent = {n: photograph(n) for n in range(FILES)}
    told: list[tuple[str, int]] = []

    def browse(client: Client) -> None:
        browser = Browser(client, draft)
        for n, data in sent.items():
            told.append((browser.send(data, f"photo-{n}")["id"], n))

    together(*(lambda client=client: browse(client) for client in clients))
    assert len(told) == 2 * FILES
    for id, n in told:
        assert clients[0].get(f"/drafts/{draft}/files/{id}").body == sent[n], f"file {n} is damaged and was told whole"


def test_another_photograph_under_the_same_name_is_not_mixed_in(site: Site) -> None:
    """Two cameras count alike: the same name, size and time of another picture."""
    client = site.client("village", "agent")
    browser = Browser(client, begin(client))
    first, other = photograph(1), photograph(2)
    made = browser.announce(first, "IMG_0001")
    browser.put(made["id"], 0, first[:PIECE])
    mixed = browser.put(made["id"], 0, other[:PIECE])
    assert (mixed.status, mixed.json()["error"]["code"]) == (409, "upload_other")
    again = browser.put(made["id"], 0, first[:PIECE])
    assert again.json()["offset"] == PIECE, "the same bytes again: where to go on"
    assert browser.send(first, "IMG_0001")["whole"]
    assert client.get(f"/drafts/{browser.draft}/files/{made['id']}").body == first
    assert browser.put(made["id"], 0, other[:PIECE]).status == 409, "not told whole of what was never sent"


def test_a_photograph_belongs_to_who_sends_it(site: Site) -> None:
    one, two = site.client("village", "agent"), site.client("village", "agent", "agent 钱芳")
    draft = begin(one)
    mine, theirs = Browser(one, draft), Browser(two, draft)
    data = photograph(3)
    made = mine.announce(data, "k")
    mine.put(made["id"], 0, data[:PIECE])
    refused = theirs.put(made["id"], PIECE, data[PIECE : 2 * PIECE])
    assert (refused.status, refused.json()["error"]["code"]) == (409, "upload_taken")
    assert theirs.announce(data, "k")["id"] != made["id"], "the colleague's copy is a file of its own"
    assert mine.send(data, "k")["whole"]


def test_two_lodge_one_draft_while_a_third_still_sends(site: Site) -> None:
    """One case, one number; what is told whole is in the case or still in the draft."""
    clients = [site.client("village", "agent"), site.client("village", "agent", "agent 钱芳")]
    draft = begin(clients[0])
    center, actor = site.center("village"), site.actor("village", "agent")
    center.drafts.save(draft, TYPED, actor)
    for row in center.drafts.draft(draft, actor)["checklist"]:
        if row["required"]:
            data = photograph(len(row["name"]))
            made = center.drafts.add_file(draft, secrets.token_hex(4), "a.jpg", len(data), row["name"], actor)
            center.drafts.put_file(draft, made["id"], 0, data, actor)
    sender = Browser(site.client("village", "agent"), draft)
    tokens = {client: token(client, f"/drafts/{draft}") for client in clients}

    def lodge(client: Client) -> None:
        xsrf = tokens[client]  # taken before: once the draft is lodged its page leads elsewhere and has none

        def post(where: str, **fields: str) -> int:
            body = urllib.parse.urlencode({"_xsrf": xsrf, **fields}).encode()
            return client.ask("POST", where, body, Content_Type="application/x-www-form-urlencoded").status

        for _ in range(100):
            status = post(f"/drafts/{draft}/lodge", **TYPED)
            if status == 303:
                return
            assert status in (404, 409, 422), status
            for one in center.drafts.draft(draft, actor)["files"]:
                if one["whole"] and not one["material"]:
                    post(f"/drafts/{draft}/files/{one['id']}")

    def send() -> None:
        with suppress(AssertionError):  # refused: the draft was lodged meanwhile
            sender.send(photograph(77), "late")

    together(lambda: lodge(clients[0]), lambda: lodge(clients[1]), send)
    found = center.drafts.draft(draft, actor)
    assert found["state"] == "lodged"
    numbers = {row["case_no"] for row in center.cases.listed(actor, limit=200)["cases"] if row["case_no"] == found["case_no"]}
    case = center.cases.case(found["case_no"], actor)
    assert len(numbers) == 1 and {row["state"] for row in case["materials"] if row["size"]} == {"here"}
