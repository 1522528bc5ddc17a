"""What the commands say beside their answers, in both languages (refusals stand in `domain/words/refusals.py`)."""

from __future__ import annotations

# name -> sentence (zh, en)
SENTENCES: dict[str, tuple[str, str]] = {
    "old_backups_needs_renewal": (
        "之前的备份单独不能再用：用它恢复后须请上级运行 tongban invite … --renew。请立即重新备份",
        "older backups can no longer be used alone: after a restore the parent must renew the key (tongban invite … --renew);"
        " make a new backup now",
    ),
    "old_backups_useless": ("之前的备份不能再用，请立即重新备份", "older backups can no longer be used: make a new backup now"),
    "renewed": ("密钥已更新；请立即重新备份", "the key is in force again; make a new backup now"),
    "took_away": ("注意：原已公布的 {count} 项不再有效", "note: {count} rows that were published are gone"),
    "open_address": ("请在浏览器打开下面的地址", "open this address in a browser"),
    "backup_is_sealed": ("备份已加密，恢复时要用备份密钥", "the backup is encrypted; restoring it needs the backup key"),
    "backup_key_once": (
        "第一行是私钥，只显示这一次：由中心主任保管在本机以外，恢复备份时要用；第二行是公钥，本机已保存。以前的备份仍用以前的密钥",
        "the first line is the private key, shown this once: the director keeps it away from this machine and needs it to restore;"
        " the second is the public half, kept here. Earlier backups still need the earlier key",
    ),
    "backup_holds": ("备份含密钥和个人信息，请妥善保管", "this file holds keys and personal data: keep it locked away"),
    "provisional": ("provisional 暂定：超出已公布的工作日历", "provisional: beyond the known calendar"),
    "doubt_unknown_division": ("提示：区划表中没有 {code}，请核对", "note: {code} is not in the division table; check it"),
    "doubt_not_below": ("提示：按区划表 {code} 不在本节点之下，请核对", "note: by the division table {code} is not below this node; check it"),
    "doubt_other_tier": ("提示：按区划表 {code} 属于另一层级，请核对", "note: by the division table {code} is of another tier; check it"),
    "doubt_tier_by_code": (
        "提示：代码 {code} 末尾的零与所填层级不符（市级 8 个、区级 6 个、乡镇级 3 个），请核对",
        "note: the zeros at the end of {code} do not fit the tier (city 8, district 6, township 3); check it",
    ),
    "backup_replaces": ("替换已有文件 {path}", "replacing the file {path} that was there"),
    "no_channel": (
        "本单位没有配置短信或邮件通道：在 config.toml 的 [notices.sms] 或 [notices.smtp] 中配置后重新启动",
        "no channel is configured: set [notices.sms] or [notices.smtp] in config.toml and start again",
    ),
    "running": ("是", "yes"),
    "not_running": ("否：以下连接状态是停止前最后所知", "no: the states of links are the last known"),
    "last_known": ("{state}（最后所知）", "{state} (last known)"),
    "up": ("上级", "parent"),
    "down": ("下级", "child"),
    "waiting": ("待传 {count}", "waiting {count}"),
    "since": ("连通于 {at}", "connected {at}"),
    "contact": ("最近联系 {at}", "last contact {at}"),
    "error": ("原因 {error}", "error {error}"),
    "clock_up": (
        "本机时钟与上级 {peer} 相差约 {apart}，请校准本机时间",
        "this clock differs from that of {peer} by about {apart}: set it",
    ),
    "clock_down": (
        "下级节点 {peer} 的时钟与本机相差约 {apart}，请在该节点校准",
        "the clock of {peer} differs from this one by about {apart}: set it there",
    ),
    "minutes": ("{n} 分钟", "{n} minutes"),
    "hours": ("{n} 小时", "{n} hours"),
    "days": ("{n} 天", "{n} days"),
    "token_used": ("最近使用 {at} 来自 {client}", "used last {at} from {client}"),
    "token_unused": ("从未使用", "never used"),
    "token_valid": ("有效至 {at}", "valid until {at}"),
    "token_expired": ("已于 {at} 到期", "expired {at}"),
    "token_revoked": ("已于 {at} 撤销", "revoked {at}"),
    "serving": ("已运行：网页 {web}", "running: pages at {web}"),
    "serving_both": ("已运行：网页 {web} ，下级连接 {link}", "running: pages at {web} , links of children at {link}"),
}  # fmt: skip
