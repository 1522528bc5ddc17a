"""The search for items in people's words: the name, what people call it, how it is read, and slips of the pen. Pure, in memory.

One search for the guide, the agent and the counter. A hit has a rank; a smaller one is better. The item's own number, then what people
call it to the letter, then names that have the word, then words in the middle of a sentence and beginnings of words, then pinyin. In the
middle of a sentence the longest counts: a word, parts that are all said ("岁+补贴"), or a word that sounds the same. One that says who or
where and not what (孩子) counts there only when no other does. Slips (one character wrong, two characters that sound the same) and names
or words that share two neighbours count only when nothing else fits. Words of the dialect count as the plain ones too (`Sayings.plain`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from node.domain import folded, pinyin
from node.domain.catalog.item import Item

Rank = tuple[int, ...]
NUMBER, CALLED, NAMED, WITHIN, BEGUN, READ = range(6)  # how well a hit fits
_AROUND = (  # what people say around the word that matters
    "请问 我要 我想 想要 怎么样 怎么 怎样 如何 在哪里 在哪儿 在哪 哪里 去哪 哪儿 需要 什么 材料 手续 流程 条件 咋个 咋 去 要 想 给 帮 我 的 了 吗 呢"
    " 把 个 一个 打个 给我 申请 办理 申办 办个 办一个 办 补办 补领 换领 领取 申领 申报 开 弄 搞 交 网上 电话 多少钱 能不能 可以 证明"
).split()
SOUNDS_LEAST, SOUNDS_MOST = 3, 8  # characters of a word that is known by its sound in a sentence; two sound like too much
_START, _END = (re.compile(form % "|".join(sorted(_AROUND, key=len, reverse=True))) for form in ("^(?:%s)", "(?:%s)$"))


class Sayings:
    """What people call items: each word with parts of the names that it means, the likeliest first."""

    def __init__(
        self, said: Mapping[str, Sequence[str]], plain: Mapping[str, str] = MappingProxyType({}), weak: Iterable[str] = ()
    ) -> None:
        """`said`: words with a space between two -> parts of names; parts with + between them must all be said. `plain`: words of the
        dialect, likewise -> the plain word. `weak`: words that say who or where, not what."""
        self.weak = frozenset(tuple(folded.key(part) for part in word.split("+")) for word in weak)
        self._plain = {folded.key(word): folded.key(meant) for words, meant in plain.items() for word in words.split()}
        self._dialect = re.compile("|".join(sorted(map(re.escape, self._plain), key=len, reverse=True)) or "(?!)")
        self.of: dict[str, tuple[str, ...]] = {}
        self.together: dict[tuple[str, ...], tuple[str, ...]] = {}
        for words, parts in said.items():
            targets = tuple(folded.key(part) for part in parts)
            for word in words.split():
                if "+" in word:
                    self.together[tuple(folded.key(part) for part in word.split("+"))] = targets
                else:
                    self.of[folded.key(word)] = targets
        self.by_reading: dict[str, list[str]] = {}
        self.by_initials: dict[str, list[str]] = {}
        for word in self.of:
            if len(word) > 1 and not word.isascii():
                self.by_reading.setdefault(pinyin.read(word), []).append(word)
                self.by_initials.setdefault("".join(pinyin.syllables(c)[0][0] for c in word if pinyin.syllables(c)), []).append(
                    word
                )

    def sounding(self, text: str) -> Iterator[str]:
        """The words of some length that a text has by their sound, however it writes them ("驾使证丢了": 驾驶证)."""
        sounds = [pinyin.read(character) for character in text]
        for start in range(len(text) - SOUNDS_LEAST + 1):
            for end in range(start + SOUNDS_LEAST, min(start + SOUNDS_MOST, len(text)) + 1):
                yield from (one for one in self.by_reading.get("".join(sounds[start:end]), ()) if len(one) == end - start)

    def plain(self, word: str) -> str:
        """The word without dialect."""
        return self._dialect.sub(lambda found: self._plain[found.group()], word)


@dataclass(frozen=True)
class _Entry:
    item: Item
    name: str  # folded
    codes: tuple[str, ...]

    @cached_property
    def sound(self) -> str:
        return pinyin.read(self.name)

    @cached_property
    def pairs(self) -> frozenset[str]:
        return pairs_of(self.name)


class Finder:
    """A search over some items."""

    def __init__(self, items: Iterable[Item], sayings: Sayings) -> None:
        self._sayings = sayings
        self._entries = [_entry(item) for item in items]

    def named(self, words: Sequence[str]) -> list[Item]:
        """Items that fit every word by name, number, what people call them or pinyin; the best first."""
        return [item for item, _ in self._ranked(words, self._hits)]

    def meant(self, words: Sequence[str]) -> list[Item]:
        """Only those that the words name outright, for a search that is about other things too."""
        return [item for item, rank in self._ranked(words, self._hits) if rank[0] <= NAMED]

    def near(self, words: Sequence[str]) -> list[Item]:
        """What somebody may have meant when nothing fits: the same sound, one character wrong, two neighbouring characters shared."""
        return [item for item, _ in self._ranked(words, self._slips)] or [item for item, _ in self._ranked(words, self._shared)]

    def _ranked(self, words: Sequence[str], ask: Callable[[str], Iterator[tuple[_Entry, Rank]]]) -> list[tuple[Item, Rank]]:
        keys = [key for word in words if (key := folded.key(word))]
        together = self._best(ask("".join(keys))) if keys else {}
        found = self._all_of([self._best(ask(key)) for key in keys]) if len(keys) > 1 else {}
        for item_id, hit in together.items():
            outright = len(keys) == 1 or hit[1][0] <= NAMED  # words that are kept apart must all fit
            if outright and (item_id not in found or hit[1] < found[item_id][1]):
                found[item_id] = hit
        hits = sorted(found.values(), key=lambda hit: (hit[1], len(hit[0].name), hit[0].item.item_id))
        return [(entry.item, rank) for entry, rank in hits]

    def _best(self, hits: Iterator[tuple[_Entry, Rank]]) -> dict[str, tuple[_Entry, Rank]]:
        best: dict[str, tuple[_Entry, Rank]] = {}
        for entry, rank in hits:
            if (before := best.get(entry.item.item_id)) is None or rank < before[1]:
                best[entry.item.item_id] = (entry, rank)
        return best

    def _all_of(self, parts: list[dict[str, tuple[_Entry, Rank]]]) -> dict[str, tuple[_Entry, Rank]]:
        common = set.intersection(*(set(part) for part in parts))
        return {one: max((part[one] for part in parts), key=lambda hit: hit[1]) for one in common}

    # what fits a word --------------------------------------------------------------------------------------------------

    def _hits(self, word: str) -> Iterator[tuple[_Entry, Rank]]:
        plain = self._sayings.plain(word)
        for n, text in enumerate(dict.fromkeys((word, core_of(word), plain, core_of(plain)))):
            yield from self._by_name(text, n)
            yield from self._called(text, (CALLED, n))
        for text in dict.fromkeys((word, plain)):
            yield from self._inside(text)
        if word.isascii() and word.isalpha() and len(word) > 1:
            yield from self._by_reading(word)

    def _by_name(self, word: str, n: int) -> Iterator[tuple[_Entry, Rank]]:
        for entry in self._entries:
            if word in entry.codes:
                yield entry, (NUMBER, n)
            elif (at := entry.name.find(word)) >= 0:
                yield entry, (NAMED, n, len(entry.name) > len(word), at > 0, len(entry.name))
            elif len(word) > 2 and any(code.startswith(word) for code in entry.codes):
                yield entry, (NAMED, n, 2)

    def _called(self, word: str, rank: Rank) -> Iterator[tuple[_Entry, Rank]]:
        yield from self._meant(self._sayings.of.get(word, ()), rank)

    def _meant(self, parts: Sequence[str], rank: Rank) -> Iterator[tuple[_Entry, Rank]]:
        for n, part in enumerate(parts):
            yield from ((entry, (*rank, n)) for entry in self._entries if part in entry.name)

    def _inside(self, word: str) -> Iterator[tuple[_Entry, Rank]]:
        """What people call an item, in the middle of what was typed, the longest first; or begun and not ended."""
        if len(word) < 2:
            return
        for said in self._sayings.of:
            if len(said) > 1 and said in word:
                yield from self._called(said, (WITHIN, (said,) in self._sayings.weak, -len(said), 0))
            elif word in said:
                yield from self._called(said, (BEGUN, said.find(word) > 0, len(said) - len(word)))
        for parts, meant in self._sayings.together.items():
            if all(part in word for part in parts):
                yield from self._meant(meant, (WITHIN, parts in self._sayings.weak, -len("".join(parts)), 1))
        for said in self._sayings.sounding(word):
            yield from self._called(said, (WITHIN, (said,) in self._sayings.weak, -len(said), 2))

    def _by_reading(self, letters: str) -> Iterator[tuple[_Entry, Rank]]:
        for said in (*self._sayings.by_initials.get(letters, ()), *self._sayings.by_reading.get(letters, ())):
            yield from self._called(said, (READ, 0))
        for entry in self._entries:
            if pinyin.fits_initials(letters, entry.name) or letters in entry.sound:
                yield entry, (READ, 1, len(entry.name))

    # what comes near ---------------------------------------------------------------------------------------------------

    def _slips(self, word: str) -> Iterator[tuple[_Entry, Rank]]:
        word = core_of(word)
        if len(word) < 2:
            return
        sound = pinyin.read(word)
        for said in self._sayings.by_reading.get(sound, ()):
            yield from self._called(said, (0,))
        for entry in self._entries:
            if sound in entry.sound:
                yield entry, (1, len(entry.name))
        if len(word) > 2:
            for said in self._sayings.of:
                if one_slip(word, said):
                    yield from self._called(said, (2,))

    def _shared(self, word: str) -> Iterator[tuple[_Entry, Rank]]:
        word = self._sayings.plain(word)
        pairs = pairs_of(core_of(word)) or pairs_of(word)
        for said in self._sayings.of:
            if (both := len(pairs & pairs_of(said))) and both * 3 >= len(pairs):  # less says nothing
                yield from self._called(said, (-both, len(said)))
        for entry in self._entries:
            if both := len(pairs & entry.pairs):
                yield entry, (-both, len(entry.name))


def core_of(word: str) -> str:
    """A word without what people say around it ("怎么办护照": 护照); the word itself when nothing would be left."""
    before = ""
    core = word
    while core != before:
        before = core
        for form in (_START, _END):
            shorter = form.sub("", core)
            core = shorter if len(shorter) > 1 else core
    return core


def pairs_of(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def one_slip(word: str, said: str) -> bool:
    """Whether two words differ by one character: another, one more, one less, or two exchanged."""
    if abs(len(word) - len(said)) > 1 or word == said:
        return False
    at = next((n for n, (a, b) in enumerate(zip(word, said, strict=False)) if a != b), min(len(word), len(said)))
    one, other = word[at:], said[at:]
    return one[1:] in (other[1:], other) or one == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])


def _entry(item: Item) -> _Entry:
    name = folded.key(item.name)
    codes = tuple(code for code in (item.item_id, item.item_code_basic, item.item_code_real) if code)
    return _Entry(item, name, tuple(folded.key(code) for code in codes))
