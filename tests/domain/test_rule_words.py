"""The rules of refusals in English: every sentence of the modules that decide has one, and none is left half translated."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from node.domain.cases.access import TABLE, has, require
from node.domain.model import Role
from node.domain.words.errors import TongbanError
from node.domain.words.rule_words import SENTENCES, in_english

pytestmark = pytest.mark.xdist_group("sources")  # they are read once
NODE = Path(__file__).resolve().parents[2] / "node"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@cache
def sources() -> dict[str, str]:
    return {path.relative_to(NODE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(NODE.rglob("*.py"))}


def rules_of(name: str, source: str) -> set[str]:
    """The Chinese sentences with which a module refuses: what it says as `rule=`, and what its guards answer.

    A guard is a function of `domain/cases` that answers with text, or what a function that makes a `Guard` is called with.
    A constant counts where it is named there."""
    tree = ast.parse(source)
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    said: list[ast.AST] = [word.value for call in calls for word in call.keywords if word.arg == "rule"]
    if name.startswith("domain/cases/"):
        said += _answers(tree) + [text for call in calls if ast.unparse(call.func) in makers() for text in call.args]
    parts = [part for one in said for part in ast.walk(one)]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    given = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and names & {ast.unparse(to) for to in one.targets}]
    parts += [part for one in given for part in ast.walk(one.value)]
    inside = {id(piece) for part in parts if isinstance(part, ast.JoinedStr) for piece in ast.walk(part)}
    found = [part.value for part in parts if isinstance(part, ast.Constant) and id(part) not in inside]
    return {text for text in found if isinstance(text, str) and len(text) > 4 and CHINESE.search(text)}


def _answers(tree: ast.Module) -> list[ast.AST]:
    guards = [
        one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.returns and ast.unparse(one.returns) == "str"
    ]
    return [part.value for guard in guards for part in ast.walk(guard) if isinstance(part, ast.Return) and part.value is not None]


@cache
def makers() -> set[str]:
    trees = [ast.parse(source) for name, source in sources().items() if name.startswith("domain/cases/")]
    made = [one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.returns]
    return {one.name for one in made if one.returns and ast.unparse(one.returns) == "Guard"}


@cache
def rules() -> dict[str, set[str]]:
    return {name: found for name, source in sources().items() if (found := rules_of(name, source))}


def test_the_rules_are_found() -> None:
    """Nobody lists the modules that refuse, so a few of each kind show that looking for them works."""
    assert {
        "domain/cases/access.py",
        "domain/cases/acts/steps.py",
        "services/catalog/editor.py",
        "services/catalog/catalog.py",
    } <= set(rules())
    assert {"只在村级代办站办理", "五个工作日未满", "草稿正在提交、已提交或已删除"} <= set().union(*rules().values())


def test_every_rule_has_english_words() -> None:
    assert [(name, text) for name, found in rules().items() for text in sorted(found) if CHINESE.search(in_english(text))] == []


def test_no_words_for_rules_that_are_gone() -> None:
    said = "".join(text for name, text in sources().items() if not name.endswith("rule_words.py"))
    assert [text for text in SENTENCES if text not in said] == []


@pytest.mark.parametrize(
    ("rule", "english"),
    [
        ("不是即办件（《行政许可法》第三十四条）", "not an item that is decided at once (Administrative Licensing Law 34)"),
        ("只能在“已收件、待补正”时办理", "only while received, awaiting correction"),
        ("须由窗口人员、承办人办理", "done by: window clerk, examiner"),
        ("“初审”须由承办人办理", "“初审” is done by: examiner"),
        ("请求“撤回申请”须由窗口人员提出", "asked for by: window clerk"),
        ("本站没有可办理办件的“系统管理员”岗位", "administrator: no post at this node that handles cases"),
        ("缺少必需材料：申请表", "a required material is missing: 申请表"),
        ("延期为 1 至 10 个工作日", "an extension is 1 to 10 working days"),
        ("超出代办委托的权限（委托书未授权撤回）", "outside the agent's mandate"),
        ("本级有权决定，不必上报（《行政许可法》第三十五条、第四十三条）", "this tier decides itself: nothing to refer"
         " (Administrative Licensing Law 35, 43)"),
        ("补正只能一次性告知（《行政许可法》第三十二条第一款第四项）", "corrections are asked for once only (Administrative Licensing Law 32-1-4)"),
        ("Upload-Offset", "Upload-Offset"),
    ],
)  # fmt: skip
def test_a_rule_with_its_law_and_words(rule: str, english: str) -> None:
    assert in_english(rule) == english


def test_a_refusal_is_in_one_language() -> None:
    refused = TongbanError(
        "illegal_action", status="approved", status_zh="准予", action="decide", action_zh="decide", rule="流程表没有这一操作"
    )
    assert refused.as_document()["message_en"] == "decide is not allowed in state approved: no such action"
    assert "流程表没有这一操作" in refused.as_document()["message"]
    both = TongbanError("bad_backup", reason="不是备份文件", reason_en="not a backup")
    assert (both.sentence("zh")[-6:], both.sentence("en")[-12:]) == ("不是备份文件", "not a backup")


@pytest.mark.parametrize("tier", ["village", "city"])
def test_whoever_may_not_use_a_function_reads_why_in_one_language(tier: str) -> None:
    for function in TABLE:
        role = next(one for one in Role if not has(function, tier, one))
        with pytest.raises(TongbanError) as refused:
            require(function, tier, role)
        assert not CHINESE.search(str(refused.value.as_document()["message_en"]))
