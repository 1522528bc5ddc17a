"""Names of laws in full, as papers cite them (DOMAIN B0). Pure."""

from __future__ import annotations

import re

_LAW = re.compile(r"《(?!中华人民共和国)([^《》]{1,40}?)》")
# Those whose title begins with the name of the state though they are no 法.
_TITLED = frozenset("民法典 户口登记条例 政府信息公开条例 道路运输条例 市场主体登记管理条例".split())


def full_names(text: str) -> str:
    """`text` with the laws it cites in full: 《居民身份证法》 is 《中华人民共和国居民身份证法》."""
    return _LAW.sub(lambda match: f"《中华人民共和国{match[1]}》" if _is_titled(match[1]) else match[0], text)


def _is_titled(name: str) -> bool:
    return name in _TITLED or (name.endswith("法") and not name.endswith(("办法", "方法")))
