"""The words of messages, as a published document: one text for each event, with names in braces (DOMAIN B: 领取通知, 70 字).

What a text may name is listed: beside the surname and the item nothing of a person, and never the query code, because who has number and
code together reads the case. It is checked where somebody publishes; what a later version or a faulty peer brings is not used here, and
the text that came with the program counts. A long message is sent and paid in parts, which are counted with every name at its longest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from node.domain.catalog.faults import import_failed
from node.domain.catalog.kind import Document
from node.domain.catalog.limits import line_of, read_toml
from node.domain.catalog.line_notes import LineNote, line_note
from node.domain.notes import CORRECTED, REVOKED
from node.domain.notices.events import ANSWER, DIGEST, HELP, OFF, ON
from node.domain.words.punctuation import mended

NAME = "notices"
MOST_PARTS = 3
MAX_TEXT = 400

SHIPPED: Mapping[str, str] = MappingProxyType(
    {
        "registered": "【{center}】{surname}您好，您委托代办的“{item}”已登记，将移交办理机关。电话{phone}。",
        "received": "【{center}】{surname}您好，您的“{item}”材料已收到，是否受理将另行告知。电话{phone}。",
        "correction": "【{center}】{surname}您好，您的“{item}”需要补正材料，请于{due}前办理，详见补正告知书。电话{phone}。",
        "accepted": "【{center}】{surname}您好，您的“{item}”已受理，应于{due}前办结。电话{phone}。",
        "paused": "【{center}】{surname}您好，您的“{item}”正在进行{kind}，至{until}，依法不计入办理期限。电话{phone}。",
        "extended": "【{center}】{surname}您好，您的“{item}”经批准延长办理期限，应于{due}前办结，理由见延期通知书。电话{phone}。",
        "due_soon": "【{center}】{surname}您好，您的“{item}”应于{due}前办结，正在办理。电话{phone}。",
        "decided": "【{center}】{surname}您好，您的“{item}”已作出决定，文书备好后通知您领取。电话{phone}。",
        "ready": "【{center}】{surname}您好，您的“{item}”已办结，请带身份证到{window}领取，地址{address}，电话{phone}。",
        "delivered": "【{center}】{surname}您好，您的“{item}”办理结果已送达。如不是您本人或您委托的人领取，请致电{phone}。",
        "withdrawn": "【{center}】{surname}您好，您的“{item}”已按您的申请撤回。如有疑问请致电{phone}。",
        "ended": "【{center}】{surname}您好，您的“{item}”已结束办理，原因见送达的文书。电话{phone}。",
        CORRECTED: "【{center}】{surname}您好，您的“{item}”有一份文书已更正，请带原文书到{window}换领更正通知书。电话{phone}。",
        REVOKED: "【{center}】{surname}您好，您的“{item}”的决定已被依法撤销，撤销决定书将送达您。如有疑问请致电{phone}。",
        DIGEST: "【{center}】您有{count}件办件有新进展，请凭收件凭证上的编号和查询码查询，或致电{phone}。",
        ANSWER: "【{center}】您查询的办件：{state}。电话{phone}。",
        OFF: "【{center}】已不再向您发送通知。恢复请回复HF。",
        ON: "【{center}】已恢复向您发送通知。",
        HELP: "【{center}】查询办件请回复：办件编号 空格 查询码，两者都在收件凭证上。不再接收请回复TD。电话{phone}。",
    }
)
# What a text may name, and how long that may become: characters.
LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "center": 14, "surname": 2, "item": 20, "due": 6, "until": 6, "kind": 4, "days": 2, "window": 10, "address": 20, "phone": 12,
        "case_no": 30, "count": 3, "state": 125,
    }
)  # fmt: skip
PERSONAL = frozenset("name applicant recipient id_number phone_of address_of relative agent birthday sex".split())
SECRET = frozenset("query_code code url token".split())
_NAME = re.compile(r"{([a-z_]+)}")
_BARE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9]{9})(?![0-9A-Za-z])"
)  # somebody's number, typed into the wording


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts by event; of a publication only what it says over what came with the program."""

    revision: int = 0
    given: Mapping[str, str] = field(default_factory=dict)

    def of(self, event: str) -> str:
        """The text of an event; "" for one that this version does not know."""
        return self.given.get(event) or SHIPPED.get(event, "")


NO_TEXTS = Texts()


