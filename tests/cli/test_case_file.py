"""`tongban case file`, `list`, `show` and the attachments, at a real node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CITY, DISTRICT, ROW, Run, document, write_csv
from tests.cli.test_nodes import running


def application(number: str, **changes: Any) -> dict[str, Any]:
    person = {"name": "吴鑫建", "sex": "男", "id_number": "420106198604299997", "phone": "15493393106", "address": "武昌区"}
    files = [{"material": "申请表", "form": "original", "copies": 1, "file": "01.pdf", "mime": "application/pdf", "size": 10}]
    return {
        "application_no": number, "submitted_at": "2026-04-22T09:36:00+08:00", "item_id": "T001", "item_name": "户口迁移审批",
        "entry_node": CITY, "village_code": DISTRICT, "channel": "window", "applicant": person, "form": {}, "attachments": files,
    } | changes  # fmt: skip


def write_lines(path: Path, documents: list[Any]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents), encoding="utf-8")
    return path


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_line_per_application_in_order(tongban: Run, center: Path, tmp_path: Path) -> None:
    bad = application("A-2", applicant={**application("x")["applicant"], "name": " "})
    file = write_lines(tmp_path / "a.jsonl", [application("A-1"), bad, application("A-3", attachments=[])])
    with open(file, "a", encoding="utf-8") as more:
        more.write("{broken\n")
    done = tongban("case", "file", center, file)
    first, second, third, fourth = lines(done)
    assert done.returncode == 1
    assert (first["application_no"], first["status"]) == ("A-1", "submitted")
    assert [(e["field"], e["code"]) for e in second["errors"]] == [("applicant.name", "blank")]
    assert second["application_no"] == "A-2"
    assert [(e["field"], e["code"]) for e in third["errors"]] == [("attachments", "missing_material")]
    assert "申请表" in third["errors"][0]["message"]
    assert fourth["line"] == 4


def test_filing_again_gives_the_same_cases_running_or_not(tongban: Run, center: Path, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [application(f"B-{n}") for n in range(60)])
    first = tongban("case", "file", center, file)
    assert first.returncode == 0, first.stderr
    with running(center):
        again = tongban("case", "file", center, file)
        found = document(tongban("case", "list", center, "--json"))["cases"]
        shown = document(tongban("case", "show", center, found[0]["case_no"], "--json"))
    assert again.stdout == first.stdout
    assert {case["case_no"] for case in found} == {line["case_no"] for line in lines(first)}
    assert (shown["custodian"], shown["status"], len(shown["timeline"])) == (CITY, "submitted", 1)
    assert document(tongban("case", "list", center, "--status", "accepted", "--json")) == {"cases": []}


def test_the_same_number_with_other_content_names_the_first_case(tongban: Run, center: Path, tmp_path: Path) -> None:
    first = lines(tongban("case", "file", center, write_lines(tmp_path / "a.jsonl", [application("C-1")])))[0]
    other = tongban("case", "file", center, write_lines(tmp_path / "b.jsonl", [application("C-1", form={"x": 1})]))
    (error,) = lines(other)[0]["errors"]
    assert (other.returncode, error["code"]) == (1, "application_conflict")
    assert first["case_no"] in error["message"]


def test_an_application_of_another_node_names_it(tongban: Run, center: Path, tmp_path: Path) -> None:
    done = tongban("case", "file", center, write_lines(tmp_path / "a.jsonl", [application("D-1", entry_node=DISTRICT)]))
    (error,) = lines(done)[0]["errors"]
    assert (error["field"], done.returncode) == ("entry_node", 1)
    assert error["code"] in ("wrong_level", "wrong_node")


def test_attachments_are_sent_checked_and_not_taken_from_elsewhere(tongban: Run, center: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for number, content in (("E-1", b"0123456789"), ("E-2", b"01234")):
        (folder / number).mkdir(parents=True)
        (folder / number / "01.pdf").write_bytes(content)
    (folder / "secret").write_bytes(b"0123456789")
    outside = [{**application("x")["attachments"][0], "file": "../secret"}]
    documents = [application("E-1"), application("E-2"), application("E-3", attachments=outside), application("E-4")]
    done = tongban("case", "file", center, write_lines(tmp_path / "a.jsonl", documents), "--attachments", folder)
    sent, short, elsewhere, absent = lines(done)
    assert done.returncode == 1
    assert (sent["files_sent"], "errors" in sent) == (1, False)
    assert [e["code"] for e in short["errors"]] == ["wrong_size"]
    assert [e["code"] for e in elsewhere["errors"]] == ["invalid"]
    assert (absent["files_sent"], "errors" in absent) == (0, False)
    again = tongban("case", "file", center, tmp_path / "a.jsonl", "--attachments", folder)
    assert lines(again)[0]["files_sent"] == 1


def test_a_bad_catalog_is_reported_by_line_and_nothing_is_imported(tongban: Run, center: Path, tmp_path: Path) -> None:
    write_csv(tmp_path / "bad.csv", [{**ROW, "item_id": "T002"}, {**ROW, "item_id": "T003", "materials": "{"}])
    done = tongban("catalog", "import", center, tmp_path / "bad.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "line 3" in done.stderr
    items = document(tongban("catalog", "list", center, "--json"))["items"]
    assert [item["item_id"] for item in items] == ["T001"]
    missing = tongban("catalog", "import", center, tmp_path / "none.csv")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(("lang", "words"), [("zh_CN.UTF-8", "外部申请编号\tA-1"), ("C.UTF-8", "application number\tA-1")])
def test_a_case_is_shown_with_what_its_entries_say_in_words(
    tongban: Run, center: Path, tmp_path: Path, lang: str, words: str
) -> None:
    made = lines(tongban("case", "file", center, write_lines(tmp_path / "a.jsonl", [application("A-1")])))[0]
    shown = tongban("case", "show", center, made["case_no"], LC_ALL=lang)
    assert f"told\t1\t{words}" in shown.stdout


def test_files_go_to_the_material_they_name_whatever_the_order(tongban: Run, center: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "O-1").mkdir(parents=True)
    (folder / "O-1" / "01.pdf").write_bytes(b"%PDF-form0")
    (folder / "O-1" / "02.pdf").write_bytes(b"%PDF5")
    extra = {"material": "户口簿", "form": "copy", "copies": 1, "file": "02.pdf", "mime": "application/pdf", "size": 5}
    paper = {"material": "房产证", "held": "paper", "count": 2}
    document_ = application("O-1")
    document_["attachments"] = [paper, extra, *document_["attachments"]]
    file = write_lines(tmp_path / "a.jsonl", [document_])
    done = tongban("case", "file", center, file, "--attachments", folder)
    found = lines(done)[0]
    assert (found.get("files_sent"), found.get("errors")) == (2, None)
    shown = document(tongban("case", "show", center, found["case_no"], "--json"))
    held = {row["name"]: (row["held"], row["size"], row["copies"]) for row in shown["materials"]}
    assert held == {"申请表": ("file", 10, 0), "户口簿": ("file", 5, 0), "房产证": ("paper", None, 2)}
