"""Which paper a case has, on which act it rests, how it is numbered, and what its QR says. Pure.

A paper rests on one act (its basis): an acceptance notice on `accepted`, a decision on `approved`. An act that was taken
back (row 45) gives no paper any more. The node that acted issues the paper; every other node that holds the texts can show a
copy without a number. The tracking sheet goes on with the case, so it is never frozen and never numbered.

The code of a paper (QR) names case, paper, place of the basis in the case's chain, number and day, and ends in a check of 50
bits made with the hash of the basis. Whoever can read the case can make one, so a code proves nothing by itself: it is compared
with the signed fact of the issue (`paper_facts`). It carries no personal data, and a QR is no seal (FORMS.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from node.domain import folded
from node.domain.calendar import day_of
from node.domain.case_number import CROCKFORD, parse_case_no
from node.domain.cases.acts import OF_KIND
from node.domain.model import SYSTEM, Case, Event
from node.domain.papers.kinds import BY_LETTERS, LETTERS, NONE
from node.domain.papers.kinds import PAPERS as PAPERS
from node.domain.words.errors import TongbanError

TRACKING = "tracking"
BLANK = "blank"  # a sheet to sign: it is never issued
# paper -> kind of its basis -> variant of the paper, as the rooms say (`cases.acts`)
KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        paper: found
        for paper in PAPERS
        if (found := {name: kind.papers[paper] for name, kind in OF_KIND.items() if paper in kind.papers})
    }
)
BUILT = tuple(KINDS)
if _bare := [paper for paper in BUILT if paper not in LETTERS or paper not in NONE]:
    raise ImportError(f"papers without letters, or without a word why a case has none: {_bare}")
CORRECTION, REVOCATION = "correction_of_paper", "revocation"
OF_A_DECISION = frozenset({"acceptance", "gap", "not_accepted", "decision"})
NOTICES = (CORRECTION, REVOCATION)  # are about a paper that was issued, and rest on its act
ORDER = "order"  # is of no case, and rests on an order of supervision
WORDED = (*BUILT, *NOTICES, ORDER)  # what has a template
# Why a paper is not to be had, for another reason than that the case has none (zh, en).
_ELSE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unsigned": (
            "容缺受理以前的承诺书供申请人签名，不编号出具",
            "before the acceptance it is a sheet to sign and has no number",
        ),
        "with_gap": (
            "容缺受理的，出具补办件通知书",
            "it was accepted with a gap: its notice is that of the gap",
        ),
        "at_once": (
            "即办件当场办结，不另发受理通知书",
            "it was decided at once: there is no separate notice of acceptance",
        ),
        "not_issued": (
            "这份文书还没有出具",
            "this paper was not issued yet",
        ),
        "elsewhere": (
            "正文不在本站，请向出具机关所在单位索取：{node}",
            "its text is not at this node: ask the node that issued it, {node}",
        ),
        "lost_words": (
            "文书正文已随磁盘丢失，编号和核验码仍然有效，请以已送达的原件为准",
            "its text was lost with a disk; number and code hold good: the paper that was served counts",
        ),
        "not_here": (
            "这份文书由{node}出具，请在该单位出具",
            "{node} issues this paper: please issue it there",
        ),
    }
)


def missing(code: str, node: str = "") -> TongbanError:
    """The refusal that says why there is no such paper."""
    zh, en = NONE.get(code) or _ELSE[code]
    return TongbanError("no_such_paper", reason=zh.format(node=node), reason_en=en.format(node=node))


@dataclass(frozen=True, slots=True)
class Basis:
    """The act a paper rests on. `mine`: this node issues the paper; `act` is the place of the act in the events."""

    paper: str
    variant: str
    event: Event
    act: int
    mine: bool


def standing_acts(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """The effective events of a case, with their place, without those that were taken back."""
    acts: list[tuple[int, Event]] = []
    for place, event in enumerate(events):
        if event.kind == "undone":
            back = event.facts.get("kind")
            found = next((n for n in range(len(acts) - 1, -1, -1) if acts[n][1].kind == back), None)
            if found is not None:
                del acts[found]
        else:
            acts.append((place, event))
    return acts


def basis_of(paper: str, case: Case, events: Sequence[Event], here: bytes) -> Basis:
    """The latest act on which this paper of the case rests, one of this node before others.

    Errors: `not_found` for a name that is no paper, `not_yet_available`, `no_such_paper` with the reason.
    """
    if paper not in PAPERS:
        raise TongbanError("not_found", what=paper[:60])
    if paper in NOTICES:
        raise missing(paper)
    if paper not in KINDS:
        raise TongbanError("not_yet_available")
    acts = [(n, event) for n, event in standing_acts(events) if event.kind in KINDS[paper]]
    if paper == TRACKING:
        return _running(case, events, acts, here)
    if paper == "gap_pledge":
        acts = _to_sign(case, acts)
    mine = [(n, event) for n, event in acts if _issues(paper, case, event, here)]
    if not acts:
        instead = {event.kind for _, event in standing_acts(events)} if paper == "acceptance" else set()
        raise missing("at_once" if "decided_at_once" in instead else "with_gap" if "accepted_with_gap" in instead else paper)
    place, event = (mine or acts)[-1]
    return Basis(paper, KINDS[paper][event.kind], event, place, bool(mine))


def _to_sign(case: Case, acts: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """The promise of a gap that was accepted; before that, while the case lies at the counter, the sheet that the applicant signs."""
    given = [one for one in acts if one[1].kind == "accepted_with_gap"]
    return given or (acts if case.status == "submitted" else [])


def _running(case: Case, events: Sequence[Event], acts: list[tuple[int, Event]], here: bytes) -> Basis:
    """The tracking sheet rests on the last event: it says how far the case was then."""
    if not acts:
        raise missing(TRACKING)
    return Basis(TRACKING, "", events[-1], len(events) - 1, here in {hop.node for hop in case.hops})


def _issues(paper: str, case: Case, event: Event, here: bytes) -> bool:
    """The node that acted issues the paper; the receipt of service whoever has the result to deliver."""
    return event.author == here or (paper == "delivery" and event.kind == "concluded" and case.custodian == here)


# numbers and names -------------------------------------------------------------------------------------------------------


def number_text(year: int, serial: int, series: str = "") -> str:
    """序号不编虚位 (GB/T 9704); "" for what has no number."""
    return f"〔{year}〕第{series + '-' if series else ''}{serial}号" if serial else ""


def series_of(epoch: int) -> str:
    """The two characters that stand before the number in every epoch of a node after its first: what was numbered before a restore
    may have been forgotten, and no number is given twice."""
    return CROCKFORD[epoch >> 5 & 31] + CROCKFORD[epoch & 31] if epoch else ""


def spelled(word: str) -> str:
    """机关代字 or 文种 as a fact says it: facts are codes, so its characters are named by their numbers."""
    return word if word.isascii() else "u:" + ".".join(f"{ord(c):04x}" for c in word)


def read_word(code: str) -> str | None:
    """The inverse of `spelled`; None for what spells no word of a number."""
    if not code.startswith("u:"):
        return code if _PLAIN.fullmatch(code) else None
    if not _SPELLED.fullmatch(code):
        return None
    word = "".join(chr(int(one, 16)) for one in code[2:].split("."))
    return word if word.isalnum() else None


def day_text(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else ""


def moment_text(ms: int) -> str:
    """A moment as a paper says it: day and minute in China Standard Time."""
    if ms <= 0:
        return ""
    minute = (ms + 8 * 3_600_000) // 60_000 % 1440
    return f"{day_text(day_of(ms))} {minute // 60:02d}:{minute % 60:02d}"


ORGANISATIONS = frozenset({"uscc"})  # kinds of identity that are no person's


def mask_name(name: str, id_type: str = "ric") -> str:
    """A person's name as a slip may show it to strangers; an organisation's stays (it is public)."""
    text = name.strip()
    if id_type in ORGANISATIONS or not text:
        return text
    return text[0] + "*" * min(max(len(text) - 1, 1), 3)


def mask_id(number: str, id_type: str = "ric") -> str:
    """The number of a person's document, of whatever kind, is never printed whole (证件号遮); an organisation's stays.

    A short one (a passport's) shows its first and its last two characters, one of up to five none."""
    text = number.strip()
    if id_type in ORGANISATIONS:
        return text
    if len(text) < 6:
        return "*" * len(text)
    first, last = (6, 4) if len(text) >= 15 else (1, 2)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]


