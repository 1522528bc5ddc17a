"""The rules of refusals in English: every sentence of the modules that decide has one, and none is left half translated."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.domain.words.rule_words import SENTENCES, in_english

NODE = Path(__file__).resolve().parents[2] / "node"
DECIDING = (
    "domain/cases/access", "domain/cases/commands", "domain/cases/decisions", "domain/cases/decisions_custody", "domain/cases/guards",
    "services/catalog/catalog", "services/center", "services/filing/drafts", "services/catalog/editing", "services/catalog/editor",
    "services/papers/sources", "services/papers/papers", "services/people/people", "services/tree/recovery",
    "services/cases/workbench",
)  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def sentences(module: str) -> list[str]:
    """The Chinese strings of a module that are whole sentences."""
    tree = ast.parse((NODE / f"{module}.py").read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in inside | documents]
    return [one.value for one in found if isinstance(one.value, str) and len(one.value) > 4 and CHINESE.search(one.value)]


@pytest.mark.parametrize("module", DECIDING)
def test_every_rule_has_english_words(module: str) -> None:
    assert [text for text in sentences(module) if CHINESE.search(in_english(text))] == []


def test_no_words_for_rules_that_are_gone() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in NODE.rglob("*.py") if path.name != "rule_words.py")
    assert [text for text in SENTENCES if text not in sources] == []


@pytest.mark.parametrize(
    ("rule", "english"),
    [
        ("第20行:不是即办件(行政许可法第三十四条)", "row 20: not an item that is decided at once (Administrative Licensing Law 34)"),
        ("第12行,只能在“已收件、待补正”时办理", "row 12: only while received, awaiting correction"),
        ("须由窗口人员、承办人办理", "done by: window clerk, examiner"),
        ("“初审”须由承办人办理", "“初审” is done by: examiner"),
        ("请求“撤回申请”须由窗口人员提出", "asked for by: window clerk"),
        ("本节点没有可办理办件的“系统管理员”岗位", "administrator: no post at this node that handles cases"),
        ("缺少必需材料:申请表", "a required material is missing: 申请表"),
        ("延期为 1 至 10 个工作日", "an extension is 1 to 10 working days"),
        ("超出代办委托的权限(委托书未授权撤回)", "outside the agent's mandate"),
        ("本级有权决定,不必上报(行政许可法第三十五条、第四十三条)", "this tier decides itself: nothing to refer"
         " (Administrative Licensing Law 35, 43)"),
        ("补正只能一次性告知(行政许可法第三十二条第一款第四项)", "corrections are asked for once only (Administrative Licensing Law 32-1-4)"),
        ("Upload-Offset", "Upload-Offset"),
    ],
)  # fmt: skip
def test_a_rule_with_its_row_law_and_words(rule: str, english: str) -> None:
    assert in_english(rule) == english


def test_a_refusal_is_in_one_language() -> None:
    refused = TongbanError(
        "illegal_action", status="approved", status_zh="准予", action="decide", action_zh="decide", rule="流程表没有这一操作"
    )
    assert refused.as_document()["message_en"] == "decide is not allowed in state approved: no such action"
    assert "流程表没有这一操作" in refused.as_document()["message"]
    both = TongbanError("bad_backup", reason="不是备份文件", reason_en="not a backup")
    assert (both.sentence("zh")[-6:], both.sentence("en")[-12:]) == ("不是备份文件", "not a backup")
