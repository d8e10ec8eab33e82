"""What pages are made of keeps the browser's rules: nothing inline, every icon drawn, every class and module there."""

import re
from pathlib import Path

import pytest

from generations.queries.words import ICONS
from generations.templatetags.studio import ENTRY_ICONS, SCRIPTS, STYLES

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts)
CSS = ROOT / "static" / "css"
JS = ROOT / "static" / "js"

TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def icons_drawn() -> set[str]:
    return set(re.findall(r'<symbol id="i-([\w-]+)"', text_of(ROOT / "static" / "icons.svg")))


def classes_styled() -> set[str]:
    styles = "\n".join(text_of(path) for path in CSS.rglob("*.css"))
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
class TestEveryTemplate:
    def test_has_no_inline_style_script_or_handler(self, path: Path) -> None:
        text = TAG.sub("", text_of(path))
        assert not re.search(r"\sstyle\s*=", text)
        assert not re.search(r"<style", text)
        assert not re.search(r"\son[a-z]+\s*=", text)
        assert "hx-on" not in text
        assert "javascript:" not in text
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)

    def test_uses_no_evaluated_htmx(self, path: Path) -> None:
        text = text_of(path)
        assert not re.search(r"hx-(vals|headers|request)='?\"?(js|javascript):", text)
        assert not re.search(r'hx-trigger="[^"]*\[', text)

    def test_uses_icons_that_are_drawn(self, path: Path) -> None:
        used = set(re.findall(r'{% icon "([\w-]+)"', text_of(path)))
        assert used <= icons_drawn()

    def test_uses_classes_that_are_styled(self, path: Path) -> None:
        used: set[str] = set()
        for value in re.findall(r'class="((?:{%.*?%}|{{.*?}}|[^"])*)"', text_of(path)):
            used |= set(TAG.sub(" ", value).split())
        assert used - classes_styled() == set()

    def test_gives_every_action_of_htmx_a_plain_way_too(self, path: Path) -> None:
        for tag in re.findall(r"<(?:{%.*?%}|{{.*?}}|[^>])*\shx-post=(?:{%.*?%}|{{.*?}}|[^>])*>", text_of(path)):
            assert tag.startswith("<form")
            assert ' method="post"' in tag
            assert " action=" in tag
        for tag in re.findall(r"<a(?:{%.*?%}|{{.*?}}|[^>])*\shx-get=(?:{%.*?%}|{{.*?}}|[^>])*>", text_of(path)):
            assert " href=" in tag

    def test_protects_every_form_that_posts(self, path: Path) -> None:
        text = text_of(path)
        assert len(re.findall(r'<form[^>]*method="post"', text)) == text.count("{% csrf_token %}")


class TestTheLists:
    def test_name_every_stylesheet_in_its_layer(self) -> None:
        there = {str(path.relative_to(CSS).with_suffix("")) for path in CSS.rglob("*.css")} - {"noscript"}
        assert there == set(STYLES)
        for name in STYLES[1:]:
            assert re.match(r"\s*(/\*.*?\*/\s*)?@layer \w+ {", text_of(CSS / f"{name}.css"), re.DOTALL), name
        assert STYLES[0] == "layers"

    def test_name_every_module(self) -> None:
        assert {path.stem for path in JS.glob("*.js")} == set(SCRIPTS)

    def test_of_icons_are_drawn(self) -> None:
        assert {*ICONS.values(), *ENTRY_ICONS.values(), "image", "credits"} <= icons_drawn()


class TestModules:
    @pytest.mark.parametrize("path", sorted(JS.glob("*.js")), ids=lambda path: path.name)
    def test_stand_alone_and_say_what_they_do(self, path: Path) -> None:
        text = text_of(path)
        assert text.startswith("// ")
        # Files are served under hashed names: a relative import would lead nowhere.
        assert not re.search(r"^\s*(import|export)\b", text, re.MULTILINE)
        assert not re.search(r"\beval\(|new Function|innerHTML\s*=(?!\s*serverResponse)|document\.write", text)

    def test_use_icons_that_are_drawn(self) -> None:
        text = text_of(JS / "toast.js")
        assert {"x", "warning", "check"} <= icons_drawn()
        assert "#i-" in text


class TestStyles:
    @pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=lambda path: path.name)
    def test_load_nothing_from_elsewhere(self, path: Path) -> None:
        text = text_of(path)
        assert "@import" not in text
        assert "url(" not in text
        assert not re.search(r"https?://", text)

    @pytest.mark.parametrize("path", sorted((CSS / "components").glob("*.css")), ids=lambda path: path.name)
    def test_of_components_use_no_force(self, path: Path) -> None:
        text = text_of(path)
        assert "!important" not in text
        assert not re.search(r"^\s*#[a-z][\w-]*\s*[{,]", text, re.MULTILINE)