_PLAIN, _SPELLED = re.compile(r"[0-9A-Za-z-]{0,20}"), re.compile(r"u:[0-9a-f]{4}(\.[0-9a-f]{4}){0,11}")

# the code in the QR ------------------------------------------------------------------------------------------------------

_CORE = re.compile(
    r"([A-Z]{2})([1-9][0-9]{0,5})\.([0-9]{2})-(?:([0-9A-Z]{2}|[0-9A-Z]{3}|[0-9A-Z]{5})-)?"
    r"(0|[1-9][0-9]{0,8})\.([0-9]{6})\.([0-9A-Z]{10})"
)
_SPOKEN = str.maketrans("OIL", "011")
_DASHES = str.maketrans("‐‑‒–—―−。", "-------.")


@dataclass(frozen=True, slots=True)
class PaperCode:
    """What the QR of a paper says. `version` is that of the basis; `series` as in the number."""

    case_no: str
    paper: str
    version: int
    year: int
    serial: int
    day: dt.date
    check: str = ""
    series: str = ""

    @property
    def core(self) -> str:
        number = f"{self.series}-{self.serial}" if self.series else str(self.serial)
        return f"{self.case_no}.{LETTERS[self.paper]}{self.version}.{self.year % 100:02d}-{number}.{self.day:%y%m%d}"

    def signed(self, basis: bytes) -> str:
        """The whole code, with its check over the basis."""
        return f"{self.core}.{self.check_of(basis)}"

    def check_of(self, basis: bytes) -> str:
        """50 bits over the hash of the basis and everything the code says, in ten characters."""
        bits = int.from_bytes(hashlib.sha256(b"tongban paper 1\0" + basis + b"\0" + self.core.encode()).digest()[:7], "big") >> 6
        return "".join(CROCKFORD[bits >> shift & 31] for shift in range(45, -5, -5))


