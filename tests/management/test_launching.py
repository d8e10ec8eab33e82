"""Where the studio may listen, which settings follow from that, and who may use a data folder."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generations.management import launching

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "INSECURE_HTTP", "ALLOWED_HOSTS", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def busy() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class TestWebSettings:
    def test_loopback_allows_plain_http_and_its_own_names(self) -> None:
        found = launching.web_settings("127.0.0.1", "127.0.0.1")
        assert found == {"ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]", "INSECURE_HTTP": "1"}

    def test_loopback_behind_an_https_proxy_keeps_its_cookies_secure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://studio.example.org")
        found = launching.web_settings("127.0.0.1", "127.0.0.1")
        assert found["INSECURE_HTTP"] == "0"
        assert "studio.example.org" in found["ALLOWED_HOSTS"].split(",")

    def test_loopback_adds_to_the_hosts_somebody_chose(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLOWED_HOSTS", "studio.test")
        assert launching.web_settings("::1", "::1")["ALLOWED_HOSTS"] == "studio.test,127.0.0.1,localhost,[::1]"

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "203.0.113.9", "8.8.8.8"])
    def test_any_other_address_without_https_is_refused(self, host: str) -> None:
        with pytest.raises(launching.Refused, match="passwords in the clear") as refusal:
            launching.web_settings(host, host)
        assert refusal.value.code == launching.WRONG_ADDRESS

    def test_https_in_public_url_opens_every_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://studio.example.org")
        assert launching.web_settings("0.0.0.0", "0.0.0.0") == {}  # the settings derive the host themselves

    def test_plain_http_is_accepted_on_a_private_address_when_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INSECURE_HTTP", "1")
        assert launching.web_settings("192.168.1.20", "192.168.1.20") == {"ALLOWED_HOSTS": "192.168.1.20"}

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8"])
    def test_plain_http_is_refused_where_the_public_could_reach_it(
        self, host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INSECURE_HTTP", "1")
        with pytest.raises(launching.Refused, match="only for private addresses"):
            launching.web_settings(host, host)

    def test_all_addresses_are_private_when_only_a_private_one_is_answered(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INSECURE_HTTP", "1")
        monkeypatch.setenv("PUBLIC_URL", "http://192.168.1.20:8000")
        assert launching.web_settings("0.0.0.0", "0.0.0.0") == {"ALLOWED_HOSTS": "192.168.1.20"}

    def test_a_name_nobody_knows_is_refused(self) -> None:
        with pytest.raises(launching.Refused, match="no address is known"):
            launching.resolved("studio.invalid")


class TestDataFolder:
    def test_one_folder_serves_one_studio_and_the_refusal_names_it(self, tmp_path: Path) -> None:
        first = launching.take_folder(tmp_path / "data")
        with pytest.raises(launching.Refused, match=rf"process {os.getpid()}\).*--data-dir") as refusal:
            launching.take_folder(tmp_path / "data")
        assert refusal.value.code == launching.FOLDER_IN_USE
        first.close()

    def test_a_lock_whose_owner_ended_stops_nobody(self, tmp_path: Path) -> None:
        launching.take_folder(tmp_path).close()
        with launching.take_folder(tmp_path) as mine:
            mine.seek(0)
            assert mine.read() == f"{os.getpid()}\n"

    def test_a_folder_that_cannot_be_made_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(launching.Refused, match="cannot be used"):
            launching.take_folder(tmp_path / "file" / "data")


class TestPort:
    def test_a_free_port_is_kept(self) -> None:
        port = launching.free_port("127.0.0.1", 0)
        assert launching.free_port("127.0.0.1", port) == port

    def test_a_taken_port_is_refused_with_a_free_one_to_choose(self, busy: int) -> None:
        with pytest.raises(launching.Refused, match=rf"Port {busy} is taken.*--port \d+") as refusal:
            launching.free_port("127.0.0.1", busy)
        assert refusal.value.code == launching.PORT_TAKEN
        suggested = int(str(refusal.value).rsplit(" ", 1)[1])
        assert launching.free_port("127.0.0.1", suggested) == suggested

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_a_number_that_is_no_port_is_refused(self, port: int) -> None:
        with pytest.raises(launching.Refused, match="from 0 to 65535"):
            launching.free_port("127.0.0.1", port)

    def test_an_address_of_another_machine_is_refused(self) -> None:
        with pytest.raises(launching.Refused, match=r"cannot listen on 203\.0\.113\.9"):
            launching.free_port("203.0.113.9", 8000)


class TestCommand:
    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "studio", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def test_a_taken_port_ends_the_start_before_anything_is_written(self, tmp_path: Path, busy: int) -> None:
        data_dir = tmp_path / "data"
        refused = self.start("--data-dir", str(data_dir), "--port", str(busy))
        assert (refused.returncode, "Traceback" in refused.stderr) == (launching.PORT_TAKEN, False)
        assert f"Port {busy} is taken" in refused.stderr
        assert [path.name for path in data_dir.iterdir()] == [launching.LOCK_FILE]

    def test_a_folder_in_use_ends_the_start(self, tmp_path: Path) -> None:
        with launching.take_folder(tmp_path):
            refused = self.start("--data-dir", str(tmp_path), "--port", "0")
        assert (refused.returncode, "Traceback" in refused.stderr) == (launching.FOLDER_IN_USE, False)
        assert f"Another studio (process {os.getpid()})" in refused.stderr
