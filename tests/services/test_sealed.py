"""Backups that only the holder of the backup key can read: whole or refused, piece by piece."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.services.upkeep import sealed
from node.services.upkeep.administration import Administration
from node.services.upkeep.backup import backup, restore
from node.services.upkeep.upkeep import Upkeep
from tests.services.nodes import HandClock, Small, make_root

ADMIN = Actor("boss", Role.ADMIN)


@pytest.fixture
def node(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def desk(node: Small) -> Administration:
    found = Administration(node.store, node.keys, node.membership, node.catalog, Upkeep(node.store, node.catalog))
    found.threaded = False
    return found


def seal(data: bytes, key: str) -> bytes:
    out = io.BytesIO()
    with sealed.Sealing(out, sealed.public_of(key)) as sink:
        sink.write(data)
    return out.getvalue()


def opened(data: bytes, key: str) -> bytes:
    out = io.BytesIO()
    sealed.unseal(io.BytesIO(data), out, key)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, sealed.PIECE - 1, sealed.PIECE, sealed.PIECE + 1, 3 * sealed.PIECE])
def test_what_was_sealed_comes_out_again_whatever_its_size(size: int) -> None:
    key, data = sealed.new_key(), bytes(n % 251 for n in range(1000)) * (size // 1000 + 1)
    assert opened(seal(data[:size], key), key) == data[:size]


def test_altered_cut_lengthened_and_reordered_files_are_refused() -> None:
    key = sealed.new_key()
    good, step = seal(b"a" * (3 * sealed.PIECE), key), sealed.PIECE + sealed.TAG
    head = len(good) - 3 * step
    pieces = [good[head + n * step : head + (n + 1) * step] for n in range(3)]
    flipped = bytearray(good)
    flipped[-20] ^= 1
    wrong = [bytes(flipped), good[:-1], good[: head + 2 * step], good[:head], good + b"x", good + pieces[2],
             good[:head] + pieces[1] + pieces[0] + pieces[2]]  # fmt: skip
    for data in wrong:
        with pytest.raises(TongbanError, match=r"^bad_backup "):
            opened(data, key)
    with pytest.raises(TongbanError, match=r"^wrong_backup_key"):
        opened(good, sealed.new_key())


def test_a_key_is_read_out_of_what_was_saved_and_a_slip_of_the_pen_is_noticed(tmp_path: Path) -> None:
    key = sealed.new_key()
    file = tmp_path / "key.txt"
    file.write_text(f"\ufeff备份密钥\n{key.lower()}\n{sealed.public_text(sealed.public_of(key))}\n", encoding="utf-8")
    assert opened(seal(b"x", key), sealed.read_key_file(file)) == b"x"
    assert sealed.public_of(sealed.public_text(sealed.public_of(key))) == sealed.public_of(key)
    slip = key[:-1] + ("A" if key[-1] != "A" else "B")
    for text in ("", "nothing", slip, key[:20]):
        with pytest.raises(TongbanError, match=r"^bad_backup_key"):
            sealed.public_of(text)


def test_a_backup_of_the_browser_holds_nothing_readable_and_is_restored_with_the_key_alone(
    node: Small, desk: Administration, tmp_path: Path
) -> None:
    with pytest.raises(TongbanError, match=r"^no_backup_key"):
        desk.start_backup(ADMIN)
    made = desk.make_backup_key(ADMIN)
    assert desk.backups(ADMIN)["has_key"] and made["key"] not in (node.folder / "keys" / "backup-key.pub").read_text("latin-1")
    desk.start_backup(ADMIN)
    (row,) = desk.backups(ADMIN)["files"]
    path = Path(desk.backup_file(row["name"], ADMIN)["path"])
    data = path.read_bytes()
    assert row["sealed"] and b"SQLite" not in data and b"PRIVATE" not in data and b"PK\x03\x04" not in data
    for key, code in (("", "backup_sealed"), (sealed.new_key(), "wrong_backup_key"), ("x", "bad_backup_key")):
        with pytest.raises(TongbanError, match=f"^{code}"):
            restore(path, tmp_path / "other", node.clock, key)
        assert not (tmp_path / "other").exists()
    assert restore(path, tmp_path / "other", node.clock, made["key"])["code"] == node.store.identity.code
    assert not (tmp_path / "other" / ".unsealed").exists() and (tmp_path / "other" / "keys" / "backup-key.pub").exists()


def test_a_plain_copy_on_the_machine_is_not_handed_out_by_the_browser(node: Small, desk: Administration) -> None:
    (node.folder / "backups").mkdir()
    name = "tongban-420100000000-20260302-090000.zip"
    backup(node.store, node.folder / "backups" / name)
    desk.make_backup_key(ADMIN)
    with pytest.raises(TongbanError, match=r"^no_backup_key"):
        desk.backup_file(name, ADMIN)
