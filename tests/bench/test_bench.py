"""The pieces of the bench work. How long anything takes is nobody's business here."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bench import counting, load, usage
from tests.bench.table import Figure, percentile, spread, table
from tests.bench.vendor import Vendor, selling
from tests.engines import ROOT

COUNTING = """
import os, sys
from pathlib import Path
from tests.bench.counting import Counter

counter = Counter(Path(sys.argv[1]), "pump")
execute = lambda *told: "done"
for sql in ["SELECT 1", "UPDATE a SET b = 1", "insert into a values (1)", "BEGIN IMMEDIATE"]:
    assert counter(execute, sql, (), False, {}) == "done"
if not os.fork():
    counter.label = "collect"
    counter(execute, "DELETE FROM a", (), False, {})
    os._exit(0)
os.wait()
"""


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with selling(seconds=(0.2, 0.2), slots=2) as vendor:
        yield vendor


class TestTheVendor:
    def test_takes_an_order_is_done_after_its_time_and_keeps_count(self, vendor: Vendor) -> None:
        with httpx.Client(base_url=vendor.url, trust_env=False) as http:
            names = [http.post("/tasks", json={"prompt": "a"}).json()["task_id"] for _ in range(2)]
            assert http.post("/tasks", json={"prompt": "one too many"}).status_code == 429
            assert http.get(f"/tasks/{names[0]}").json() == {"state": "working"}
            usage.until(lambda: vendor.stats()["in_flight"] == 0, seconds=5, every=0.02)
            told = http.get(f"/tasks/{names[0]}").json()
            picture = http.get(told["urls"][0])
            assert http.get("/tasks/unheard-of").status_code == 404
        assert told["state"] == "done"
        assert picture.content.startswith(b"\xff\xd8")
        stats = vendor.stats()
        assert set(stats["done_at"]) == set(names)
        assert (stats["refused"], stats["in_flight_most"], stats["fetches"]) == (1, 2, 1)
        assert stats["looks"] == 3

    def test_is_asked_by_the_load_over_and_over(self, vendor: Vendor) -> None:
        told = load.run(f"{vendor.url}/stats", seconds=0.1, connections=2, headers=["X: y"])
        assert list(told["statuses"]) == [200]
        assert told["requests"] == told["statuses"][200] > 2
        assert told["p50_ms"] <= told["p99_ms"]

    def test_ends_with_whoever_started_it(self) -> None:
        with selling(seconds=(1, 1), slots=1) as vendor:
            assert vendor.stats()["in_flight"] == 0
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(vendor.url, timeout=2)


class TestTheCount:
    def test_sums_what_each_process_did_by_kind_and_label(self, tmp_path: Path) -> None:
        folder = tmp_path / "statements"
        subprocess.run([sys.executable, "-c", COUNTING, str(folder)], cwd=ROOT, check=True, timeout=20)
        read = counting.read(folder)
        assert (read["pump"].reads, read["pump"].writes, read["pump"].others) == (1, 2, 1)
        assert (read["collect"].all, read["collect"].writes, read["web"].all) == (1, 1, 0)
        assert (read["pump"] - read["pump"]).all == 0


class TestTheUse:
    def test_of_a_family_grows_and_its_memory_is_seen(self) -> None:
        assert os.getpid() in usage.family(os.getpid())
        before = usage.cpu_seconds(os.getpid())
        usage.until(lambda: usage.cpu_seconds(os.getpid()) > before, seconds=5, every=0)
        assert usage.pss_mib(os.getpid()) > 1
        assert usage.machine_seconds() > 0


class TestTheTable:
    def test_prints_each_figure_with_its_ratio_and_whether_that_is_good(self) -> None:
        figures = [
            Figure(name="makespan", measured=33, unit="s", goal=30, most=1.25),
            Figure(name="rate", measured=100, unit="/s", goal=1000, least=1 / 3),
            Figure(name="refused", measured=0, goal=0, most=0),
            Figure(name="looks", measured=1.5),
        ]
        head, block, *lines = table([("some", "sqlite", figures)]).splitlines()
        assert head.split() == ["figure", "measured", "goal", "ratio", "verdict"]
        assert block == "--- some, sqlite"
        assert [line.split() for line in lines] == [
            ["makespan", "33", "s", "30", "1.10", "met", "(at", "most", "1.25)"],
            ["rate", "100", "/s", "1,000", "0.100", "MISSED", "(at", "least", "0.33)"],
            ["refused", "0", "0", "0", "met", "(at", "most", "0)"],
            ["looks", "1.50"],
        ]

    def test_knows_the_middle_and_the_end_of_samples(self) -> None:
        samples = [float(number) for number in range(100)]
        assert [one.measured for one in spread("waits", samples, goal=4)] == [50, 95, 99]
        assert percentile([7.0], 0.95) == 7
