"""What every simulator stands on: three vendors on one port, counters that can be trusted, callbacks that stay home."""

import http.client
import json
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulators.__main__ import Stall, street, welcome
from tests.simulators.ears import listening, wait_for
from tests.simulators.raw import closed_port
from tests.simulators.standin import Knobs, Reply, Request, StandIn, Task, call, may_call, serving


class Anybody(StandIn):
    """A vendor that takes everything."""

    prefix = "/anybody"

    def __init__(self) -> None:
        super().__init__(Knobs(creates_per_window=2))
        self.routes = [("POST", "/create", "create", self.create), ("GET", "/look", "look", self.look)]

    def create(self, request: Request) -> Reply:
        if self.too_fast(request.key):
            return Reply(200, {"code": 429})
        now = self.clock.now()
        self.take(Task(f"task-{len(self.tasks)}", request.key, "all", request.body.decode(), now, now + 5))
        return Reply(200, {"code": 200})

    def look(self, request: Request) -> Reply:
        return Reply(200, {"code": 200})


@pytest.fixture
def vendor() -> Iterator[Anybody]:
    with serving(stand_in := Anybody()):
        yield stand_in


def ask(vendor: StandIn, method: str, path: str, body: bytes | None = None) -> Any:
    return json.loads(call(method, f"{vendor.url}{path}", body, {"Authorization": "Bearer k"})[2])


class TestCounters:
    def test_see_what_was_asked_and_what_was_taken(self, vendor: Anybody) -> None:
        codes = [ask(vendor, "POST", "/create", b"a boat")["code"] for _ in range(3)]
        assert codes == [200, 200, 429]
        for _ in range(4):
            ask(vendor, "GET", "/look")
        counts = vendor.counts
        assert counts.calls == {"create": 3, "look": 4}
        assert counts.creates == {"a boat": 2}
        assert counts.turned_away == 1
        assert (counts.creates_window_peak["k"], counts.creates_hour_peak["k"]) == (3, 3)
        assert counts.running_peak == {"k all": 2}
        assert 1 <= counts.looks_second_peak["k"] <= 4

    def test_forget_tasks_that_ended(self, vendor: Anybody) -> None:
        for _ in range(2):
            ask(vendor, "POST", "/create", b"a boat")
            vendor.pass_time(6)
        assert vendor.counts.running_peak == {"k all": 1}


class TestWords:
    def test_are_said_instead_of_the_vendors_own(self, vendor: Anybody) -> None:
        vendor.say("look", Reply(503, b"<html>", {"Retry-After": "9"}), times=2)
        told = [call("GET", f"{vendor.url}/look") for _ in range(3)]
        assert [status for status, _, _ in told] == [503, 503, 200]
        assert told[0][1]["retry-after"] == "9"
        assert told[0][2] == b"<html>"

    def test_can_follow_real_work(self, vendor: Anybody) -> None:
        vendor.say("create", Reply(502), working=True)
        vendor.say("create", Reply(502))
        for _ in range(2):
            assert call("POST", f"{vendor.url}/create", b"a boat")[0] == 502
        assert vendor.counts.creates == {"a boat": 1}

    @pytest.mark.parametrize("reply", [Reply(vanish=True), Reply(hang=0.05), Reply(body=b"{", cut=True)])
    def test_can_break_off(self, vendor: Anybody, reply: Reply) -> None:
        vendor.say("look", reply)
        with pytest.raises((OSError, http.client.HTTPException)):
            call("GET", f"{vendor.url}/look")
        assert ask(vendor, "GET", "/look") == {"code": 200}


class TestCallbacks:
    @pytest.mark.parametrize(
        ("url", "allowed"),
        [
            ("https://studio.example.org/hook/", True),
            ("http://127.0.0.1:8000/hook/", True),
            ("http://localhost/hook/", True),
            ("http://[::1]/hook/", True),
            ("http://studio.example.org/hook/", False),
            ("http://10.0.0.1/hook/", False),
            ("ftp://127.0.0.1/", False),
            ("https://", False),
            ("/hook/", False),
        ],
    )
    def test_go_without_encryption_to_this_machine_only(self, url: str, allowed: bool) -> None:
        assert may_call(url) is allowed

    def test_are_repeated_until_they_are_heard(self, vendor: Anybody) -> None:
        vendor.clock.speed = 1000
        with listening(500, 500, 200) as ear:
            vendor.post(ear.url, b"{}", {}, due=vendor.clock.now() + 30, retries=(30.0, 120.0, 600.0))
            wait_for(lambda: vendor.counts.callbacks == {"500": 2, "200": 1})
        assert len(ear.heard) == 3

    def test_that_nobody_takes_are_counted(self, vendor: Anybody) -> None:
        for url in (f"http://127.0.0.1:{closed_port()}/", "http://192.0.2.1/"):
            vendor.post(url, b"{}", {}, due=0)
        wait_for(lambda: vendor.counts.callbacks == {"lost": 1, "refused": 1})


class TestTheStreet:
    def test_has_every_vendor_on_one_port(self) -> None:
        stalls: list[Stall] = street()
        with serving(*(stall.simulator for stall in stalls)):
            for stall in stalls:
                assert call("GET", f"{stall.simulator.url}/__control")[0] == 200
                assert f"{stall.variable}={stall.simulator.url}{stall.base}\n" in welcome(stalls)
            assert len({urllib.parse.urlsplit(stall.simulator.url).port for stall in stalls}) == 1

    def test_opens_from_the_command_line(self) -> None:
        command = [sys.executable, "-u", "-m", "tests.simulators", "--port", "0", "--speed", "50"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline() == "For the studio's environment:\n"
                url = process.stdout.readline().strip().removeprefix("APIKLEY_BASE_URL=")
                told = json.loads(call("GET", f"{url}/__control")[2])
                assert told["knobs"]["speed"] == 50
            finally:
                process.terminate()
