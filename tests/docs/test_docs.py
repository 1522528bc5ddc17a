"""Whatever people can set, call or meet is documented, and the committed pages say what the code says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from node.domain.words.errors import FIELD_ERRORS
from node.domain.words.refusals import ERRORS
from node.machine import config
from scripts import make_docs

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(make_docs.PAGES))
def test_the_committed_page_is_what_the_code_says(name: str) -> None:
    path = ROOT / name
    assert path.exists(), "run scripts/make_docs.py"
    assert path.read_text(encoding="utf-8") == make_docs.PAGES[name](), "run scripts/make_docs.py"


@pytest.mark.parametrize(
    ("path", "command"), list(make_docs.commands()), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_and_parameter_says_what_it_does(path: tuple[str, ...], command) -> None:
    assert command.help and command.help.strip().endswith((".", ")"))
    undescribed = [p.name for p in command.params if p.name != "help" and not getattr(p, "hidden", False) and not p.help]
    assert not undescribed


NESTED = {"notices.smtp", "notices.sms"}  # sections of their own


def test_every_config_key_says_what_it_does() -> None:
    for name, values in config.sections(config.Config()):
        assert values.__doc__
        for one in dataclasses.fields(values):
            assert f"{name}.{one.name}" in NESTED or len(one.metadata["about"]) > 10, one.name


def test_every_error_has_both_languages_and_a_fitting_status() -> None:
    for code, kind in ERRORS.items():
        assert kind.zh and kind.en, code
        assert kind.zh != kind.en
        assert 400 <= kind.status < 600
    for code, (zh, en) in FIELD_ERRORS.items():
        assert zh and en and zh != en, code


def test_every_command_of_the_contract_is_there() -> None:
    wanted = """
        demo; init; invite; join; run; status; token; catalog import; catalog list; case file; case list; case show; case release;
        verify; backup; restore; due; revoke; rotate-key; renew; bundle export; bundle import; check-id; calendar import;
        divisions import; staff add; staff list
    """
    have = {" ".join(path[1:]) for path, _ in make_docs.commands()}
    assert {" ".join(one.split()) for one in wanted.split(";")} <= have
