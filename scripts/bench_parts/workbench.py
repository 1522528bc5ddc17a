"""The workbench and the search of a township with 200,000 cases against one with 1,000, asked in turns in the same process.

Every case is filed through the service by an in-memory network's township, a third of them accepted; nothing is cloned. The big
node takes some minutes to fill.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from functools import partial
from random import Random

from node.domain.filing.ids import ric_check_character
from node.services.cases.workbench import PARTS
from node.services.center import Center
from scripts.bench_parts.common import timed, town
from tests.support.network import CLERK, DAY, EXAMINER, Town

SMALL, BIG = 1_000, 200_000
SPAN = 20 * DAY  # ms in which they come in, so that both nodes have what is late and what is due
ROUNDS, ASKED = 7, 20
RARE = "欧阳茉莉"  # one in each node, so that both answer the same rows
Question = Callable[[], object]
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩芳娜敏静丽艳娟霞秀英"


def run() -> None:
    big_size = int(os.environ.get("TONGBAN_BENCH_CASES", BIG))
    with town() as little, town() as large:
        last_small, last_big = fill(little, SMALL), fill(large, big_size)
        questions = asked(little["township"].center, last_small), asked(large["township"].center, last_big)
        for name in questions[0]:
            compare(name, questions[0][name], questions[1][name], big_size)


def fill(network: Town, count: int) -> dict[str, str]:
    """File `count` cases; what the last one can be found by."""
    random, center = Random(1), network["township"].center
    items = [item.item_id for item in center.catalog.items().values() if "township" in item.accept_levels][:40]
    forms = {item: network.application("township", item) for item in items}
    found: dict[str, str] = {}
    for n in range(count):
        item = items[n % len(items)]
        body = f"420102{1940 + n % 65}{1 + n // 65 % 12:02d}{1 + n // 780 % 28:02d}{n // 21840 % 900 + 100:03d}"
        name = RARE if n == count - 1 else random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2, 2))))
        applicant = {**forms[item]["applicant"], "name": name, "id_number": body + ric_check_character(body)}
        number = f"B-{n:07d}"
        filed = center.intake.file({**forms[item], "application_no": number, "applicant": applicant}, CLERK)
        if n % 3 == 0:
            center.cases.act(filed.case_no, "accept", {}, CLERK)
        network.world.advance(SPAN // count)
        if n % 20_000 == 0 and n:
            print(f"filed {n}", flush=True)
        found = {"case number": filed.case_no, "application number": number, "ID number": applicant["id_number"], "name": name}
    return found


def asked(center: Center, last: dict[str, str]) -> dict[str, Question]:
    """Every list and search of the workbench as a question to one node."""
    desk, search = center.work.desk, center.work.search
    lists: dict[str, Question] = {f"list {part}": partial(desk, CLERK, part) for part in PARTS}
    lists["list open, examiner"] = partial(desk, EXAMINER, "open")
    searches: dict[str, Question] = {f"search by {key}": partial(search, CLERK, words) for key, words in last.items()}
    searches["search by surname"] = partial(search, CLERK, "王")
    searches["search for nothing"] = partial(search, CLERK, "没有这样的人")
    return {**lists, **searches, "one case": partial(center.cases.case, last["case number"], CLERK)}


def compare(name: str, small: Question, big: Question, size: int) -> None:
    """The ratio of medians, the two asked in turns."""
    small(), big()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for question, found in zip((small, big), times, strict=True):
            found.append(timed(partial(repeatedly, question)) / ASKED)
    little, large = (statistics.median(found) * 1000 for found in times)
    print(f"{name}: {large / little:.2f} (at most 2; {little:.1f} ms at {SMALL}, {large:.1f} ms at {size})", flush=True)


def repeatedly(question: Question) -> None:
    for _ in range(ASKED):
        question()