def parse_code(text: str) -> PaperCode | None:
    """A code as a camera or a person gives it (also as the address in the QR); None when it is none."""
    typed = text.strip()[:300].rpartition("code=")[2].partition("&")[0].replace("%2E", ".").replace("%2D", "-")
    typed = folded.typed(typed).replace(" ", "").upper().translate(_DASHES)
    number, _, rest = typed.partition(".")
    case, match = parse_case_no(number), _CORE.fullmatch(rest)
    if case is None or match is None or match[1] not in BY_LETTERS:
        return None
    try:
        day = dt.date(2000 + int(match[6][:2]), int(match[6][2:4]), int(match[6][4:]))
    except ValueError:
        return None
    check, series = match[7].translate(_SPOKEN), (match[4] or "").translate(_SPOKEN)
    return PaperCode(str(case), BY_LETTERS[match[1]], int(match[2]), 2000 + int(match[3]), int(match[5]), day, check, series)


_QUIET = frozenset(
    {"opened", "reminded", "request_declined", "material_added", "papers_recorded", "refiled", "urgent_set", "released"}
)


def later_acts(events: Iterable[Event], version: int) -> list[Event]:
    """What happened to the case after the act of that version, for whoever holds a paper that rests on it."""
    return [event for event in events if event.version > version and event.kind not in _QUIET]


def issued_on(ms: int) -> dt.date:
    """The day of a moment in China Standard Time."""
    return day_of(ms)


def day_at_foot(basis: Basis, now: int) -> dt.date:
    """The day that a paper bears (成文日期, GB/T 9704: when it was signed). A decision was signed when somebody decided, however late it is
    issued; a notice is given when it is issued, and so is what says that the law's silence decided, which nobody signed."""
    event = basis.event
    decided = basis.paper in OF_A_DECISION and event.staff_id != SYSTEM.staff_id
    return day_of(min(event.at, now) if decided else now)
