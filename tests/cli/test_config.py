"""config.toml: every mistake is one sentence, and what is written is what is read."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.machine import config

ROOT = Path(__file__).resolve().parents[2]

MISTAKES = [
    ("[web]\nadress = '127.0.0.1:1'", "unknown key adress in [web]"),
    ("[wep]\naddress = ''", "unknown section [wep]"),
    ("web = 3", "web must be a section"),
    ("[web]\naddress = 8800", "web.address must be text"),
    ("[web]\naddress = '8800'", "is not HOST:PORT"),
    ("[web]\naddress = 'localhost:99999'", "is not HOST:PORT"),
    ("[web]\naddress = 'localhost:８８'", "is not HOST:PORT"),
    ("[web]\nbehind_proxy = 1", "web.behind_proxy must be true or false"),
    ("[link]\nbatch = true", "link.batch must be a whole number"),
    ("[link]\nbatch = 0", "link.batch must be between 1 and 1000"),
    ("[log]\nlevel = 'loud'", "log.level must be one of"),
    *(
        (f"[web]\npublic_url = {one!r}", "is not https://HOST")
        for one in (
            "zw.example.cn",
            "https://",
            "ftp://a.cn",
            "https://a.cn/x",
            "https://u@a.cn",
            "https://a.cn:x",
            "https://[a",
            "https://a b.cn",
        )
    ),
    ("[web\n", "config.toml:"),
    ("[web]\n[web]\n", "config.toml:"),
]


@pytest.mark.parametrize(("text", "reason"), MISTAKES)
def test_a_mistake_is_one_sentence_that_names_it(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TongbanError) as caught:
        config.load_dir(tmp_path)
    assert caught.value.code == "bad_config"
    assert reason in caught.value.sentence("en")


def test_not_utf8_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(TongbanError) as caught:
        config.load_dir(tmp_path)
    assert caught.value.code == "not_a_node"
    (tmp_path / "config.toml").write_bytes("[web]\n# 城市".encode("gbk"))
    with pytest.raises(TongbanError) as caught:
        config.load_dir(tmp_path)
    assert "UTF-8" in caught.value.sentence("en")


def test_an_empty_file_is_the_defaults_and_a_bom_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf")
    assert config.load_dir(tmp_path) == config.Config()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = config.write_default(tmp_path, web="0.0.0.0:80", grpc="[::1]:81", parent="上级.example:82")
    assert config.load_dir(tmp_path) == written
    odd = dataclasses.replace(written, web=dataclasses.replace(written.web, certificate='C:\\证书 "1"\t.pem'))
    config.write(tmp_path, odd)
    assert config.load_dir(tmp_path) == odd
    if sys.platform != "win32":
        assert os.stat(tmp_path / "config.toml").st_mode & 0o777 == 0o600


def test_a_bad_config_is_never_written(tmp_path: Path) -> None:
    written = config.write_default(tmp_path)
    with pytest.raises(TongbanError):
        config.write(tmp_path, config.with_addresses(written, web="nowhere"))
    assert config.load_dir(tmp_path) == written


@pytest.mark.parametrize("tier", ["city", "district", "township", "village"])
def test_the_example_of_each_tier_is_valid_and_complete(tier: str) -> None:
    path = ROOT / "configs" / "examples" / f"{tier}.toml"
    read = config.load(path)
    assert config.to_toml(read) == path.read_text(encoding="utf-8").partition("\n")[2]
    assert bool(read.parent.address) == (tier != "city")
    assert bool(read.grpc.address) == (tier != "village")
