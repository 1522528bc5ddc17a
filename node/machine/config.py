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
import tomllib
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from node.domain.words.errors import TongbanError
from node.machine import oslayer

CONFIG_FILE = "config.toml"
SECTION = TypeVar("SECTION")


def key(default: Any, about: str, **limits: Any) -> Any:
    """A documented key. `limits`: choices=(…), low=, high=, address=True (HOST:PORT or empty), url=True (scheme and host or empty)."""
    return field(default=default, metadata={"about": about, **limits})


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


@dataclass(frozen=True, slots=True)
class Config:
    """All of config.toml."""

    web: WebSection = WebSection()
    grpc: GrpcSection = GrpcSection()
    parent: ParentSection = ParentSection()
    link: LinkSection = LinkSection()
    log: LogSection = LogSection()


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


def _section(kind: type[SECTION], name: str, values: dict[str, Any]) -> SECTION:
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for label, value in values.items():
        if label not in known:
            raise _bad(
                f"[{name}] 中没有 {label}，只有：{'、'.join(known)}",
                f"unknown key {label} in [{name}]; known: {', '.join(known)}",
            )
        _check(f"{name}.{label}", value, known[label])
    return kind(**values)


def _check(label: str, value: object, known: dataclasses.Field[Any]) -> None:
    if type(value) is not type(known.default):
        kinds = TYPE_NAMES[type(known.default)]
        raise _bad(f"{label} 应为{kinds[0]}", f"{label} must be {kinds[1]}")
    limits = known.metadata
    if "choices" in limits and value not in limits["choices"]:
        raise _bad(f"{label} 只能是 {'、'.join(limits['choices'])}", f"{label} must be one of {', '.join(limits['choices'])}")
    if isinstance(value, int) and not limits.get("low", value) <= value <= limits.get("high", value):
        low, high = limits["low"], limits["high"]
        raise _bad(f"{label} 应在 {low} 和 {high} 之间", f"{label} must be between {low} and {high}")
    if limits.get("url") and isinstance(value, str) and value:
        _check_url(label, value)
    if limits.get("address") and isinstance(value, str) and value:
        try:
            oslayer.split_address(value)
        except ValueError as error:
            raise _bad(f"{label} 应为地址加端口，例如 127.0.0.1:8800，不是 {value!r}", f"{label}: {error}") from None


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
}  # fmt: skip


def _bad(zh: str, en: str) -> TongbanError:
    return TongbanError("bad_config", reason=zh, reason_en=en)


# ---- writing ---------------------------------------------------------------------------------------------------------


def to_toml(config: Config) -> str:
    """The file with every key, each under a comment that says what it does."""
    lines = ["# Tongban node: what belongs to this machine. Read at start; an unknown key is an error."]
    for section in dataclasses.fields(config):
        values = getattr(config, section.name)
        lines += ["", f"# {values.__doc__}", f"[{section.name}]"]
        for one in dataclasses.fields(values):
            lines += [f"# {one.metadata['about']}", f"{one.name} = {_literal(getattr(values, one.name))}"]
    return "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text) + '"'


def write(directory: Path, config: Config) -> None:
    """Replace the config file of `directory` in one step."""
    parse({s.name: dataclasses.asdict(getattr(config, s.name)) for s in dataclasses.fields(config)})
    oslayer.write_private(directory / CONFIG_FILE, to_toml(config).encode("utf-8"))


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
