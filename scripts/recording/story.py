"""What happens in the network that is recorded: cases at every stage, papers, notes, revisions, a restore, a renewed key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from node.demo.memory_network import CONFIGS, Line
from node.domain.model import Actor, Role
from node.services.upkeep.backup import backup
from tests.support.network import AGENT, APPROVER, CHAIN, CLERK, DAY, DIRECTOR, EXAMINER, Town, fresh

HOUR = 3_600_000
EDITOR = Actor("s-editor", Role.CATALOG_EDITOR)
PLAIN, LICENCE = "ZW007", "ZW016"
Frames = list[tuple[str, str, bytes]]  # (who sent it, which channel, the frame)


@dataclass
class Told:
    """The folders at rest (copied), and what is known of them; the frames of a line on which one end had news."""

    folders: Path
    about: dict[str, Any]
    news: dict[str, Frames] = field(default_factory=dict)  # by who had the news
    came: dict[str, list[str]] = field(default_factory=dict)  # entries (hex) that the other end has to have afterwards


def tell(folder: Path) -> Told:
    """Make the network, let people work, put it to rest, and record what each end of a line says when it has news."""
    town = fresh("chain", folder / "work", batch=100, window=8)
    town.heal()
    backup(town["village"].center.store, copy := folder / "copy.tgz")
    papers = work(town)
    town.heal()
    town.burn("village", copy)  # a second epoch
    town.heal()
    town["township"].center.tree.rotate_key()
    town.file("village")
    for _ in range(6):
        town.world.advance(HOUR)
        town.heal()
    about = describe(town, papers)
    stop(town)
    shutil.copytree(folder / "work", folder / "rest")
    told = Told(folder / "rest", about)
    for who in ("village", "township"):
        record(folder, told, who, about["time"])
    return told


def stop(town: Town) -> None:
    town.cut()
    for node in town.nodes.values():
        node.center.store.close()


# people at work --------------------------------------------------------------------------------------------------------


def work(town: Town) -> dict[str, str]:
    """Every stage of a case once; answers the codes of papers with what they are worth."""
    publish(town)
    papers: dict[str, str] = {}
    town["village"].center.intake.file(town.application("village"), AGENT, draft=True)
    town.file("village")
    for stop_at in ("hand_over", "receive", "request_correction", "accept", "not_accept", "withdraw"):
        at_the_township(town, stop_at)
    for stop_at in ("suspend", "extend", "refuse", "approve", "conclude", "deliver"):
        at_the_district(town, stop_at, papers)
    said(town)
    return papers


def publish(town: Town) -> None:
    catalog = town["city"].center.catalog
    days = (CONFIGS / "calendar" / "days-2024-2026.csv").read_text("utf-8").splitlines()
    more = days[1].split(",")
    more[0] = "2026-06-01"
    catalog.import_calendar("\n".join([*days, ",".join(more)]).encode(), EDITOR)
    catalog.import_rules(b'kind = "limits"\nnotice_days = 3\n', EDITOR)
    town.heal()


def at_the_township(town: Town, stop_at: str) -> None:
    no = town.file("village", PLAIN)
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    if stop_at == "hand_over":
        return
    town.do("township", no, "receive")
    if stop_at != "receive":
        town.do("township", no, stop_at)
    town.world.advance(HOUR)
    town.heal()


def at_the_district(town: Town, stop_at: str, papers: dict[str, str]) -> None:
    no = town.file("village", LICENCE)
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
        if action == "accept":
            papers[town["township"].center.papers.issue(no, "acceptance", DIRECTOR).document["code"]] = "corrected"
            town["township"].center.paper_changes.correct(no, "acceptance", {"old_words": "甲", "new_words": "乙"}, APPROVER)
    town.heal()
    if stop_at in ("suspend", "extend"):
        town.do("district", no, stop_at, APPROVER)
    else:
        conclude(town, no, stop_at, papers)
    town.world.advance(3 * HOUR)
    town.heal()


def conclude(town: Town, no: str, stop_at: str, papers: dict[str, str]) -> None:
    town.do("district", no, "complete_step", EXAMINER)
    if stop_at == "refuse":
        town.do("district", no, "offer_statement", APPROVER)
        return
    town.do("district", no, "approve", APPROVER)
    code = town["district"].center.papers.issue(no, "decision", DIRECTOR).document["code"]
    papers[code] = "genuine" if stop_at != "approve" else "withdrawn"
    if stop_at == "approve":
        fields = {"revoked_for": "unqualified", "reason": "经复核，申请人不符合规定的条件"}
        town["district"].center.paper_changes.revoke(no, "decision", fields, APPROVER)
        return
    town.do("district", no, "conclude", CLERK)
    town.heal()
    if stop_at == "deliver":
        town.do("village", no, "deliver", AGENT)


def said(town: Town) -> None:
    """A request of who does not hold the case, a message, and its receipt."""
    no = town.file("village", PLAIN)
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    town.act("village", no, "remind", AGENT)
    town["township"].center.messages.write(no, ["all"], "请补充说明", CLERK)
    town.world.advance(DAY)
    town.heal()


# what is known ---------------------------------------------------------------------------------------------------------


def describe(town: Town, papers: dict[str, str]) -> dict[str, Any]:
    """What later versions must find in the folders."""
    return {
        "time": town.world.time,
        "nodes": {name: {"parent": parent, "code": code, "id": town[name].id.hex()} for name, parent, code in CHAIN},
        "cases": {name: dict(_cases(town, name)) for name in town.nodes},
        "papers": papers,
        "entries": {name: _count(town, name) for name in town.nodes},
    }


def _cases(town: Town, name: str) -> Iterator[tuple[str, list[Any]]]:
    with town[name].center.store.reading() as view:
        numbers = sorted(view.cases.numbers())
    for no in numbers:
        document = town[name].center.cases.case(no, DIRECTOR)
        yield no, [document["version"], document["status"], document["custodian"], document["due"]]


def _count(town: Town, name: str) -> int:
    with town[name].center.store.reading() as view:
        return int(view.connection.execute("SELECT count(*) FROM entries").fetchone()[0])


# frames ----------------------------------------------------------------------------------------------------------------


def record(folder: Path, told: Told, who: str, time: int) -> None:
    """The frames of the line between village and township when `who` has done something that the other has not seen."""
    town = reopened(folder / f"news-{who}", told.folders, time)
    before = hashes(town, "village" if who == "township" else "township")
    if who == "village":
        town.act("village", town.file("village", PLAIN), "hand_over", AGENT)
    else:
        no = next(no for no, (_, status, *_) in told.about["cases"]["township"].items() if status == "submitted")
        town.do("township", no, "accept")
    frames: Frames = []
    line = town.lines["village"]
    listen(line, frames)
    line.connect()
    town.settle()
    told.news[who] = frames
    told.came[who] = sorted(hashes(town, "village" if who == "township" else "township") - before)
    stop(town)


def reopened(folder: Path, folders: Path, time: int) -> Town:
    """The recorded folders as a network, its lines down, at the time at which they were put to rest."""
    shutil.copytree(folders, folder)
    town = Town(folder)
    town.world.time, town._serial = time, 1000
    for name, parent, _ in CHAIN:
        town.adopt(name, parent)
    return town


def hashes(town: Town, name: str) -> set[str]:
    """Entries of others that a node has."""
    with town[name].center.store.reading() as view:
        return {row[0].hex() for row in view.connection.execute("SELECT hash FROM entries WHERE via<>0").fetchall()}


def listen(line: Line, frames: Frames) -> None:
    carry = line._send

    def sent(sender: str, channel: str, given: list[Any]) -> None:
        frames.extend((sender, channel, frame.SerializeToString()) for frame in given)
        carry(sender, channel, given)

    line._send = sent  # type: ignore[method-assign, assignment]
