"""Wrong usage as one sentence, in the language of the environment (INTERFACE: one plain sentence, exit status 2)."""

from __future__ import annotations

import re
from typing import Any

import typer

UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # the class itself is not among typer's public names
CHINESE = (
    (r"^Missing (?:argument|option|parameter) ('[^']*')", r"缺少 \1"),
    (r"\. Choose from: (.*)$", r"（只能是 \1）"),
    (r"^No such command", "没有命令"),
    (r"^No such option: (\S+)", r"没有选项 \1"),
    (r" ?\(Possible options: (.*)\)$", r"（是否为 \1）"),
    (r"^Invalid value for ('[^']*'|\S+): ", r"\1 的值不对："),
    (r"'[^']*' is not one of ", "只能是 "),
    (r"Input should be a valid integer.*$", "应为整数"),
    (r"Input should be (?:greater|more) than or equal to (\S+)$", r"应不小于 \1"),
    (r"Input should be less than or equal to (\S+)$", r"应不大于 \1"),
    (r"give FROM\.\.TO, for example (\S+)$", r"写作 起..止，例如 \1"),
    (r" is not HOST:PORT$", " 应为地址加端口，例如 127.0.0.1:8800"),
    (r"^Option (\S+) requires an argument$", r"\1 缺少值"),
    (r"^Option (\S+) does not take a value$", r"\1 不带值"),
    (r"：one of (.*)$", r"：只能是 \1"),
    (r"^Got unexpected extra argument(?:s|\(s\))? \((.*)\)$", r"多出的参数：\1"),
    (r"a new child needs it$", "登记新的下级时必须给出"),
)


def sentence(error: Any, language: str) -> str:
    """What is wrong with the command's words, and where its usage is explained; the help itself when nothing was said."""
    told = str(error.format_message())
    if type(error).__name__ == "NoArgsIsHelpError":
        return told
    command = error.ctx.command_path if error.ctx is not None else "tongban"
    told = " ".join(told.split()).rstrip(".").replace("Value error, ", "")
    return f"{_chinese(told)}；用法见 {command} --help" if language == "zh" else f"{told}; see {command} --help"


def _chinese(told: str) -> str:
    for pattern, text in CHINESE:
        told = re.sub(pattern, text, told)
    return told.replace("', '", "、").replace("'", "")
