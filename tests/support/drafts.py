"""A draft as the tests make one: the item, the two agents, what is typed, a photograph."""

from __future__ import annotations

from node.domain.model import Actor, Role
from node.services.center import Center

ITEM = "ZW007"
ZHOU, QIAN = Actor("s-zhou", Role.AGENT, "周玲"), Actor("s-qian", Role.AGENT, "钱芳")
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
TYPED = {
    "name": "𠮷田·买买提", "id_number": "420106 19870207 9963", "phone": "15412345678", "address": "保成社区1组1号", "contact": "relative",
    "contact_name": "女儿", "mandate_until": "2026-06-30", "mandate_signed": "handprint", "note": "本人申请\n第二行",
}  # fmt: skip


def photograph(center: Center, id: str, material: str, data: bytes = PHOTO, key: str = "") -> str:
    made = center.drafts.add_file(
        id, key or f"k{len(data)}-{material[:9].encode().hex()}", "IMG_1.jpg", len(data), material, ZHOU
    )
    center.drafts.put_file(id, made["id"], 0, data, ZHOU)
    return str(made["id"])
