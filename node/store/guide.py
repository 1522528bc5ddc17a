"""SQL of the service guide: the items in force as a full-text index (FTS5, `unicode61`).

Chinese is written without spaces, and `unicode61` makes one token of a whole run of characters. So a space is put around
every Chinese character before the text is stored and before a word is looked for; a word is then the phrase of its
characters, whatever its length. (`trigram` would not find words of one or two characters.)

The index is a copy that can be made anew at any time: `made_from` says of which items, and is written in the same
transaction. Where SQLite has no FTS5 the table does not exist and every look-up raises `StorageFailure`.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence

from node.store.database import storage_error

META = "guide"  # the key of what the index was made from
CJK = (
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)

TABLE = "CREATE VIRTUAL TABLE guide USING fts5(item_id UNINDEXED, name, words, tokenize='unicode61')"


def create(connection: sqlite3.Connection) -> None:
    """The table of the index; nothing where SQLite was built without FTS5 (the guide then searches by substring)."""
    try:
        connection.execute(TABLE)
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise


def spaced(text: str) -> str:
    """Text with a space around every Chinese character, full-width letters made plain, everything else that is no letter or
    digit made a space."""
    found = []
    for c in unicodedata.normalize("NFKC", text):
        if is_chinese(c):
            found.append(f" {c} ")
        else:
            found.append(c if c.isalnum() else " ")
    return " ".join("".join(found).split())


def is_chinese(character: str) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in CJK)


def query_of(words: Sequence[str]) -> str:
    """The FTS5 query for all of some words, each a phrase whose end may go on; empty when no word holds a letter or digit."""
    phrases = [phrase for phrase in map(spaced, words) if phrase]
    return " AND ".join(f'"{phrase}"*' for phrase in phrases)


def made_from(connection: sqlite3.Connection) -> bytes:
    """What the index was last made from; b"" when it never was."""
    row = connection.execute("SELECT value FROM meta WHERE key=?", (META,)).fetchone()
    return bytes(row[0]) if row else b""


def rebuild(connection: sqlite3.Connection, source: bytes, rows: Iterable[tuple[str, str, str]]) -> None:
    """Replace the index by `rows` (item id, name, other words)."""
    connection.execute("DELETE FROM guide")
    connection.executemany(
        "INSERT INTO guide(item_id, name, words) VALUES (?,?,?)",
        ((item_id, spaced(name), spaced(words)) for item_id, name, words in rows),
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (META, source))


def fitting(connection: sqlite3.Connection, query: str) -> list[str]:
    """Ids of the items that fit a query, best first. Errors: `StorageFailure`."""
    try:
        rows = connection.execute(
            "SELECT item_id FROM guide WHERE guide MATCH ? ORDER BY bm25(guide, 0, 10, 1), item_id", (query,)
        )
        return [str(row[0]) for row in rows]
    except sqlite3.Error as error:
        raise storage_error(error) from None
