"""One thing has one name: the words that people of the trade do not use stand nowhere in what they read, and each better one is there."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from node.domain.words.terms import BY_GROUP

pytestmark = pytest.mark.xdist_group("sources")  # they are read once
ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile("[\u4e00-\u9fff]")
# what nobody says any more (a pattern) and what is said instead
GONE = {
    "代办点": "代办站", "不需办理": "不受理（依法无需办理）", "已被取代": "已撤销重办", "移交途中": "待签收，在途",
    "撤销本步": "撤回本步操作",
    "请求退回": "追回申请", "完成环节": "提交审查意见", "已发出移交": "已移交，待接收", "接收（系统）": "系统已接收",
    "上级指定保管": "上级已指定办理单位",
    "已补充材料": "已上传材料", "已设急办": "已列为急办", "解除冻结": "核对放行", "分支时限": "征求意见时限", "断网": "线路中断",
    "结果送回": "结果回传", "对接系统": "部门业务系统", "现场[踏勘]勘|现场踏勘|现场勘验": "现场核查",
    "保管节点|收件节点": "现办理单位，收件单位",
    "[^主]任保管|保管该?件|它保管|保管过": "办理", r"第 ?\{?\w+\}? ?任": "第{n}次移交", "请求保管|请保管": "提请…办理", "该我办": "待办",
    "等同事": "本单位他人在办", "等申请人补正": "待补正", "新收一件|新办": "收件登记", "停留自": "到达本环节时间",
    "(?<!《)行政许可法办": "《行政许可法》",
    "参照行政许可法": "参照《行政许可法》", "答复是否受理": "作出受理、补正告知或者不予受理", "收存": "收件，签收", "内容待传": "待上传",
    "材料还没有内容": "材料未上传", "路上停着": "在途滞留", "正在上面办理": "上级办理中", "上级收下|收下": "接收", "提交收件": "确认收件",
    "见证人代签": "捺印（两名见证人签名）", "（自述）": "申请人自报", "申请号": "外部申请编号", "渠道": "申请方式",
    "按时率": "按期办结率", "含草稿": "登记数",
    "统计什么": "统计指标", "三天无记录": "三日无上报", "吊销": "注销", "口令(?!牌)": "操作密码，密码", "副本": "查阅件",
    "撤掉": "放弃，取消",
    "决定层级": "行使层级", "凭条": "收件凭证", "(?<!登记)(?<!备案)(?<!本)回执(?!\"?$)": "收件凭证",
    "(?<!办结)(法定|承诺)时限": "法定办结时限，承诺办结时限",
    r"\{(name|by|unit|office|column)\} 的": "没有空格", "。；": "；",
}  # fmt: skip
LABELS = {
    "打开",
    "已打开",
    "逾期",
    "网络",
    "在别处",
    "新到的",
    "断网",
    "渠道",
    "副本",
    "保管",
    "准予",
    "准予许可",
    "接收（系统）",
}
PAGES_OF_PEOPLE = ("hall", "agent", "public", "papers", "people")
PEOPLES_OWN = ("configs/words", "configs/catalog", "configs/divisions", "configs/calendar", "configs/examples")


def strings(path: Path) -> Iterator[str]:
    """The texts of a module that hold Chinese, without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in described
            and HAN.search(node.value)
        ):
            yield node.value


@cache
def said() -> dict[str, list[str]]:
    """Every Chinese text that the product or its papers show, by the file it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "edge_ui/locale/zh").glob("*.json")):
        found[path.name] = list(json.loads(path.read_text("utf-8")).values())
    for folder in ("node", "federation", "edge_ui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if texts := list(strings(path)):
                found[path.relative_to(ROOT).as_posix()] = texts
    written = [
        *(ROOT / "edge_ui/templates").rglob("*.html"), *(ROOT / "edge_ui/static").glob("*.js"), *(ROOT / "configs").rglob("*.toml"),
        ROOT / "README.zh-CN.md", ROOT / "docs/operating.zh-CN.md",
    ]  # fmt: skip
    for path in sorted(written):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(PEOPLES_OWN):
            found[name] = [line for line in path.read_text("utf-8").splitlines() if HAN.search(line)]
    return found


@pytest.mark.parametrize("gone", GONE)
def test_what_nobody_says_any_more_stands_nowhere(gone: str) -> None:
    wrong = re.compile(gone)
    assert [(name, text) for name, texts in said().items() for text in texts if wrong.search(text)] == [], GONE[gone]


def test_no_label_is_a_word_that_was_given_up() -> None:
    assert [(name, text) for name, texts in said().items() if name.endswith(".json") for text in texts if text in LABELS] == []


@pytest.mark.parametrize("area", PAGES_OF_PEOPLE)
def test_pages_of_clerks_and_residents_speak_of_offices_not_of_nodes(area: str) -> None:
    assert [text for text in said()[f"{area}.json"] if "节点" in text or "版本" in text] == []


@pytest.mark.parametrize(
    ("group", "code", "word"),
    [
        ("tier", "village", "村（社区）便民服务代办站"), ("status", "not_required", "不受理（依法无需办理）"),
        ("status", "approved", "已批准"),
        ("status", "refused", "不予批准"), ("status", "superseded", "已撤销重办"), ("status", "in_transit", "待签收"),
        ("action", "undo", "撤回本步操作"),
        ("action", "recall", "追回申请"), ("action", "open", "查看"), ("action", "complete_step", "提交审查意见"),
        ("kind", "custody_offered", "已移交，待接收"), ("kind", "custody_taken", "系统已接收"),
        ("kind", "custody_assigned", "上级已指定办理单位"),
        ("kind", "material_added", "已上传材料"), ("kind", "urgent_set", "已列为急办"), ("kind", "released", "已核对放行"),
        ("kind", "opened", "已查阅"),
        ("light", "warn", "预警（今日到期）"), ("light", "overdue", "超期"), ("light", "yellow", "黄牌"), ("light", "red", "红牌"),
        ("clock", "B", "征求意见时限"), ("time", "link_outage", "线路中断"), ("hop", "filed", "收件"), ("purpose", "home", "结果回传"),
        ("role", "integration", "部门业务系统"), ("step_kind", "site_visit", "现场核查"),
        *(("trade", code, word) for code, word in (
            ("first_asked", "首问责任人"), ("chief_representative", "首席代表"), ("one_review_one_check", "一审一核"),
            ("promise_gain", "承诺提速率"),
            ("publicity", "双公示"), ("order", "督办单"), ("written_off", "核销"), ("refusal_review", "退件复核"),
            ("zero_report", "零报告"),
            ("receipt_seal", "收件专用章"), ("pledge", "告知承诺"), ("assisted", "帮办"), ("enforcement_number", "执法证号"),
            ("payment_code", "缴款码"),
        )),
        ("clock", "T", "签收时限"),
    ],
)  # fmt: skip
def test_the_words_of_the_trade(group: str, code: str, word: str) -> None:
    assert BY_GROUP[group, code].zh == word
