"""The pictures of an order as one file: asked for with a press, watched, saved; and files called as one likes."""

import re
import zipfile

from playwright.sync_api import expect

from tests.browser.cast import VERA
from tests.browser.looks import SOME, flaws
from tests.browser.visiting import PICTURE_MS, Door
from tests.browser.wall import Wall


def test_an_order_becomes_a_file_and_files_are_called_as_one_likes(door: Door, wall: Wall) -> None:
    page = door.open(VERA)
    page.get_by_role("button", name="Download all as a ZIP file").first.click()
    expect(page).to_have_url(re.compile(r"/archives/[0-9a-f-]{36}/$"))
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=PICTURE_MS)
    with page.expect_download() as saving:
        link.click()
    with zipfile.ZipFile(saving.value.path()) as archive:
        assert archive.testzip() is None
    found = flaws(door, page, "Archive", views=SOME)

    page.goto("/account/downloads/")
    field, told = page.get_by_label("File names", exact=True), page.locator("#file-name")
    field.fill("{size}")
    expect(told).to_contain_text("There is no {size}. Known are {prompt}")
    field.fill("{width} {prompt}")
    expect(told).to_contain_text("1536 a-lighthouse-in-fog.png")
    expect(field).to_be_focused()
    found += flaws(door, page, "Downloads", views=SOME)

    page.goto("/archives/")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("The archive is removed.")).to_be_visible()
    assert not found, "\n".join(found)
