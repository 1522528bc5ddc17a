"""The month in words (月报文字, DOMAIN A8). Pure; Chinese, as it is printed and read out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from node.domain.reports.rows import Row, Value

MOST = 10  # units named
_WHY = {
    "unfinished": "本月未完，不与上月比较", "incomplete": "本月数据不全，不与上月比较", "before_unknown": "上月无月报，不作比较",
    "before_incomplete": "上月数据不全，不作比较",
}  # fmt: skip


class Part(NamedTuple):
    """A unit in the text: what it is called, its row, whether it stands directly below, and whether its people registered anything (表六)."""

    name: str
    row: Row
    below: bool
    registered: bool = False

    @property
    def idle(self) -> bool:
        """Whether it had no business."""
        return not (
            self.registered or any(_whole(self.row[name]) for name in ("received", "accepted", "moved_in", "decided", "open"))
        )


class Before(NamedTuple):
    """What was received in the month before; None with the reason (a key of `_WHY`) where the two are not compared."""

    received: int | None
    why: str = ""


def month_text(month: int, total: Row, signals: Row, before: Before, parts: Sequence[Part]) -> str:
    """The paragraph under the tables."""
    said = [f"{month}月，本中心共收件{total['received']}件{_change(total['received'], before)}"]
    said.append(f"办结{total['decided']}件，按期办结率{_share(total['in_time_rate'])}")
    said.append(f"承诺件平均用时{_number(total['mean_workdays'], '个工作日')}，办理提速{_share(total['handling_gain'])}")
    said.append("评议率、满意率未启用")
    said.append(f"黄牌{signals['yellow']}张、红牌{signals['red']}张")
    return "；".join(said) + "。" + _units(parts) + _below(parts)


def _units(parts: Sequence[Part]) -> str:
    busy = [one for one in parts if _whole(one.row["accepted"])]
    fast = [one for one in parts if one.row["handling_gain"] is not None]
    idle = [one.name for one in parts if one.idle]
    said = []
    if busy:
        said.append("受理量前10位的单位：" + _best(busy, lambda one: _whole(one.row["accepted"]), "accepted", "件"))
    if fast:
        said.append("办理提速前10位：" + _best(fast, lambda one: _rate(one.row["handling_gain"]), "handling_gain", "%"))
    if idle:
        said.append(f"本月无业务的单位{len(idle)}个：{'、'.join(idle[:MOST])}{'等' if len(idle) > MOST else ''}")
    return "；".join(said) + "。" if said else ""


def _best(parts: Sequence[Part], by: Callable[[Part], float], column: str, unit: str) -> str:
    first = sorted(parts, key=lambda one: (-by(one), one.name))[:MOST]
    return "、".join(f"{one.name}（{one.row[column]}{unit}）" for one in first)


def _below(parts: Sequence[Part]) -> str:
    said = [
        f"{one.name}：受理{one.row['accepted']}件、办结{one.row['decided']}件、提速{_share(one.row['handling_gain'])}"
        for one in parts
        if one.below and (_whole(one.row["accepted"]) or _whole(one.row["decided"]))
    ]
    return "；".join(said) + "。" if said else ""


def _change(now: Value, before: Before) -> str:
    if not before.received:
        return "（上月没有收件）" if before.received is not None else f"（{_WHY[before.why]}）"
    by = round(100 * (_whole(now) - before.received) / before.received, 1)
    return f"，比上月{'增加' if by > 0 else '减少'}{abs(by)}%" if by else "，与上月持平"


def _share(value: Value) -> str:
    return "（无）" if value is None else f"{value}%"


def _number(value: Value, unit: str) -> str:
    return "（无）" if value is None else f"{value}{unit}"


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _rate(value: Value) -> float:
    return value if isinstance(value, int | float) else 0.0
