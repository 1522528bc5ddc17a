"""One part measured once, of the checkout that stands first on the path: `probe.py PART` prints its figures as JSON (`pairs.py` runs it in turns).

Processor time of the process, because the clock of a shared machine measures the others. What older programs call by another name is
found under both.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from node.app import assemble, init_node
from tests.support.network import AGENT, CLERK, Town, four_tiers

WEB = "127.0.0.1:18892"
FILINGS, REBUILT, ASKED, BATCH = 1000, 3000, 40, 100
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟强磊军勇杰涛明超刚"
Figures = dict[str, float]


def filing(town: Town) -> Figures:
    """µs of a filing through the service, one caller, each for another person."""
    documents = [_application(town, "village", n) for n in range(FILINGS + 100)]
    file = _filer(town["village"].center)
    for document in documents[FILINGS:]:
        file(document, AGENT)
    return {"filing": _spent(lambda: [file(document, AGENT) for document in documents[:FILINGS]], FILINGS)}


def link(town: Town) -> Figures:
    """µs an entry: giving it out, taking it in, bringing the query tables up to date; and all three."""
    _filed(town, FILINGS)
    below, above = town["village"], town["township"]
    above.center.store.writer.prompt = False  # what waits is projected below, when it is timed
    with below.center.store.reading() as view:
        row = view.links.get(above.id)
        assert row is not None
        after = row.acked
    batches = list[Any]()

    def give() -> None:
        nonlocal after
        while (batch := below.center.inbound.outgoing(above.id, after, BATCH)).entries:
            batches.append(batch)
            after = batch.last

    giving = _spent(give, FILINGS)
    taking = _spent(lambda: [above.center.inbound.on_entries(below.id, batch) for batch in batches], FILINGS)
    projecting = _spent(lambda: above.center.store.run(lambda tx: None), FILINGS)
    return {"give": giving, "take": taking, "project": projecting, "shown": giving + taking + projecting}


def rebuild(town: Town) -> Figures:
    """µs an entry, of the node that filed and of the one above it."""
    _filed(town, REBUILT)
    town.heal()
    return {
        name: _spent(getattr(town[name].center, "rebuild", None) or town[name].center.upkeep.rebuild, REBUILT)
        for name in ("village", "township")
    }


def workbench(town: Town) -> Figures:
    """µs of a page of each list, of a search by number and of one case; and the lists together."""
    center, numbers = town["township"].center, _filed(town, FILINGS, "township")
    for case_no in numbers[::3]:
        _act(center)(case_no, "accept", {}, CLERK)
    desk, search = _work(center)
    lists = {part: _spent(lambda part=part: _often(lambda: desk(CLERK, part)), ASKED) for part in ("arrived", "mine", "overdue")}  # type: ignore[misc]
    return {
        **lists, "lists": sum(lists.values()), "search": _spent(lambda: _often(lambda: search(CLERK, "B-7")), ASKED),
        "case": _spent(lambda: _often(lambda: _case(center)(numbers[3], CLERK)), ASKED),
    }  # fmt: skip


def idle(town: Town) -> Figures:
    """Processor time until a real node serves, in ms; its memory then, and that of one more node in this process, in KB."""
    folder = Path(tempfile.mkdtemp(prefix="tongban-probe-"))
    try:
        init_node(folder / "n", "city", "420100000000", "武汉市", WEB, "127.0.0.1:18893")
        return {**_started(folder / "n"), "another node, KB": _another(folder / "n", town)}
    finally:
        shutil.rmtree(folder)


def _started(folder: Path) -> Figures:
    with subprocess.Popen([sys.executable, "-m", "node.cli", "run", str(folder)]) as process:
        try:
            while not _serves():
                time.sleep(0.02)
            used = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
            return {"start, ms": used * 1000 / os.sysconf("SC_CLK_TCK"), "resident, KB": _resident(process.pid)}
        finally:
            process.terminate()


def _another(folder: Path, town: Town) -> float:
    """The first few load what all of the process share."""
    centers, before = list[Any](), 0.0
    for number in range(25):
        shutil.copytree(folder, folder.with_name(f"n{number}"))
        centers.append(assemble(folder.with_name(f"n{number}"), town["city"].clock, threaded=False))
        (getattr(centers[-1], "status", None) or centers[-1].upkeep.status)()
        before = _resident("self") if number == 4 else before
    grown = (_resident("self") - before) / 20
    for center in centers:
        center.store.close()
    return grown


def _serves() -> bool:
    try:
        with urllib.request.urlopen(f"http://{WEB}/healthz", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _resident(pid: int | str) -> float:
    """KB, from /proc (Linux only)."""
    return next(
        float(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")
    )


def _filed(town: Town, count: int, name: str = "village") -> list[str]:
    """Cases that a node filed while its line was down."""
    town.cut()
    for node in town.nodes.values():
        node.center.store.writer.wait_for_disk(False)
    file, actor = _filer(town[name].center), AGENT if name == "village" else CLERK
    return [file(_application(town, name, n), actor).case_no for n in range(count)]


def _application(town: Town, name: str, n: int) -> dict[str, Any]:
    """That of the person `n`: his number has its check character (GB 11643), a name comes 100 times among 2,000."""
    body = f"420102{1940 + n % 65}{1 + n // 65 % 12:02d}{1 + n // 780 % 28:02d}{n // 21840 + 100:03d}"
    check = "10X98765432"[sum(int(digit) << (17 - place) for place, digit in enumerate(body)) % 11]
    person = {"name": SURNAMES[n % 20] + GIVEN[n // 20 % 10] + GIVEN[n % 7], "id_number": body + check, "phone": f"15{n:09d}"}
    document = town.application(name, application_no=f"B-{n}")
    return document | {"applicant": {**document["applicant"], **person}}


def _filer(center: Any) -> Callable[..., Any]:
    return getattr(center, "file_case", None) or center.intake.file  # type: ignore[no-any-return]


def _act(center: Any) -> Callable[..., object]:
    return getattr(center, "act", None) or center.cases.act  # type: ignore[no-any-return]


def _case(center: Any) -> Callable[..., object]:
    return getattr(center, "case", None) or center.cases.case  # type: ignore[no-any-return]


def _work(center: Any) -> Iterable[Callable[..., object]]:
    work = getattr(center, "work", None) or center
    return work.desk, work.search


def _often(ask: Callable[[], object]) -> None:
    for _ in range(ASKED):
        ask()


def _spent(work: Callable[[], object], count: int) -> float:
    gc.collect()  # as `tongban run` does (`oslayer.calm_collector`)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    start = time.process_time()
    work()
    return (time.process_time() - start) / count * 1e6


PARTS: dict[str, Callable[[Town], Figures]] = {
    "filing": filing,
    "link": link,
    "rebuild": rebuild,
    "workbench": workbench,
    "idle": idle,
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tongban-probe-") as folder, closing(four_tiers(Path(folder) / "town")) as town:
        print(json.dumps(PARTS[sys.argv[1]](town)))


if __name__ == "__main__":
    main()
