"""Kill -9 at every crash window, the first and the second time it is passed: W2 to W12.

All share a stage: the parent of its worker stays and starts a fresh cluster after each death, as it would in a studio.
Afterwards everything that is kept of a picture is held against one that nothing befell.
"""

import os
import threading
import time
from typing import Any

import httpx
import pytest

from generations.failpoints import NAMES
from tests.faults.stage import DOUBT_SECONDS, LEASES_SECONDS, PRICE, SPARED_SECONDS, UNARMED, Stage, form_of
from tests.late import expect_in_time
from tests.management.procs import children
from tests.simulators.vendor import picture

LOST = {"after_claim": 0, "while_sending": 0, "after_submit": 1}
"""Where nobody can tell any more whether the vendor took it, and how many tasks it has then."""
IN_ONE_TURN = {
    "after_claim": {0},
    "after_submit": {0, 1},
    "after_running": {2, 3},
    "after_look": {3},
    "after_ready": {3},
}
"""What the pump passes once for each picture it has in hand, so that the second time may be in the same turn; and how
many of three pictures can be finished then. It depends on whether the first was written in the same transaction."""
FETCHES = {"while_fetching": {2}, "after_store": {2}, "after_ready": {1, 2}}
"""How often a fetch is begun, where a death explains that it is more than once."""
WAY = ["queued", "submitting", "running", "fetching", "succeeded"]
"""How an undisturbed picture goes."""
FINISHED_SECONDS = 90
"""F11: after a death it takes no longer."""
HOUR = 3600
LARGE = picture() + bytes(512 * 1024)
"""More than comes in one piece."""


def die(stage: Stage, window: str, losses: int) -> float:
    """Wait until a process died at the place that was armed, and kill what is left of its cluster; says when it was."""
    stage.wait_for(lambda: stage.has_sprung(window))
    moment = time.monotonic()
    stage.wait_for(lambda: stage.losses() > losses)
    stage.kill_cluster()
    return moment


def trace(stage: Stage, generation: str) -> dict[str, Any]:
    found: dict[str, Any] = stage.hands.ask("trace", generation=generation)
    return found


def lapsed(whole: dict[str, Any]) -> dict[str, Any]:
    """The same picture as it ends where nobody heard the vendor's answer: this and nothing else is different."""
    [attempt], [hold, _] = whole["attempts"], whole["ledger"]
    unheard = {"vendor_task_id": False, "accepted_at": None, "vendor_cost": None, "result_urls": 0, "fetches": 0}
    ended = {"state": "lapsed", "reason": "submission_unknown", "version": 4, "watch_until": True, "charged": 0}
    unknown = {"outcome": "unknown", "detail": "nobody was left to hear the answer", "vendor_cost": None}
    return {
        "row": whole["row"] | unheard | ended,
        "moves": [
            *whole["moves"][:2],
            ["submitting", "in_doubt", "sweep", ""],
            ["in_doubt", "lapsed", "sweep", "submission_unknown"],
        ],
        "attempts": [attempt | unknown],
        "hold": whole["hold"] | {"state": "released", "settled": 0},
        "ledger": [hold, ["release", 0, -PRICE, "sweep", "submission_unknown"]],
        "images": [],
    }


def expect_same(found: dict[str, Any], whole: dict[str, Any]) -> None:
    """Everything is as it should be; says what is not."""
    unlike = {name: (value, whole["row"][name]) for name, value in found["row"].items() if value != whole["row"][name]}
    assert unlike == {}
    assert found == whole


def expect_undisturbed(found: dict[str, Any], whole: dict[str, Any], window: str) -> None:
    """Everything is as it was with the other picture, but for how often its fetch was begun."""
    assert found["row"]["fetches"] in FETCHES.get(window, {1})
    expect_same(found, whole | {"row": whole["row"] | {"fetches": found["row"]["fetches"]}})


def expect_swept(stage: Stage) -> None:
    """What a dead worker left half fetched lies there for a day, and then no longer."""
    for left in stage.incoming.iterdir():
        os.utime(left, (0, 0))
    stage.pass_time(HOUR + 1)
    stage.wait_for(lambda: not any(stage.incoming.iterdir()))


