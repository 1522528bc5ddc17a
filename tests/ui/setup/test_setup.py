"""The first run: real pages, a real directory, a real parent. What goes wrong is said in plain words and can be tried again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_ui.settings import UiSettings
from edge_ui.web.setup.application import SetupApplication
from node.app import SystemClock, assemble
from node.running.wizard import Wizard
from node.services.upkeep.backup import backup
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client, Served

PASSWORD = "a good password"


class Fresh:
    """A directory without a node, its wizard and a browser that has given the code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wizard: Wizard
        self.served = Served(self._app)
        self.client = Client(self.served.port)

    def _app(self):
        self.wizard = Wizard(self.folder, "127.0.0.1:8800", "127.0.0.1:8801")
        return SetupApplication(self.wizard, UiSettings(cookie_secret="x" * 32))

    def enter(self) -> Client:
        assert self.client.get(f"/setup/code?code={self.wizard.code}").status == 303
        return self.client

    def upload(self, data: bytes) -> Answer:
        page = self.client.get("/setup/restore").text
        token = page.split('name="_xsrf" value="')[1].split('"')[0]
        parts = [
            f'--bound\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n{token}\r\n'.encode(),
            b'--bound\r\nContent-Disposition: form-data; name="backup"; filename="b.zip"\r\nContent-Type: application/zip\r\n\r\n',
            data, b"\r\n--bound--\r\n",
        ]  # fmt: skip
        return self.client.ask("POST", "/setup/upload", b"".join(parts), Content_Type="multipart/form-data; boundary=bound")

    def center(self):
        return assemble(self.folder, SystemClock(), threaded=False)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    made = Fresh(tmp_path / "node")
    yield made
    made.served.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A network whose clock shows the time of now, because a newcomer brings the machine's own."""
    made = Site(tmp_path_factory.mktemp("parent"))
    made.town.world.time = int(time.time() * 1000)
    yield made
    made.close()


def test_every_page_in_both_languages_needs_the_code(fresh: Fresh) -> None:
    paths = ("/setup", "/setup/city", "/setup/city?q=4201", "/setup/join", "/setup/restore")
    for path in paths:
        assert fresh.client.get(path).headers["Location"] == "/setup/code"
    assert fresh.client.get("/").headers["Location"] == "/setup/code"
    wrong = fresh.client.form("/setup/code", "/setup/code", code="00000000")
    assert wrong.status == 403
    check_page(wrong.text)
    client = fresh.enter()
    for lang in ("zh", "en"):
        for path in (*paths, "/setup/code"):
            answer = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
            assert answer.status == 200
            check_page(answer.text)


def test_guessing_the_code_is_slowed_down(fresh: Fresh) -> None:
    statuses = [fresh.client.form("/setup/code", "/setup/code", code=str(n)).status for n in range(12)]
    assert statuses[0] == 403 and statuses[-1] == 429


def test_a_new_city_is_found_named_and_made(fresh: Fresh) -> None:
    client = fresh.enter()
    found = client.get("/setup/city?q=%E6%AD%A6%E6%B1%89").text
    assert "code=420100000000" in found
    wrong = client.form("/setup/city", "/setup/city", code="42", name="", password="short", again="short")
    assert wrong.status == 422 and "short" not in wrong.text and 'value="42"' in wrong.text
    check_page(wrong.text)
    wrong = client.form("/setup/city", "/setup/city", code="42", name="", password=PASSWORD, again=PASSWORD)
    assert wrong.status == 422 and "不能为空白" in wrong.text
    done = client.form(
        "/setup/city",
        "/setup/city",
        code="420100000000",
        name="武汉市政务服务中心",
        password=PASSWORD,
        again=PASSWORD,
    )
    assert (done.status, done.headers["Location"]) == (303, "/setup/ready")
    ready = client.get("/setup/ready")
    check_page(ready.text)
    assert "武汉市政务服务中心" in ready.text and "admin" in ready.text
    assert "2024—2026" in ready.text and "3702" in ready.text
    center = fresh.center()
    try:
        assert center.staff.login("admin", PASSWORD).role == "admin"
        assert center.catalog.calendar().known and center.upkeep.status()["calendar"]["known_until"] == "2026-12-31"
        assert len(center.catalog.divisions()) > 3000 and not center.catalog.documents()  # the catalog only when it was asked for
    finally:
        center.store.close()
    assert client.get("/setup").headers["Location"] == "/setup/ready"


def test_joining_says_in_plain_words_what_is_wrong_and_then_works(fresh: Fresh, site: Site) -> None:
    client, parent = fresh.enter(), site.center("city")
    address = f"127.0.0.1:{site.served['city'].port}"
    code = parent.tree.invite("420103000000", "江汉区", "district", (address,), "127.0.0.1:9")

    def tried(join_code: str) -> Answer:
        return client.form("/setup/join", "/setup/join", join_code=join_code, password=PASSWORD, again=PASSWORD)

    mistyped = tried(code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert mistyped.status == 422 and "抄错" in mistyped.text and code[:20] in mistyped.text
    check_page(mistyped.text)
    nowhere = parent.tree.invite("420104000000", "硚口区", "district", ("127.0.0.1:1",), "127.0.0.1:9")
    assert "连不上上级节点" in tried(nowhere).text
    old = parent.tree.invite("420105000000", "汉阳区", "district", (address,), "127.0.0.1:9", valid_days=-1)
    assert "已过期" in tried(old).text
    assert tried(code).headers["Location"] == "/setup/ready"
    assert any(one["name"] == "江汉区" for one in parent.administration.nodes(site.actor("city", "admin"))["children"])


def test_a_used_code_is_said_to_be_used(fresh: Fresh, site: Site, tmp_path: Path) -> None:
    parent = site.center("city")
    address = f"127.0.0.1:{site.served['city'].port}"
    code = parent.tree.invite("420106000000", "武昌区", "district", (address,), "127.0.0.1:9")
    Wizard(tmp_path / "first", "127.0.0.1:8800", "127.0.0.1:8801").join(code, PASSWORD, PASSWORD)
    answer = fresh.enter().form("/setup/join", "/setup/join", join_code=code, password=PASSWORD, again=PASSWORD)
    assert "已经用过" in answer.text


def test_a_backup_is_restored_by_upload_or_path(fresh: Fresh, site: Site, tmp_path: Path) -> None:
    client = fresh.enter()
    made = tmp_path / "backup.zip"
    backup(site.center("township").store, made)
    broken = fresh.upload(b"PK no backup")
    assert broken.status == 422 and "损坏" in broken.text
    check_page(broken.text)
    assert "没有这个文件" in client.form("/setup/restore", "/setup/restore", path=str(tmp_path / "none.zip")).text
    assert client.ask("POST", "/setup/upload", b"x", Content_Type="multipart/form-data; boundary=b").status == 400
    done = fresh.upload(made.read_bytes())
    assert (done.status, done.headers["Location"]) == (303, "/setup/ready"), done.text
    center = fresh.center()
    try:
        assert center.place.code == site.center("township").place.code
    finally:
        center.store.close()
    second = Fresh(tmp_path / "second")
    try:
        answer = second.enter().form("/setup/restore", "/setup/restore", path=str(made))
        assert answer.headers["Location"] == "/setup/ready"
    finally:
        second.served.stop()


def test_nobody_uploads_without_the_code(fresh: Fresh) -> None:
    assert fresh.client.ask("POST", "/setup/upload", b"x" * 5000, Content_Type="multipart/form-data; boundary=b").status in (
        403,
        303,
    )
    assert not fresh.folder.exists()
