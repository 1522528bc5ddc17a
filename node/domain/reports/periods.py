"""Quarters and years of reports (季度通报, 年报表, DOMAIN A8): months added up, and the bulletin in words. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from node.domain.reports.columns import STOCKS
from node.domain.reports.rows import Row, Value
from node.domain.reports.tally import Month
from node.domain.reports.texts import MOST, Part

_PERIOD = re.compile(r"(199[0-9]|2[0-9]{3})(?:-Q([1-4]))?", re.ASCII)
NOT_BUILT = "评价、投诉未启用，本期不通报。"
DEMANDS = "请有超期件、黄牌和红牌的单位逐件说明原因，落实责任人和整改措施；督办事项按期回复；没有业务的单位核实原因。"
TO = "各窗口单位"
COPY_TO = {
    "city": "市政府办公厅、市纪委监委、市委组织部", "district": "区政府办公室、区纪委监委、区委组织部",
    "township": "街道（乡镇）党政办公室、纪检监察机构", "village": "街道（乡镇）政务服务中心",
}  # tier -> who gets a copy  # fmt: skip


class Period(NamedTuple):
    """A year, or a quarter of it (0: the whole year)."""

    year: int
    quarter: int = 0

    @property
    def code(self) -> str:
        return f"{self.year:04d}-Q{self.quarter}" if self.quarter else f"{self.year:04d}"

    @property
    def months(self) -> tuple[Month, ...]:
        first = 3 * self.quarter - 2 if self.quarter else 1
        return tuple(Month(self.year, first + n) for n in range(3 if self.quarter else 12))

    @property
    def before(self) -> Period:
        """The one before it."""
        if not self.quarter:
            return Period(self.year - 1)
        return Period(self.year - (self.quarter == 1), (self.quarter - 2) % 4 + 1)

    @property
    def year_before(self) -> Period:
        """The same of the year before."""
        return Period(self.year - 1, self.quarter)


def read_period(text: str) -> Period | None:
    """YYYY-Qn or YYYY; None for anything else."""
    found = _PERIOD.fullmatch(text)
    return Period(int(found[1]), int(found[2] or 0)) if found is not None else None


def period_of(month: Month) -> Period:
    """The quarter of a month."""
    return Period(month.year, (month.month + 2) // 3)


def joined(months: Sequence[Mapping[str, int]]) -> Counter[str]:
    """The counts of a unit over months that follow each other: what flows is added, what stands is that of the first or the last."""
    found: Counter[str] = Counter()
    for counts in months:
        found.update({name: n for name, n in counts.items() if name not in STOCKS})
    for name in STOCKS if months else ():
        found[name] = (months[0] if name == "carried" else months[-1]).get(name, 0)
    return found


class Compared(NamedTuple):
    """Another period: what it is called, and its total; None with the reason where the two are not compared."""

    name: str
    total: Row | None
    why: str = ""


def bulletin(
    total: Row, signals: Row, compared: Sequence[Compared], parts: Sequence[Part], late: int, idle: Sequence[str]
) -> list[tuple[str, str]]:  # fmt: skip
    """(heading, paragraph) of the bulletin to the departments."""
    return [
        ("一、总体情况", _overall(total, compared)),
        ("二、办件时效", _timeliness(total, late)),
        ("三、监察信号和督办", _signals(signals)),
        ("四、评价和投诉", NOT_BUILT),
        ("五、存在问题", _problems(parts, idle)),
        ("六、下步要求", DEMANDS),
    ]


def title(period: Period) -> str:
    """What the bulletin is called."""
    return (
        f"关于{period.year}年第{period.quarter}季度窗口运行情况的通报" if period.quarter else f"{period.year}年窗口运行情况年报表"
    )


def _overall(total: Row, compared: Sequence[Compared]) -> str:
    said = f"本期共收件{total['received']}件、受理{total['accepted']}件、办结{total['decided']}件，按期办结率{_share(total['in_time_rate'])}。"
    return said + "".join(f"与{one.name}相比，{_changes(total, one)}。" for one in compared)


def _changes(total: Row, other: Compared) -> str:
    if other.total is None:
        return f"无法比较（{other.why}）"
    said = [
        _change(word, total[name], other.total[name])
        for name, word in (("received", "收件"), ("accepted", "受理"), ("decided", "办结"))
    ]
    return "，".join([*said, _points(total["in_time_rate"], other.total["in_time_rate"])])


def _change(word: str, now: Value, before: Value) -> str:
    then = before if isinstance(before, int) else 0
    by = (now if isinstance(now, int) else 0) - then
    if not by:
        return f"{word}持平（{then}件）"
    share = f"{abs(round(100 * by / then, 1))}%" if then else f"{abs(by)}件"
    return f"{word}{'增加' if by > 0 else '减少'}{share}（{then}件）"


def _points(now: Value, before: Value) -> str:
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return f"按期办结率{_share(now)}（{_share(before)}）"
    by = round(now - before, 1)
    return f"按期办结率{'上升' if by > 0 else '下降'}{abs(by)}个百分点（{before}%）" if by else f"按期办结率持平（{before}%）"


def _timeliness(total: Row, late: int) -> str:
    mean = "（无）" if total["mean_workdays"] is None else f"{total['mean_workdays']}个工作日"
    said = f"超期办结{total['late']}件，期末超期在办{total['overdue_open']}件；承诺件平均用时{mean}，办理提速{_share(total['handling_gain'])}。"
    return said + ("超期件逐件如下，明细见附表2。" if late else "没有超期件。")


def _signals(row: Row) -> str:
    return (
        f"发出预警{row['warn']}次、黄牌{row['yellow']}张、红牌{row['red']}张；申诉{row['appeals']}件，撤销{row['revoked']}件；"
        f"督办单{row['orders']}件，按期回复{row['replied_in_time']}件，通报{row['circulated']}件。"
    )


def _problems(parts: Sequence[Part], idle: Sequence[str]) -> str:
    late = [
        f"{one.name}（超期办结{one.row['late']}件、超期在办{one.row['overdue_open']}件）" for one in parts if _is_late(one.row)
    ]
    said = [f"有超期的单位{len(late)}个：{'、'.join(late[:MOST])}"] if late else []
    said += [f"没有业务的单位{len(idle)}个，见附表3"] if idle else []
    return "；".join(said) + "。" if said else "本期没有超期件，各单位都有业务。"


def _is_late(row: Row) -> bool:
    return bool(row["late"] or row["overdue_open"])


def _share(value: Value) -> str:
    return "（无）" if value is None else f"{value}%"
