"""The page as one HTML file: styles, code, libraries and data in it, and a policy above them.

Belongs here: putting the parts together and taking the data out again. Does not belong here:
what the data is (`data`).
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

EXPLORER = "explorer.html"
"""Name of the page's file in a snapshot."""

_LIBRARIES = ("d3-7.9.0.min.js", "d3-sankey-0.12.3.min.js")
MODULES = (
    "dom", "data", "state", "palette", "bins", "points", "labels", "select", "map", "legend",
    "panel", "charts", "linked", "overview", "card", "compare", "since", "quality", "search",
    "report", "main",
)  # fmt: skip
"""The page's own modules, each after those that it imports."""

_BEGIN, _END = '<script type="application/json" id="data">', "</script>"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function|class) (\w+))", re.MULTILINE)


def page(data: dict[str, Any]) -> str:
    """Write the page.

    Parameters
    ----------
    data
        As `data.page_data` gives it. It goes in as JSON in which no character can end the
        element, and the page's code puts texts into text nodes only.
    """
    return _frame().replace("{data}", safe_json(data), 1)


def safe_json(data: Any) -> str:
    """Write JSON without any character that HTML gives a meaning to."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def data_of(text: str) -> dict[str, Any]:
    """Take the data out of a finished page.

    Raises
    ------
    ValueError
        The text is not a page that `page` wrote.
    """
    before, found, rest = text.partition(_BEGIN)
    content, ended, after = rest.partition(_END)
    if not found or not ended or f"{before}{_BEGIN}{{data}}{_END}{after}" != _frame():
        raise ValueError("it is not a page of this version")
    data: dict[str, Any] = json.loads(content)
    return data


def with_changed_data(text: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """Change the data of a finished page, of this version or an earlier one.

    Raises
    ------
    ValueError
        The text is not a page of this project.
    """
    before, found, rest = text.partition(_BEGIN)
    content, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ValueError("it is not a page with data")
    return f"{before}{_BEGIN}{safe_json(change(json.loads(content)))}{_END}{after}"


def policy_of(text: str) -> str:
    """Give the Content-Security-Policy of a page, for a server to send as a header too."""
    found = _POLICY.search(text)
    return found[1] if found else "default-src 'none'"


@cache
def _frame() -> str:
    """Give the page with a gap for its data."""
    folder = files("ri_assets.explorer")

    def part(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8").strip()

    style = part("page.css")
    libraries = "\n".join(part(f"vendor/{name}") for name in _LIBRARIES)
    modules = "\n".join(_enclosed(name, part(f"js/{name}.js")) for name in MODULES)
    code = f'"use strict";\nconst modules = {{}};\n{modules}'
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(libraries)}' '{_digest(code)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    filled = {"policy": policy, "style": style, "libraries": libraries, "code": code}
    return re.sub(
        r"\{(policy|style|libraries|code)\}", lambda gap: filled[gap[1]], part("page.html")
    )


def _enclosed(name: str, code: str) -> str:
    """Write a module as a function that gives what it exports.

    Modules in one file cannot import each other without a server.
    """
    exported = ", ".join(_EXPORT.findall(code))
    body = _EXPORT.sub("", _IMPORT.sub(r"const \1 = modules.\2;", code))
    return f"modules.{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