# reading -----------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Document:
    """A file that somebody publishes (TOML). Raises import_failed with every fault by line."""
    document, text = read_toml(data)
    faults = [line_note(line_of(text, name), name, "unknown_key") for name in document if name not in ("kind", "texts")]
    if document.get("kind", NAME) != NAME:
        faults.append(line_note(line_of(text, "kind"), "kind", "not_a_choice", value=str(document["kind"])[:40]))
    given = document.get("texts", {})
    if not isinstance(given, Mapping):
        faults.append(line_note(line_of(text, "texts"), "texts", "not_a_table"))
        given = {}
    for name, one in given.items():
        faults += _faults(name, one, line_of(text, name))
    if faults:
        raise import_failed(faults)
    return {"texts": {name: mended(str(given[name])) for name in SHIPPED if name in given}}


def _faults(name: str, text: object, line: int) -> list[LineNote]:
    if name not in SHIPPED:
        return [line_note(line, name, "unknown_key")]
    code, value = fault_of(text)
    return [line_note(line, name, code, value=value)] if code else []


def fault_of(text: object) -> tuple[str, str]:
    """What is wrong with a text, as a code and what it is about; ("", "") for nothing."""
    if not isinstance(text, str) or not text.strip():
        return "missing", ""
    names = set(_NAME.findall(text))
    for found, code in (
        (names & SECRET, "secret_name"),
        (names & PERSONAL, "personal_name"),
        (names - LONGEST.keys(), "unknown_name"),
    ):
        if found:
            return code, "、".join(sorted(found))
    if bare := _BARE.search(text):
        return "personal_name", f"{bare[0][:4]}…"
    if "{" in _NAME.sub("", text) or not all(one.isprintable() for one in text):
        return "bad_character", ""
    return (
        ("too_many_parts", str(parts(longest(text)))) if len(text) > MAX_TEXT or parts(longest(text)) > MOST_PARTS else ("", "")
    )


def parse(document: Document) -> Texts:
    """What this version can use of a published document."""
    given, revision = document.get("texts"), document.get("revision")
    table = given if isinstance(given, Mapping) else {}
    kept = {name: str(text) for name, text in table.items() if name in SHIPPED and not fault_of(text)[0]}
    return Texts(revision if isinstance(revision, int) else 0, kept)


def rows(document: Document) -> Mapping[str, str]:
    """The events with a text of the city's own."""
    return dict(parse(document).given)


def as_toml(texts: Texts) -> bytes:
    """Every text that counts, as a file that `read` takes."""
    lines = [f"{name} = {json.dumps(texts.of(name), ensure_ascii=False)}" for name in SHIPPED]
    names = " ".join("{" + name + "}" for name in LONGEST)
    return "\n".join((f"# {names}", f'kind = "{NAME}"', "", "[texts]", *lines, "")).encode()


# making ------------------------------------------------------------------------------------------------------------------


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its names replaced, each cut to its longest, so that a message has the parts that were counted. A clause whose name
    has no value is left out, but for the first of a text: nobody reads “地址，电话。”."""
    for name in _NAME.findall(text):
        if not values.get(name):
            text = re.sub(rf"[，。][^，。]*{{{name}}}[^，。]*", "", text)
    return _NAME.sub(lambda found: shortened(values.get(found[1], ""), LONGEST.get(found[1], 0)), text)


def shortened(text: str, most: int) -> str:
    """At most so many characters in one line; what is cut ends in an ellipsis."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: max(most - 1, 0)] + "…"


def longest(text: str) -> str:
    """The text with every name as long as it may become."""
    return _NAME.sub(lambda found: "字" * LONGEST.get(found[1], 0), text)


def parts(text: str) -> int:
    """In how many SMS a text is sent: one of 70 UTF-16 units, else of 67 each; plain ASCII 160, else 153."""
    one, more = (160, 153) if text.isascii() else (70, 67)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= one else -(-units // more)


_COMPOUND = frozenset(
    """欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 夏侯 轩辕 端木 独孤 南宫 西门 呼延 单于 申屠 公冶 澹台
     濮阳 赫连 万俟""".split()
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]{2,4}")


def surname(name: str, is_person: bool = True) -> str:
    """The surname of a Chinese name; "" for an organisation and for a name of which no part is sure to be one (阿卜杜拉·买买提)."""
    plain = name.strip()
    if not is_person or not _HAN.fullmatch(plain):
        return ""
    if len(plain) > 2 and plain[:2] in _COMPOUND:
        return plain[:2]
    return plain[0] if len(plain) < 4 else ""