@pytest.mark.parametrize(
    ("window", "hit"),
    [
        (window, hit)
        for window in NAMES
        for hit in (1, 2)
        if window != "after_order" and (hit == 1 or window not in IN_ONE_TURN)
    ],
)
def test_a_worker_killed_there_loses_and_doubles_nothing(kept: Stage, window: str, hit: int) -> None:
    others = [f"{window} {hit} {when}" for when in (["before"] if hit == 2 else [])]
    [posted, _] = kept.hands.ask("money", member=kept.member)
    kept.vendor.script.result = lambda _: (200, LARGE)
    assert kept.worker.poll() is None
    losses = kept.losses()
    kept.arm(window, hit)
    for prompt in others:
        kept.order(prompt)
        kept.wait_until_closed()
    [one] = kept.order(victim := f"{window} {hit}")
    died = die(kept, window, losses)
    if window == "while_fetching":
        [half] = kept.incoming.rglob("*.part")
        assert 0 < half.stat().st_size < len(LARGE)
    kept.pass_time(LEASES_SECONDS)
    if window in LOST:
        kept.wait_for(lambda: kept.sweeps_to("in_doubt"))
        kept.pass_time(DOUBT_SECONDS)
        kept.wait_for(lambda: kept.rows()[victim]["state"] == "lapsed")
        assert "vendor" in kept.hands.ask("alerts")
    others.append(f"{window} {hit} after")
    [undisturbed] = kept.order(others[-1])
    if window not in LOST:
        kept.wait_for(lambda: kept.rows()[victim]["state"] == "succeeded")
        expect_in_time(time.monotonic() - died + LEASES_SECONDS + SPARED_SECONDS, most=FINISHED_SECONDS)
    kept.wait_until_closed()

    rows = kept.rows()
    assert [rows[prompt]["way"] for prompt in others] == [WAY] * hit
    assert [kept.vendor.creates[prompt] for prompt in others] == [1] * hit
    assert kept.vendor.creates[victim] == LOST.get(window, 1)
    paid = hit if window in LOST else hit + 1
    assert kept.hands.ask("money", member=kept.member) == [posted - PRICE * paid, 0]
    whole = trace(kept, undisturbed)
    if window in LOST:
        expect_same(trace(kept, one), lapsed(whole))
    else:
        expect_undisturbed(trace(kept, one), whole, window)
    if window == "while_fetching":
        assert any(kept.incoming.iterdir())
        expect_swept(kept)
    assert window == "after_ready" or not any(kept.incoming.iterdir())


class Together:
    """The vendor answers nobody until so many ask; then it answers them at once, and everybody else, too."""

    def __init__(self, number: int) -> None:
        self._missing, self._lock, self._go = number, threading.Lock(), threading.Event()

    def come(self) -> None:
        with self._lock:
            self._missing -= 1
            if self._missing <= 0:
                self._go.set()
        self._go.wait(30)


@pytest.mark.parametrize("window", IN_ONE_TURN)
def test_a_worker_killed_there_between_three_pictures_of_one_turn_doubles_none(kept: Stage, window: str) -> None:
    """At the second of them: what it knew of the first may be lost with it, though no longer in memory alone."""
    kept.hands.ask("widen", running_max=24)  # what others lost may be at the vendor still, and has its place
    [posted, _] = kept.hands.ask("money", member=kept.member)
    kept.vendor.script.result = lambda _: (200, LARGE)
    together, prompt = Together(3), f"three {window}"
    if window in {"after_submit", "after_running"}:
        kept.vendor.script.create = lambda _: together.come()
    if window in {"after_look", "after_ready"}:
        kept.vendor.script.status = lambda _: together.come()
    assert kept.worker.poll() is None
    losses = kept.losses()
    kept.arm(window, 2)
    three = kept.order(prompt, count=3)
    die(kept, window, losses)
    kept.pass_time(LEASES_SECONDS)

    def stand() -> list[str]:
        return [row["state"] for row in kept.hands.ask("rows") if row["prompt"] == prompt]

    kept.wait_for(lambda: set(stand()) <= {"succeeded", "in_doubt"})
    done, doubts = stand().count("succeeded"), stand().count("in_doubt")
    if doubts:
        kept.pass_time(DOUBT_SECONDS)
        kept.wait_until_closed()
    [undisturbed] = kept.order(f"{prompt} and one after")
    kept.wait_until_closed()

    assert done in IN_ONE_TURN[window]
    whole = trace(kept, undisturbed)
    for one in three:
        found = trace(kept, one)
        creates = kept.vendor.creates_of[one]
        if found["row"]["state"] == "succeeded":
            assert creates == 1
            expect_undisturbed(found, whole, window)
        else:
            assert creates <= 1
            expect_same(found, lapsed(whole))
    assert window == "after_claim" or kept.vendor.creates[prompt] == 3
    assert stand().count("lapsed") == doubts == 3 - done
    assert kept.hands.ask("money", member=kept.member) == [posted - PRICE * (done + 1), 0]


