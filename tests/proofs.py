"""Pages that say which test proves which promise: a renamed test would leave its row without a proof."""

import ast
import re
from pathlib import Path

from tests.engines import ROOT


def named_in(page: Path) -> list[str]:
    """Every test, or file of tests, that the page names."""
    return sorted(set(re.findall(r"`(tests/[^`]+)`", page.read_text())))


def expect_there(named: str) -> None:
    """Fails where there is no such file, class or test."""
    path, *names = named.split("::")
    assert (ROOT / path).exists()
    inside: list[ast.stmt] = ast.parse((ROOT / path).read_text()).body if names else []
    for name in names:
        [found] = [node for node in inside if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
        inside = found.body
