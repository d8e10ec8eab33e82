"""Bringing pictures of one's own: chosen, dropped and pasted, each with its outcome; and without script."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.cast import NORA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import Door
from tests.uploads import drawn

HELD = """([bytes, name, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
    const how = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
    document.body.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, how) : new DragEvent(kind, how));
}"""


def hold(page: Page, color: str, name: str, kind: str) -> None:
    """A file over the page, let go of, or pasted."""
    page.evaluate(HELD, [list(drawn(color=color)), name, kind])


def test_pictures_are_chosen_dropped_and_pasted(door: Door, tmp_path: Path) -> None:
    page = door.open(NORA, "/library/")
    page.get_by_role("link", name="Upload").click()
    sheet = page.get_by_role("dialog")
    for name, body in {"quiet harbor.png": drawn("PNG", size=(900, 600)), "notes.txt": b"no picture"}.items():
        (tmp_path / name).write_bytes(body)
    sheet.get_by_label("Pictures").set_input_files([tmp_path / "quiet harbor.png", tmp_path / "notes.txt"])
    sheet.get_by_role("button", name="Upload").click()
    expect(sheet.get_by_role("status")).to_have_text(re.compile("1 in your library, 1 not taken"))
    expect(sheet.get_by_text("This is not a whole JPEG, PNG or WebP picture")).to_be_visible()
    found = flaws(door, page, "Uploaded", views=SOME)
    page.keyboard.press("Escape")

    hold(page, "navy", "dropped.png", "dragenter")
    expect(page.get_by_text("Drop pictures to bring them here")).to_be_visible()
    hold(page, "navy", "dropped.png", "drop")
    expect(sheet.get_by_role("status")).to_have_text(re.compile("2 in your library"))
    page.keyboard.press("Escape")
    hold(page, "olive", "pasted.png", "paste")
    expect(sheet.get_by_role("status")).to_have_text(re.compile("3 in your library"))

    sheet.get_by_role("link", name="quiet harbor").first.click()
    expect(page.get_by_role("heading", name="Where it is from")).to_be_visible()
    found += flaws(door, page, "Uploaded picture", views=SOME)
    assert not found, "\n".join(found)
