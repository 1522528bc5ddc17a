#!/usr/bin/env python3
# Own work of this project (data README), taken over unchanged but for these four lines.
# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Synthetic resident applications, deterministic by seed. Standard library only (Python 3.11).

  python3 gen_applications.py --divisions ../divisions/wuhan-4201.csv \
      --items ../catalog/items-detailed-public.csv --n 1000 --seed 1 \
      --out apps.jsonl [--flaws 0.15 --truth truth.csv]

Nobody in the output is real. ID numbers carry a correct GB 11643 check digit but use the order
numbers 996-999, which were set aside in the old 15-digit scheme for people aged 100 or over, so a
number for a person born after 1945 should belong to nobody. Phone numbers start with 154.
The truth file says what is wrong with each flawed application; keep it away from what is tested.
"""
import argparse, csv, datetime as dt, json, random

SURNAMES = ("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜"
            "叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤")
COMPOUND = ["欧阳", "司马", "上官", "诸葛"]
GIVEN_M = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆建国志文博海峰"
GIVEN_F = "芳娜敏静丽艳娟霞秀英玲桂兰红燕梅雪婷慧颖倩琳洁莹琴云莉萍晶璐"
WEIGHT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LEVELS = ["village", "township", "district", "city"]
FLAWS = ["missing_required_material", "bad_id_check_digit", "phone_too_short", "empty_attachment",
         "attachment_too_big", "unknown_village_code", "wrong_entry_level", "name_blank",
         "id_date_impossible", "duplicate_material", "agent_not_allowed", "name_with_script_tag"]


def check_char(body):
    return "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHT)) % 11]


def make_id(rng, county, female):
    d = dt.date(1946, 1, 1) + dt.timedelta(rng.randrange((dt.date(2008, 1, 1) - dt.date(1946, 1, 1)).days))
    body = f"{county}{d:%Y%m%d}{rng.choice(('996', '998') if female else ('997', '999'))}"
    return body + check_char(body)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def up(nodes, code, level):
    while nodes[code]["level"] != level:
        code = nodes[code]["parent_code"]
    return code


def generate(divisions, items, n, seed, flaw_rate):
    rng = random.Random(seed)
    nodes = {r["code"]: r for r in divisions}
    villages = sorted(c for c, r in nodes.items() if r["level"] == "village")
    seen = set()
    for k in range(1, n + 1):
        vcode = rng.choice(villages)
        county = vcode[:6]
        female = rng.random() < 0.5
        given = GIVEN_F if female else GIVEN_M
        surname = rng.choice(COMPOUND) if rng.random() < 0.01 else rng.choice(SURNAMES)
        name = surname + "".join(rng.choice(given) for _ in range(1 if rng.random() < 0.2 else 2))
        idn = make_id(rng, county, female)
        while idn in seen:
            idn = make_id(rng, county, female)
        seen.add(idn)
        item = rng.choice(items)
        levels = item["accept_levels"].split(";")
        lowest = next(x for x in LEVELS if x in levels)
        entry = up(nodes, vcode, lowest)
        at = dt.datetime(2026, 1, 5) + dt.timedelta(days=rng.randrange(300), minutes=rng.randrange(480, 1200))
        agent = lowest == "village" and item["agent_allowed"] == "yes" and rng.random() < 0.6
        atts = []
        for m in json.loads(item["materials"]):
            if m["required"] or rng.random() < 0.5:
                kind = rng.choice((("jpg", "image/jpeg", 180_000, 2_500_000), ("pdf", "application/pdf", 40_000, 6_000_000)))
                atts.append({"material": m["name"], "form": m["form"], "copies": m["copies"],
                             "file": f"{len(atts) + 1:02d}.{kind[0]}", "mime": kind[1], "size": rng.randrange(kind[2], kind[3])})
        street = nodes[nodes[vcode]["parent_code"]]["name"]
        app = {"application_no": f"S{seed:04d}-{k:06d}", "submitted_at": at.isoformat() + "+08:00",
               "item_id": item["item_id"], "item_name": item["name"], "entry_node": entry, "village_code": vcode,
               "channel": "village_agent" if agent else rng.choice(("window", "online")),
               "applicant": {"name": name, "sex": "女" if female else "男", "id_number": idn,
                             "phone": f"154{rng.randrange(10**8):08d}",
                             "address": f"{nodes[county + '000000']['name']}{street}{nodes[vcode]['name']}{rng.randrange(1, 15)}组{rng.randrange(1, 300)}号"},
               "form": {"household_size": rng.randrange(1, 8), "monthly_income_yuan": rng.randrange(0, 15000, 50),
                        "reason": rng.choice(("本人申请", "家庭需要", "经营需要", "到期换发", "信息变更"))},
               "attachments": atts}
        flaw = ""
        if rng.random() < flaw_rate:
            flaw = rng.choice(FLAWS)
            p = app["applicant"]
            need = [a for a in atts if any(m["name"] == a["material"] and m["required"] for m in json.loads(item["materials"]))]
            if flaw == "missing_required_material" and need:
                atts.remove(rng.choice(need))
            elif flaw == "bad_id_check_digit":
                p["id_number"] = idn[:17] + rng.choice([c for c in "0123456789X" if c != idn[17]])
            elif flaw == "id_date_impossible":
                body = idn[:10] + rng.choice(("0231", "1301", "0000", "0431")) + idn[14:17]
                p["id_number"] = body + check_char(body)
            elif flaw == "phone_too_short":
                p["phone"] = p["phone"][:10]
            elif flaw == "empty_attachment" and atts:
                rng.choice(atts)["size"] = 0
            elif flaw == "attachment_too_big" and atts:
                rng.choice(atts)["size"] = 60_000_000
            elif flaw == "unknown_village_code":
                app["village_code"] = vcode[:9] + "999"
            elif flaw == "wrong_entry_level" and lowest != "village":
                app["entry_node"] = vcode
            elif flaw == "name_blank":
                p["name"] = "　"
            elif flaw == "name_with_script_tag":
                p["name"] = name + "<script>alert(1)</script>"
            elif flaw == "duplicate_material" and atts:
                atts.append(dict(atts[0]))
            elif flaw == "agent_not_allowed" and item["agent_allowed"] == "no":
                app["channel"] = "village_agent"
            else:
                flaw = ""
        yield app, flaw


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--divisions", required=True); ap.add_argument("--items", required=True)
    ap.add_argument("--n", type=int, default=1000); ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--flaws", type=float, default=0.0); ap.add_argument("--out", required=True); ap.add_argument("--truth")
    a = ap.parse_args()
    truth = []
    with open(a.out, "w", encoding="utf-8") as f:
        for app, flaw in generate(read_csv(a.divisions), read_csv(a.items), a.n, a.seed, a.flaws):
            f.write(json.dumps(app, ensure_ascii=False) + "\n")
            truth.append((app["application_no"], flaw))
    if a.truth:
        with open(a.truth, "w", encoding="utf-8", newline="") as f:
            w = csv.writer(f, lineterminator="\n"); w.writerow(("application_no", "flaw")); w.writerows(truth)


if __name__ == "__main__":
    main()
