"""`tongban notices`: what waits, a test message, try now, the texts; at a node that runs and at one that does not."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sqlite3
from pathlib import Path

import pytest

from node.machine import config
from node.store import outbox
from tests.cli.conftest import Run, document
from tests.cli.test_messages import ZH, told
from tests.cli.test_nodes import running
from tests.support.gateways import SmsGateway, closed_port
from tests.support.gateways import running as open_gateway

PHONE = "13912345678"


def with_sms(folder: Path, url: str) -> None:
    sms = config.SmsSection(url=url, timeout_s=1)
    config.write(folder, dataclasses.replace(config.load_dir(folder), notices=config.NoticesSection(sms=sms)))


def add_notices(folder: Path, *rows: tuple[str, str]) -> None:
    """Rows (event, state) of a case that is not there: what became of them is in no entry, so no test can file them."""
    with contextlib.closing(sqlite3.connect(folder / "node.db")) as database, database:
        for event, state in rows:
            outbox.add(database, ("C-1", event, event, "applicant", "sms"), state, 1, 1)


def test_without_a_channel_every_command_says_so(tongban: Run, city: Path) -> None:
    shown = tongban("notices", "show", city, **ZH)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert shown.stderr.startswith("本单位没有配置短信或邮件通道") and "[notices.sms]" in shown.stderr
    assert document(tongban("notices", "show", city, "--json"))["channels"] == []
    said = told(tongban, "notices", "test", city, "sms", PHONE, **ZH)
    assert said == "没有配置这个通道：请在 config.toml 的 [notices.sms] 中配置后重新启动"
    assert told(tongban, "notices", "test", city, "smtp", "a@b.cn").startswith(
        "this channel is not configured: set [notices.smtp]"
    )
    assert tongban("notices", "retry", city).stdout == "rows\t0\n"


@pytest.mark.parametrize("runs", [False, True], ids=["stopped", "running"])
def test_a_test_message_and_try_now(tongban: Run, city: Path, runs: bool) -> None:
    """The same answers from a node that runs and from one that does not."""
    with open_gateway(SmsGateway()) as gateway:
        with_sms(city, gateway.url)
        add_notices(city, ("ready", "failed"), ("accepted", "sent"), ("received", "waiting"))
        if runs:
            with running(city):
                asked(tongban, city, gateway)
        else:
            asked(tongban, city, gateway)


def asked(tongban: Run, city: Path, gateway: SmsGateway) -> None:
    sent = tongban("notices", "test", city, "sms", "139 1234 5678")
    assert (sent.returncode, sent.stdout) == (0, "sms\tsent\t\n")
    assert gateway.taken[0]["phone"] == PHONE and "测试消息" in gateway.texts[0]
    gateway.answers = ["500"]
    refused = tongban("notices", "test", city, "sms", PHONE, "--json")
    assert refused.returncode == 1 and '"error": "http_500"' in refused.stdout
    for wrong in ("12", "x@example.cn"):
        assert "手机号码" in told(tongban, "notices", "test", city, "sms", wrong, **ZH)
    rows = document(tongban("notices", "show", city, "--json"))
    ids = {row["event"]: row["id"] for row in rows["notices"]}
    assert document(tongban("notices", "retry", city, ids["ready"], "--json")) == {"rows": 1}
    assert told(tongban, "notices", "retry", city, ids["accepted"], **ZH) == "这条通知已经发出或者情况已经变化，不再发送"
    assert told(tongban, "notices", "retry", city, "999", **ZH) == "没有找到：通知"
    for wrong in ("0", "x"):
        assert tongban("notices", "retry", city, wrong).returncode == 2
    plain = tongban("notices", "show", city).stdout
    assert "channel\tsms\t" in plain and f"{ids['accepted']}\tC-1\taccepted\tsms\tsent\t" in plain and PHONE not in plain


def test_a_gateway_that_is_closed_is_named(tongban: Run, city: Path) -> None:
    with_sms(city, f"http://127.0.0.1:{closed_port()}/")
    done = tongban("notices", "test", city, "sms", PHONE)
    assert (done.returncode, done.stdout) == (1, "sms\ttrouble\trefused\n")


def test_texts_are_published_and_bad_ones_are_not(tongban: Run, city: Path, tmp_path: Path) -> None:
    file = tmp_path / "texts.toml"
    for content, said in (
        (b'kind = "notices"\n[texts]\nready = "{case_no} {query_code}"\nmoods = "x"\n', ["第 3 行 ready", "第 4 行 moods"]),
        (b"\xff\xfe", ["UTF-8"]),
        (b"[texts\n", ["第 1 行"]),
        (b'kind = "limits"\n', ["第 1 行 kind"]),
    ):
        file.write_bytes(content)
        done = tongban("notices", "import", city, file, **ZH)
        assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("导入失败，没有写入任何内容"), content
        assert all(one in done.stderr for one in said), done.stderr
    assert str(tmp_path / "none") in told(tongban, "notices", "import", city, tmp_path / "none")
    file.write_text('kind = "notices"\n[texts]\nready = "{surname}您好，可以来取“{item}”了"\n', encoding="utf-8")
    for changed in (True, False):
        assert document(tongban("notices", "import", city, file, "--json"))["changed"] is changed
    file.write_text('kind = "notices"\n', encoding="utf-8")
    assert "--replace" in tongban("notices", "import", city, file).stderr
    assert document(tongban("notices", "import", city, file, "--replace", "--json"))["removed"] == 1


@pytest.mark.skipif(os.name == "nt", reason="a folder of Linux")
def test_what_is_no_node_is_named(tongban: Run, tmp_path: Path) -> None:
    assert told(tongban, "notices", "show", tmp_path / "none", **ZH).endswith("不是通办节点目录")
