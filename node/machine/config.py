"""`config.toml` of a node: what belongs to the machine it runs on, and nothing else.

Who the node is (id, code, name, tier, parent) stands in its journal, signed; keys stand in the database. This file holds
only what an administrator of the machine decides: addresses, the proxy in front, the parent's link address, logging.
It is read once at start into frozen dataclasses. An unknown section or key, a wrong type or an impossible value is an
error in one sentence (`bad_config`), because a misspelt key that is silently ignored is found a year later.

Every key is described once, in the `metadata` of its field; `docs/config.md` and the comments of a fresh file come from
there.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import tomllib
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from node.domain.notices.timing import read_quiet
from node.domain.words.errors import TongbanError
from node.machine import oslayer

CONFIG_FILE = "config.toml"
SECTION = TypeVar("SECTION")


def key(default: Any, about: str, **limits: Any) -> Any:
    """A documented key. `limits`: choices=(…), low=, high=, address=True (HOST:PORT or empty), url=True (scheme and host or empty),
    fits= (a function of the value: what is wrong with it, in Chinese and English, or None). A table is given as a tuple of pairs."""
    return field(default=default, metadata={"about": about, **limits})


def _fits_quiet(value: str) -> tuple[str, str] | None:
    return None if read_quiet(value) is not None else ("应写成 21:00-08:00", "must be written as 21:00-08:00")


@dataclass(frozen=True, slots=True)
class WebSection:
    """The web listener: pages, HTTP API, joining of children."""

    address: str = key("127.0.0.1:8800", "HOST:PORT to listen on; plain HTTP on loopback, HTTPS elsewhere", address=True)
    behind_proxy: bool = key(False, "a proxy in front does HTTPS and sets X-Forwarded-For; plain HTTP on any address then")
    public_url: str = key(
        "",
        "where people reach this node, as https://HOST; printed on slips, papers and QR codes; empty: as the browser asks",
        url=True,
    )
    host_names: str = key(
        "",
        "further names it is asked by, with commas; by any name but these, its machine's, those without a dot and IP addresses it answers 421",
    )
    certificate: str = key("", "PEM file of the HTTPS certificate; empty: one made by the node itself")
    private_key: str = key("", "PEM file of the HTTPS private key")
    lock_after_seconds: int = key(
        0, "seconds without activity until a screen asks for the PIN; 0: 180 at a village, 600 elsewhere", low=0, high=43200
    )


@dataclass(frozen=True, slots=True)
class GrpcSection:
    """The link listener: children dial in here. A node without children opens none."""

    address: str = key("", "HOST:PORT to listen on for children; empty: no listener", address=True)


@dataclass(frozen=True, slots=True)
class ParentSection:
    """Where this node dials. Who the parent is stands in the journal; a proxy may stand between."""

    address: str = key("", "HOST:PORT of the parent's link listener; empty at the root", address=True)


@dataclass(frozen=True, slots=True)
class DiscoverySection:
    """Finding the parent on the local network when its address does not answer (multicast DNS). It supplies addresses only; keys decide."""

    on: bool = key(
        True,
        "announce this node's listeners, and look for the parent; one at a loopback address (a proxy, a tunnel) is not looked for",
    )
    interfaces: str = key("", "IPv4 addresses of this machine to use, with commas; empty: all but loopback", ipv4=True)


@dataclass(frozen=True, slots=True)
class LinkSection:
    """How links behave. The defaults are measured (docs/performance.md); a village line needs no other."""

    batch: int = key(100, "entries in one message at most", low=1, high=1000)
    window: int = key(8, "messages sent ahead of their acknowledgement", low=1, high=64)
    compress: bool = key(True, "compress messages (3 times smaller on a slow line)")


@dataclass(frozen=True, slots=True)
class LogSection:
    """The log: one line of JSON per event, English, without personal data."""

    level: str = key("info", "least important event to keep", choices=("debug", "info", "warning", "error"))
    max_mb: int = key(10, "size of tongban.log, MB, before it is put aside; three old ones are kept", low=1, high=1000)


def _fits_headers(value: tuple[tuple[str, object], ...]) -> tuple[str, str] | None:
    """This file is part of a backup, so it holds no secret."""
    bare = [
        name
        for name, text in value
        if name.lower() in ("authorization", "proxy-authorization", "x-api-key") and "{secret}" not in str(text)
    ]
    return ("中的密钥应写成 {secret}，内容放在 secret_file", "must say {secret}, which stands in secret_file") if bare else None


@dataclass(frozen=True, slots=True)
class SmtpSection:
    """Notices by mail. Without a host there are none."""

    host: str = key("", "name of the mail server; empty: no mail")
    port: int = key(587, "the port that it listens on", low=1, high=65535)
    starttls: bool = key(True, "encrypt the line; without it neither a password nor a message is sent, except to this machine")
    user: str = key("", "login; empty: none")
    password_file: str = key(
        "", "file in DIR/secrets (mode 0600, on Windows closed to other accounts; never part of a backup) that holds the password"
    )
    sender: str = key("", "the address that the mails come from")
    timeout_s: int = key(20, "seconds to wait for an answer", low=1, high=120)


@dataclass(frozen=True, slots=True)
class SmsSection:
    """Notices by SMS through an HTTP gateway. {phone} {text} {id} are replaced in url and body, {secret} in all three."""

    url: str = key("", "address of the gateway; empty: no SMS")
    method: str = key("POST", "how it is asked", choices=("POST", "PUT", "GET"))
    headers: tuple[tuple[str, object], ...] = key(
        (("Content-Type", "application/json"),),
        "headers of the request, a table; what opens the gateway is written {secret}",
        fits=_fits_headers,
    )
    body: str = key(
        '{"phone": "{phone}", "text": "{text}", "id": "{id}"}', "body; values are escaped as the Content-Type wants it"
    )
    accepted: tuple[tuple[str, object], ...] = key(
        (("status", [200, 201, 202]),),
        'what counts as taken: `status`, a list, and values by JSON pointer, as { status = [200], "/code" = 0 }',
    )
    timeout_s: int = key(10, "seconds to wait for an answer", low=1, high=120)
    secret_file: str = key(
        "", "file in DIR/secrets (mode 0600, on Windows closed to other accounts; never part of a backup) that holds the {secret}"
    )
    idempotent: bool = key(False, "the gateway sends one {id} once: what it did not answer is given to it again")


@dataclass(frozen=True, slots=True)
class NoticesSection:
    """Telling residents where their case is."""

    quiet: str = key("21:00-08:00", "hours without messages", fits=_fits_quiet)
    gather_minutes: int = key(10, "minutes in which what comes for one case is one message; 0: each at once", low=0, high=60)
    daily: int = key(1000, "messages a day at most; the rest go the next morning, one a person", low=1, high=1000000)
    smtp: SmtpSection = SmtpSection()
    sms: SmsSection = SmsSection()


@dataclass(frozen=True, slots=True)
class Config:
    """All of config.toml."""

    web: WebSection = WebSection()
    grpc: GrpcSection = GrpcSection()
    parent: ParentSection = ParentSection()
    discovery: DiscoverySection = DiscoverySection()
    link: LinkSection = LinkSection()
    log: LogSection = LogSection()
    notices: NoticesSection = NoticesSection()


def load(path: Path) -> Config:
    """Read a config file. Raises TongbanError: bad_config (with the reason), not_a_node when there is no file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise TongbanError("not_a_node", path=str(path.parent)) from None
    except OSError as error:
        raise oslayer.disk_error(error, path) from error
    try:
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad(f"{path.name} 不是 UTF-8 编码", f"{path.name} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"{path.name} 写法不对（{error}）", f"{path.name}: {error}") from None
    return parse(document)


def load_dir(directory: Path) -> Config:
    """The config of the node in `directory`."""
    return load(directory / CONFIG_FILE)


def parse(document: dict[str, Any]) -> Config:
    """A parsed TOML document -> Config. Raises TongbanError(bad_config)."""
    sections = get_type_hints(Config)
    for name, value in document.items():
        if name not in sections:
            raise _bad(
                f"没有 [{name}] 这一节，只有：{'、'.join(sections)}", f"unknown section [{name}]; known: {', '.join(sections)}"
            )
        if not isinstance(value, dict):
            raise _bad(f"{name} 应写成一节 [{name}]", f"{name} must be a section [{name}]")
    return Config(**{name: _section(sections[name], name, document.get(name, {})) for name in sections})


def _section(kind: type[SECTION], name: str, given: dict[str, Any]) -> SECTION:
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {label: tuple(value.items()) if _is_table(known.get(label), value) else value for label, value in given.items()}
    for label, value in values.items():
        if label not in known:
            raise _bad(
                f"[{name}] 中没有 {label}，只有：{'、'.join(known)}",
                f"unknown key {label} in [{name}]; known: {', '.join(known)}",
            )
        part = known[label].default
        if dataclasses.is_dataclass(part) and isinstance(value, dict):
            values[label] = _section(type(part), f"{name}.{label}", value)
        else:
            _check(f"{name}.{label}", value, known[label])
    return kind(**values)


def _is_table(known: dataclasses.Field[Any] | None, value: object) -> bool:
    return known is not None and isinstance(known.default, tuple) and isinstance(value, dict)


def _check(label: str, value: object, known: dataclasses.Field[Any]) -> None:
    if type(value) is not type(known.default):
        kinds = TYPE_NAMES.get(type(known.default), ("一节", "a section"))
        raise _bad(f"{label} 应为{kinds[0]}", f"{label} must be {kinds[1]}")
    limits = known.metadata
    if "fits" in limits and (fault := limits["fits"](value)) is not None:
        raise _bad(f"{label} {fault[0]}", f"{label} {fault[1]}")
    if "choices" in limits and value not in limits["choices"]:
        raise _bad(f"{label} 只能是 {'、'.join(limits['choices'])}", f"{label} must be one of {', '.join(limits['choices'])}")
    if isinstance(value, int) and not limits.get("low", value) <= value <= limits.get("high", value):
        low, high = limits["low"], limits["high"]
        raise _bad(f"{label} 应在 {low} 和 {high} 之间", f"{label} must be between {low} and {high}")
    if limits.get("url") and isinstance(value, str) and value:
        _check_url(label, value)
    if limits.get("ipv4") and isinstance(value, str):
        _check_ipv4(label, value)
    if limits.get("address") and isinstance(value, str) and value:
        try:
            oslayer.split_address(value)
        except ValueError as error:
            raise _bad(f"{label} 应为地址加端口，例如 127.0.0.1:8800，不是 {value!r}", f"{label}: {error}") from None


def _check_ipv4(label: str, value: str) -> None:
    for one in listed(value):
        try:
            ipaddress.IPv4Address(one)
        except ValueError:
            raise _bad(
                f"{label} 应为本机的 IPv4 地址，用逗号分开，不是 {one!r}", f"{label}: {one!r} is no IPv4 address"
            ) from None


def listed(value: str) -> tuple[str, ...]:
    """A value with commas as its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _check_url(label: str, value: str) -> None:
    try:
        found = urllib.parse.urlsplit(value)
        good = found.scheme in ("http", "https") and found.hostname and found.port != 0 and "@" not in found.netloc
    except ValueError:
        good = False
    if not good or found.path or found.query or found.fragment or any(c <= " " for c in value):
        raise _bad(f"{label}:{value!r} 应写成 https://主机名，不带路径", f"{label}: {value!r} is not https://HOST without a path")


TYPE_NAMES: dict[type, tuple[str, str]] = {
    str: ("引号中的文字", "text in quotes"), bool: ("true 或 false", "true or false"), int: ("整数", "a whole number"),
    tuple: ("表，例如 { 名称 = 值 }", "a table, such as { name = value }"),
}  # fmt: skip


def _bad(zh: str, en: str) -> TongbanError:
    return TongbanError("bad_config", reason=zh, reason_en=en)


# ---- writing ---------------------------------------------------------------------------------------------------------


def to_toml(config: Config) -> str:
    """The file with every key, each under a comment that says what it does."""
    lines = ["# Tongban node: what belongs to this machine. Read at start; an unknown key is an error."]
    for name, values in sections(config):
        lines += ["", f"# {values.__doc__}", f"[{name}]"]
        for one in dataclasses.fields(values):
            if "about" in one.metadata:
                lines += [f"# {one.metadata['about']}", f"{one.name} = {literal(getattr(values, one.name))}"]
    return "\n".join(lines) + "\n"


def sections(config: Config) -> list[tuple[str, Any]]:
    """Every section with its name, those within another after it."""
    found = []
    for one in dataclasses.fields(config):
        values = getattr(config, one.name)
        found.append((one.name, values))
        found += [
            (f"{one.name}.{part.name}", getattr(values, part.name))
            for part in dataclasses.fields(values)
            if "about" not in part.metadata
        ]
    return found


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return "{ " + ", ".join(f"{literal(name)} = {literal(one)}" for name, one in value) + " }" if value else "{}"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text) + '"'


def write(directory: Path, config: Config) -> None:
    """Replace the config file of `directory` in one step."""
    text = to_toml(config)
    parse(tomllib.loads(text))
    oslayer.write_private(directory / CONFIG_FILE, text.encode("utf-8"))


def write_default(directory: Path, *, web: str = "", grpc: str = "", parent: str = "") -> Config:
    """Write a fresh config file with the given addresses (empty: the default). Returns what was written."""
    config = Config()
    config = with_addresses(config, web=web or config.web.address, grpc=grpc, parent=parent)
    write(directory, config)
    return config


def with_addresses(config: Config, *, web: str | None = None, grpc: str | None = None, parent: str | None = None) -> Config:
    """A copy with other addresses; None leaves one as it is."""
    return dataclasses.replace(
        config,
        web=config.web if web is None else dataclasses.replace(config.web, address=web),
        grpc=config.grpc if grpc is None else dataclasses.replace(config.grpc, address=grpc),
        parent=config.parent if parent is None else dataclasses.replace(config.parent, address=parent),
    )