def test_a_callback_brings_home_what_only_a_dead_worker_had_heard_of(stage: Stage) -> None:
    """W6, F8: the vendor took it and calls the address it was given; it is found, paid once, never ordered again."""
    stage.vendor.script.echo = lambda task: {"callback_url": task.callback_url}
    web = stage.start_web()
    stage.env["PUBLIC_URL"] = web.origin
    stage.start_brisk_worker(failpoints="after_submit:1:kill", stop_seconds="1")
    [generation] = stage.order("called back")
    stage.wait_for(lambda: stage.hits("after_submit") == 1 and stage.losses() == 1)
    [(task_id, task)] = stage.vendor.tasks.items()
    assert task.callback_url is not None
    assert task.callback_url.startswith(f"{web.origin}/hooks/invented/")
    assert stage.rows()["called back"]["state"] == "submitting"
    answer = httpx.post(task.callback_url, json={"task_id": task_id}, timeout=30, trust_env=False)
    assert answer.status_code == 200, stage.told()
    stage.pass_time(LEASES_SECONDS)
    stage.wait_until_closed()

    row = stage.rows()["called back"]
    assert row["way"] == ["queued", "submitting", "in_doubt", "running", "fetching", "succeeded"]
    assert (row["charged"], row["images"], stage.vendor.creates) == (PRICE, 1, {"called back": 1})
    assert [attempt["outcome"] for attempt in trace(stage, generation)["attempts"]] == ["adopted"]
    assert stage.hands.ask("entries") == {"hold": 1, "settle": 1}
    assert stage.hands.ask("money", member=stage.member) == [5000 - PRICE, 0]


@pytest.mark.parametrize("hit", [1, 2])
def test_a_web_server_killed_after_an_order_has_taken_it_once(kept: Stage, hit: int) -> None:
    """W2, F6: the person sees an error page, sends the form again and gets the one order made."""
    [posted, _] = kept.hands.ask("money", member=kept.member)
    assert kept.worker.poll() is None
    kept.arm("after_order", hit)
    web = kept.start_web(failpoints=UNARMED)
    servers = {web.process.pid, *children(kept.data, web.process.pid)}
    prompts = [f"ordered {hit} {number}" for number in range(hit)]
    with web.browser() as browser:
        forms = [form_of(browser, prompt) for prompt in prompts]
        for form in forms[:-1]:
            assert browser.post("/batches/", data=form).status_code == 302
        with pytest.raises(httpx.TransportError):
            browser.post("/batches/", data=forms[-1])
        cookies = {cookie.name: cookie.value or "" for cookie in browser.cookies.jar if cookie.domain}
    assert kept.has_sprung("after_order")
    kept.wait_for(lambda: servers - set(kept.family()))
    kept.kill(web.process)
    again = kept.start_web()
    again.cookies = cookies
    with again.browser() as browser:
        for _ in range(2):
            assert browser.post("/batches/", data=forms[-1]).status_code == 302
    kept.kill(again.process)
    kept.wait_until_closed()

    rows = [row for row in kept.hands.ask("rows") if row["prompt"] in prompts]
    assert [row["way"] for row in rows] == [WAY] * hit
    assert [kept.vendor.creates[prompt] for prompt in prompts] == [1] * hit
    assert kept.hands.ask("money", member=kept.member) == [posted - PRICE * hit, 0]
