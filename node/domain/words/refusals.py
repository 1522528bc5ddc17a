"""Every refusal a person or a program can meet, in one table.

An error is raised by code (`errors.TongbanError`); its words, HTTP status and whose fault it is stand here and nowhere else.
`docs/errors.md` is generated from this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One row of the error table: HTTP status and the sentence in both languages (str.format fields allowed)."""

    status: int
    zh: str
    en: str


ERRORS: dict[str, ErrorKind] = {
    "invalid_input": ErrorKind(422, "填写内容有误，请按提示修改", "the input has errors"),
    "malformed": ErrorKind(400, "请求格式不正确：{reason}", "the request is malformed: {reason_en}"),
    "too_large": ErrorKind(413, "内容过大，超过 {limit}", "too large: over {limit}"),
    "unsupported_media_type": ErrorKind(415, "内容类型不支持，应为 {wanted}", "unsupported content type: {wanted} is needed"),
    "file_refused": ErrorKind(
        415,
        "这种文件不能作为材料：请用照片（JPG、PNG 等）、PDF、OFD 或 Word、Excel 文档；程序和网页文件不收",
        "this kind of file is not taken: use photographs (JPG, PNG …), PDF, OFD or office documents; no programs or web pages",
    ),
    "heic_refused": ErrorKind(
        415,
        "这张照片是 HEIC 格式，多数电脑打不开，没有上传。请在手机“设置→相机→格式”选“兼容性最佳”重拍，或截屏、经微信另存为 JPG 再传",
        "this photograph is HEIC, which most computers cannot show: it was not sent. Save it as JPG (or set the camera to “most compatible”)"
        " and send it again",
    ),
    "upload_taken": ErrorKind(
        409,
        "这份文件正由{by}上传，请等其传完后刷新页面查看",
        "{by} is sending this file now: wait for its end, then look again",
    ),
    "upload_other": ErrorKind(
        409,
        "同名、同样大小的另一份文件正在上传，内容不同，没有保存；请等半分钟再传，或先把文件改名",
        "another file of this name and size is being sent, with other content: nothing of this one was kept; wait half a minute or"
        " rename it",
    ),
    "too_many_uploads": ErrorKind(
        429,
        "没有传完的文件太多（上限 {limit}），请先把已经开始的传完，或在草稿中删除没有传完的文件",
        "too much is being sent at once (at most {limit}): finish or remove what was begun first",
    ),
    "unauthenticated": ErrorKind(401, "请先登录", "log in first"),
    "wrong_host": ErrorKind(421, "本站不用地址 {host}：{reason}", "this node does not answer as {host}: {reason}"),
    "code_needed": ErrorKind(401, "请输入动态码", "give the one-time code"),
    "login_over": ErrorKind(401, "登录用时过长，请重新输入用户名和密码", "that took too long: give name and password again"),
    "token_over": ErrorKind(
        401,
        "令牌已到期或已撤销，请向系统管理员另要一个",
        "this token has expired or was revoked; ask the administrator for a new one",
    ),
    "forbidden": ErrorKind(403, "您的岗位无权进行此操作：{rule}", "your role may not do this: {rule}"),
    "not_found": ErrorKind(404, "没有找到：{what}", "not found: {what}"),
    "method_not_allowed": ErrorKind(405, "不支持此操作", "method not allowed"),
    "not_yet_available": ErrorKind(404, "此功能尚未提供", "not yet available"),
    "no_such_paper": ErrorKind(404, "此办件没有这份文书：{reason}", "the case has no such paper: {reason_en}"),
    "receiving_much": ErrorKind(
        503,
        "正在接收的内容太多，这一份没有接收，请稍候再发一次",
        "too much is being received at the moment: this was not taken, send it again in a moment",
    ),
    "rate_limited": ErrorKind(429, "查询过于频繁，请稍后再试", "too many tries; wait a little"),
    "idempotency_conflict": ErrorKind(
        422, "同一 Idempotency-Key 已用于另一请求", "the idempotency key was used with another body"
    ),
    "application_conflict": ErrorKind(
        409,
        "外部申请编号 {application_no} 已用于另一份内容，首次办件为 {case_no}",
        "application number {application_no} was filed with other content as {case_no}",
    ),
    "illegal_action": ErrorKind(
        409, "当前状态“{status_zh}”下不能进行“{action_zh}”：{rule}", "{action} is not allowed in state {status}: {rule}"
    ),
    "guard_failed": ErrorKind(409, "不能办理：{rule}", "a condition of the rule does not hold: {rule}"),
    "not_custodian": ErrorKind(
        409, "该件现由{custodian_name}办理，本单位不能操作", "the case is held by {custodian_name}; this office may only ask"
    ),
    "in_transit": ErrorKind(
        409,
        "办件正在移交（{sender_name}→{receiver_name}），签收前不能办理",
        "the case is in transit ({sender_name} to {receiver_name})",
    ),
    "changed_meanwhile": ErrorKind(
        409,
        "您打开页面之后，同事已改过这一项，没有保存；请核对后再选一次",
        "a colleague changed this after you opened the page: look and choose again",
    ),
    "version_conflict": ErrorKind(409, "办件刚有新的变化，请刷新后再办", "the case has moved on to version {version}"),
    "frozen": ErrorKind(
        409,
        "本站刚从备份恢复，该办件须经有关上下级确认后才能办理",
        "restored from a backup: the case waits for confirmation by its peers",
    ),
    "frozen_at_root": ErrorKind(
        409,
        "本站刚从备份恢复，该办件没有上级可以确认：请主任核对后运行 tongban case release DIR {case_no}",
        "restored from a backup, and a root has no parent to confirm the case: a director checks it, then runs"
        " tongban case release DIR {case_no}",
    ),
    "contents_missing": ErrorKind(
        409,
        "申请内容不在本站（恢复前没有备份到，别处也没有），请按原外部申请编号把同一申请再登记一次，内容补回本办件；没有原外部申请编号的，作废后重新登记，新申请写明原办件编号，收件日期不变",
        "the contents of the application are lost: file the same application again under its number, or void the case and file it"
        " anew, naming this one as the case it replaces",
    ),
    "needs_upgrade": ErrorKind(
        409,
        "办件含有本站程序不认识的记录：本站可以签收、移交、退回、送达，不能审查和决定；请先升级程序",
        "the case has entries this version does not know: it can be received, handed on, handed back and delivered here, but not decided;"
        " upgrade first",
    ),
    "peer_needs_upgrade": ErrorKind(
        409,
        "{name}（{node}）的程序还不认识这项操作，办件回到那里后不能送达，本次操作没有进行；请先升级该单位的程序",
        "the program of {node} does not know this act yet and could not serve the case when it comes home; nothing was done. Upgrade that node"
        " first",
    ),
    "quarantined": ErrorKind(409, "记录已隔离：{reason}", "quarantined: {reason}"),
    "disk_full": ErrorKind(507, "磁盘空间不足，本次操作没有保存，请清理后重试", "the disk is full; this was not saved"),
    "read_only": ErrorKind(503, "数据目录只读，无法保存", "the data directory is read-only: nothing can be saved"),
    "storage_busy": ErrorKind(503, "数据库被其他程序占用，请关闭后重试", "the database is locked by another program"),
    "storage_failed": ErrorKind(503, "存储出错，本次操作没有保存：{reason}", "storage failed; this was not saved: {reason}"),
    "schema_altered": ErrorKind(
        503,
        "数据库里的表结构记录与程序不符（{what}）：程序较旧的，请升级；记录被改动过的，请从备份恢复",
        "the database's record of its tables does not fit this program ({what}): upgrade the program when it is older than the data,"
        " restore a backup when the record was altered",
    ),
    "half_done": ErrorKind(
        503,
        "{done}，不用重做；后面的步骤没有做完，请清理磁盘（不够时请联系管理员），再回到这里，会接着做完",
        "{done_en}: that need not be done again; the steps after it are not finished: free disk space, then come back here",
    ),
    "port_taken": ErrorKind(503, "端口 {address} 已被占用，请改用其他端口", "address {address} is already in use"),
    "already_running": ErrorKind(409, "该节点已在运行：{path}", "the node is already running: {path}"),
    "not_a_node": ErrorKind(404, "{path} 不是通办节点目录", "{path} is not a Tongban node directory"),
    "no_node_yet": ErrorKind(
        404,
        "{path} 不存在或是空目录，没有节点。路径写错的请改正；新建、加入或恢复请运行：tongban setup {path}",
        "{path} does not exist or is empty: correct the path, or make a node there with  tongban setup {path}",
    ),
    "no_applications": ErrorKind(
        422, "{path} 不是申请文件：没有一行是 JSON", "{path} is no file of applications: not one line is JSON"
    ),
    "already_a_node": ErrorKind(409, "{path} 已经是一个节点", "{path} already holds a node"),
    "not_empty": ErrorKind(409, "{path} 不是空目录", "{path} is not an empty directory"),
    "bad_config": ErrorKind(422, "配置文件有误：{reason}", "the configuration is wrong: {reason}"),
    "setup_elsewhere": ErrorKind(
        422,
        "首次设置页面只在本机打开：请用 --web 127.0.0.1:PORT，不能用 {address}",
        "setup is served on this machine alone: use --web 127.0.0.1:PORT instead of {address}",
    ),
    "needs_address": ErrorKind(
        422,
        "请用 {options} 写明下级从哪个地址找到本节点（本节点监听 {now}）",
        "say with {options} where children reach this node (it listens on {now})",
    ),
    "bad_join_code": ErrorKind(422, "加入码不正确或不完整", "the join code is wrong or incomplete"),
    "join_code_used": ErrorKind(409, "加入码已被使用", "the join code was already used"),
    "join_code_expired": ErrorKind(409, "加入码已过期，请上级重新生成", "the join code has expired"),
    "wrong_parent": ErrorKind(409, "对方的身份与加入码不符，已中止", "the other side is not the parent named in the join code"),
    "extra_missing": ErrorKind(
        501,
        "本站没有安装附加组件 {extra}（DuckDB）。CSV 不需要它；需要时执行 pip install 'tongban[{extra}]'",
        "the extra {extra} (DuckDB) is not installed here; CSV does not need it. To install it: pip install 'tongban[{extra}]'",
    ),
    "cannot_write": ErrorKind(500, "无法写入 {path}：{reason}", "cannot write to {path}: {reason}"),
    "unreachable": ErrorKind(503, "无法连接 {address}：{reason}", "cannot reach {address}: {reason}"),
    "not_direct_child": ErrorKind(
        409, "{node} 不是本节点的直接下级，请由它的上级操作", "{node} is not a direct child of this node: ask its own parent"
    ),
    "not_a_renewal": ErrorKind(
        409,
        "这个加入码是给新节点用的；更新密钥请上级运行 tongban invite … --renew",
        "this join code is for a new node; for a renewal the parent runs  tongban invite … --renew",
    ),
    "renew_other_node": ErrorKind(
        409,
        "这个加入码只供 {node} 原来的节点更新密钥，新节点不能使用；原节点的备份都没有了的，请上级先将它注销，再生成新的加入码",
        "this join code renews the key of the node {node}; no other node can use it. Where no backup of that node is left, the parent"
        " revokes it and makes a new join code",
    ),
    "strange_key": ErrorKind(
        409,
        "这把密钥从来不是 {node} 的，更新码不能换上新密钥；原来的密钥都没有了的，请上级先将 {node} 注销，再生成新的加入码",
        "this was never a key of the node {node}, and a renewal brings in no new key. Where all its keys are lost, the parent revokes"
        " the node and makes a new join code",
    ),
    "renew_not_needed": ErrorKind(
        409,
        "本节点的签名密钥有效，不需要更新；刚从备份恢复的，请先与上级接通一次",
        "the signing key is in force: nothing to renew; after a restore let the node reach its parent once first",
    ),
    "backup_too_old": ErrorKind(
        409,
        "上级已有 {node} 更晚的记录，这份备份恢复后的密钥不能从此处起用；请先与上级接通一次再试",
        "the parent has later entries of {node}, so the key cannot count from here: let the node reach its parent once, then try"
        " again",
    ),
    "key_superseded": ErrorKind(
        409,
        "备份早于密钥更换，本节点的新记录上级暂不能确认（不会丢失）；请上级运行 tongban invite … --renew，再在本机运行 tongban renew",
        "the backup is older than the change of the key: new entries are kept but not yet confirmed above; the parent runs"
        " tongban invite … --renew, then run tongban renew here",
    ),
    "root_key_lost": ErrorKind(
        409,
        "备份早于密钥更换，而本节点没有上级可以更新密钥：这份备份不能再用，请改用更换密钥之后的备份",
        "the backup is older than the change of the key and a root has no parent to renew it: use a backup made after the change",
    ),
    "root_not_renewed": ErrorKind(
        409,
        "根节点没有上级，密钥不能由上级更新；密钥过旧的，请改用更换密钥之后的备份",
        "a root cannot be renewed: it has no parent; where its key is too old, use a backup made after the change",
    ),
    "rotate_later": ErrorKind(
        409,
        "本节点从备份恢复后尚未与全部上下级接通，接通后才能更换密钥",
        "restored from a backup: the key can be changed once every neighbour has been reached",
    ),
    "unconfirmed": ErrorKind(
        409,
        "本节点从备份恢复后，尚未与 {codes} 核对，此前公布过什么还不清楚，现在不能发布（没有写入任何内容）。"
        "请先接通线路；其中已不再使用的单位，请先注销",
        "restored from a backup: until {codes} have been reached, nobody here knows what was published before, so nothing can be published"
        " (nothing was written). Get their lines up first; revoke those that are gone for good",
    ),
    "code_active": ErrorKind(
        409,
        "区划代码 {node} 已有在用节点：请换一个代码；原节点不再使用的，请先将它注销",
        "code {node} already has a node in use: choose another code, or revoke that node first if it is gone for good",
    ),
    "wrong_role": ErrorKind(422, "岗位不适用：{rule}", "the role does not fit: {rule}"),
    "wrong_tier": ErrorKind(422, "层级不正确：{rule}", "wrong tier: {rule}"),
    "unknown_node": ErrorKind(404, "没有这个节点：{node}", "no such node: {node}"),
    "already_revoked": ErrorKind(409, "{node} 此前已被注销", "{node} was revoked before"),
    "not_running": ErrorKind(
        409, "本节点没有运行：启动后会自动连接上级", "the node is not running: once started it reaches its parent by itself"
    ),
    "child_dials": ErrorKind(
        409,
        "连接由下级发起，上级不能重试：请在 {node} 的电脑上运行 tongban retry",
        "a child dials its parent, not the other way: run tongban retry at {node}",
    ),
    "no_channel": ErrorKind(
        409,
        "没有配置这个通道：请在 config.toml 的 [notices.{channel}] 中配置后重新启动",
        "this channel is not configured: set [notices.{channel}] in config.toml and start again",
    ),
    "notice_over": ErrorKind(
        409,
        "这条通知已经发出或者情况已经变化，不再发送",
        "this notice went out or is no longer true: it is not sent again",
    ),
    "revoked": ErrorKind(403, "本节点已被上级注销，请联系上级管理员", "this node was revoked by its parent"),
    "clock_wrong": ErrorKind(409, "本机时钟可能不准（{claimed}），请先校时", "this machine's clock seems wrong ({claimed})"),
    "import_failed": ErrorKind(422, "导入失败，没有写入任何内容：{count} 处错误", "nothing was imported: {errors}"),
    "takes_away": ErrorKind(
        409,
        "这个文件会去掉已公布的 {count} 项（如 {example}），没有写入任何内容。请核对差别；确实要去掉的，用“替换”（--replace）再导入",
        "this file would take away {rows_en} that are published (such as {example}); nothing was written. Look at the difference; if they"
        " are to go, import it again with --replace",
    ),
    "own_account": ErrorKind(
        409,
        "不能修改自己的岗位或停用自己，请由另一位管理员操作",
        "nobody changes or deactivates the own account: ask another administrator",
    ),
    "last_admin": ErrorKind(409, "至少要保留一位系统管理员", "one administrator must remain"),
    "pin_needs_password": ErrorKind(401, "操作密码已不能使用，请输入密码", "the PIN cannot be used now: give the password"),
    "busy": ErrorKind(409, "另一项备份或检查正在进行，请等它结束", "another backup or check is running: wait for its end"),
    "no_backup_key": ErrorKind(
        409,
        "还没有备份密钥：请中心主任在本机运行 tongban backup-key 目录，把打印出的密钥自己保管，然后再做备份",
        "there is no backup key yet: the director runs `tongban backup-key DIR` on this machine, keeps what it prints, then make the backup",
    ),
    "bad_backup_key": ErrorKind(
        422,
        "文件里没有备份密钥（TBKEY1- 开头的一行），或抄错了字",
        "the file holds no backup key (a line that begins with TBKEY1-), or it was copied wrongly",
    ),
    "wrong_backup_key": ErrorKind(422, "这份备份不是用这个密钥加密的", "the backup was not encrypted to this key"),
    "backup_sealed": ErrorKind(
        422,
        "备份是加密的：请用 --key 给出中心主任保管的备份密钥文件",
        "the backup is encrypted: give the file with the director's backup key with --key",
    ),
    "bad_backup": ErrorKind(422, "备份文件损坏或不是通办备份：{reason}", "the backup is damaged or not ours: {reason}"),
    "internal": ErrorKind(500, "内部错误，已记录（编号 {ticket}），请联系管理员", "internal error, recorded as {ticket}"),
}
