"""The pinned client goes to public addresses and to the configured origin, and nowhere else."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generations import outgoing
from generations.outgoing import Blocked, Interrupted, Outgoing, is_public
from tests.simulators.certificates import Authority
from tests.simulators.raw import Raw, answer, closed_port, serving

LOOPBACK = frozenset({"127.0.0.1"})

NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "not an address",
    "",
]

LEADS_INSIDE = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
]

BADLY_SPELLED = [
    "http://93.184.216.34/",
    "https://93.184.216.34:8443/",
    "https://user@93.184.216.34/",
    "https://user:secret@93.184.216.34/",
    "https://:secret@93.184.216.34/",
    "ftp://93.184.216.34/",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "demo:0123",
    "//93.184.216.34/",
    "https://",
    "https:///path",
    "",
    "no address",
    "https://a\nb/",
    "https://a\x00b/",
    "https://[::1/",
    "https://example.com:99999/",
    "https://example.com/" + "x" * 9000,
]


def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def client(server: Raw, **changes: object) -> Outgoing:
    settings: dict[str, object] = {"origin": server.url, "allow_private_hosts": LOOPBACK}
    return Outgoing(**{**settings, **changes})  # type: ignore[arg-type]


def fetched(client: Outgoing, url: str, *, seconds_max: float = 5) -> tuple[int, bytes]:
    with client.get(url, seconds_max=seconds_max) as response:
        return response.status, b"".join(response.chunks)


class TestAddresses:
    @pytest.mark.parametrize("address", NOT_PUBLIC)
    def test_these_are_not_public(self, address: str) -> None:
        """S33, S34, F54"""
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
    def test_these_are(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize("url", LEADS_INSIDE)
    def test_no_spelling_of_an_inner_address_is_followed(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """F54: and no packet leaves."""

        def never(*_: object, **__: object) -> None:
            raise AssertionError("a packet left")

        monkeypatch.setattr(socket, "create_connection", never)
        with pytest.raises(Blocked):
            fetched(Outgoing(), url)

    @pytest.mark.parametrize("url", BADLY_SPELLED)
    def test_only_plain_https_addresses_are_looked_at(self, url: str) -> None:
        def resolver(_host: str, _port: int) -> list[str]:
            raise AssertionError("the name was looked up")

        with pytest.raises(Blocked):
            fetched(Outgoing(resolver=resolver), url)

    @pytest.mark.parametrize("found", [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"]])
    def test_one_inner_address_condemns_the_name(self, found: list[str]) -> None:
        with pytest.raises(Blocked):
            fetched(Outgoing(resolver=lambda _host, _port: found), "https://pictures.test/")

    def test_a_name_is_looked_up_once_and_the_checked_address_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """F56"""
        lookups: list[str] = []
        dialed: list[object] = []

        def resolver(host: str, _port: int) -> list[str]:
            lookups.append(host)
            return ["93.184.216.34"] if len(lookups) == 1 else ["127.0.0.1"]

        def dial(address: object, *_: object, **__: object) -> socket.socket:
            dialed.append(address)
            raise OSError("no network in tests")

        monkeypatch.setattr(socket, "create_connection", dial)
        with pytest.raises(Interrupted):
            fetched(Outgoing(resolver=resolver), "https://pictures.test/a.png")
        assert lookups == ["pictures.test"]
        assert dialed == [("93.184.216.34", 443)]

    @pytest.mark.parametrize("trouble", [socket.gaierror("no such name"), UnicodeError("label too long")])
    def test_a_name_without_address_may_have_one_later(self, trouble: Exception) -> None:
        def resolver(_host: str, _port: int) -> list[str]:
            raise trouble

        with pytest.raises(Interrupted):
            fetched(Outgoing(resolver=resolver), "https://pictures.test/")


class TestOwnOrigin:
    def test_the_configured_origin_is_fetched_when_its_host_is_listed(self) -> None:
        with serving(answer(body=b"picture")) as server:
            assert fetched(client(server), f"{server.url}/a.png?b=1") == (200, b"picture")
        assert server.paths() == ["/a.png?b=1"]

    def test_it_is_refused_when_its_host_is_not_listed(self) -> None:
        with serving(answer()) as server, pytest.raises(Blocked):
            fetched(client(server, allow_private_hosts=frozenset()), f"{server.url}/")
        assert server.requests == []

    def test_a_listed_host_alone_is_not_enough(self) -> None:
        with serving(answer()) as server, pytest.raises(Blocked):
            fetched(client(server, origin=None), f"{server.url}/")
        with serving(answer()) as server, pytest.raises(Blocked):
            fetched(Outgoing(allow_private_hosts=LOOPBACK), "https://127.0.0.1/")

    def test_scheme_host_and_port_must_all_be_the_origins(self) -> None:
        with serving(answer()) as server, serving(answer()) as other:
            mine = client(server)
            for url in (other.url, server.url.replace("http:", "https:"), f"http://localhost:{server.port}"):
                with pytest.raises(Blocked):
                    fetched(mine, url)
        assert server.requests == other.requests == []

    def test_the_path_of_a_base_address_does_not_matter(self) -> None:
        with serving(answer(body=b"x")) as server:
            assert fetched(client(server, origin=f"{server.url}/api/v1"), f"{server.url}/files/a")[1] == b"x"

    def test_a_listed_host_on_the_public_port_is_still_bound_to_the_origin(self) -> None:
        mine = Outgoing(origin="https://inside.test", allow_private_hosts={"inside.test"}, resolver=to_loopback)
        with pytest.raises(Blocked):
            fetched(mine, "https://other.test/")


class TestRedirects:
    def script(self, hops: int) -> Callable[[socket.socket, bytes], None]:
        def redirect(connection: socket.socket, request: bytes) -> None:
            at = int(request.split(b" ")[1].strip(b"/"))
            if at < hops:
                connection.sendall(answer("302 Found", headers=(f"Location: /{at + 1}",)))
            else:
                connection.sendall(answer(body=b"arrived"))

        return redirect

    def test_three_are_followed(self) -> None:
        with serving(self.script(3)) as server:
            assert fetched(client(server), f"{server.url}/0") == (200, b"arrived")

    def test_four_are_not(self) -> None:
        """F55"""
        with serving(self.script(4)) as server, pytest.raises(Blocked):
            fetched(client(server), f"{server.url}/0")
        assert len(server.requests) == 4

    @pytest.mark.parametrize(
        "onward",
        [
            "https://127.0.0.1/",
            "https://[::1]/",
            "http://169.254.169.254/latest/",
            "http://user@93.184.216.34/",
            "http://93.184.216.34/",
            "file:///etc/passwd",
            "//localhost/",
            "http://[::1/",
        ],
    )
    def test_each_hop_is_checked_like_the_first(self, onward: str) -> None:
        with serving(answer("301 Moved", headers=(f"Location: {onward}",))) as server, pytest.raises(Blocked):
            fetched(client(server), f"{server.url}/")
        assert len(server.requests) == 1

    def test_a_redirect_without_an_address_is_just_an_answer(self) -> None:
        with serving(answer("302 Found", b"hm")) as server:
            assert fetched(client(server), server.url) == (302, b"hm")

    def test_none_leads_away_from_https(self) -> None:
        """S36"""
        mine = Outgoing(origin="http://plain.test")
        here = mine.check("https://pictures.test/")
        with pytest.raises(Blocked, match="away from https"):
            mine._next(here, "http://plain.test/")


class TestTls:
    def mine(self, port: int, authority: Authority, host: str = "good.test") -> Outgoing:
        return Outgoing(
            origin=f"https://{host}:{port}",
            allow_private_hosts={host},
            resolver=to_loopback,
            ssl_context=authority.trusting(),
        )

    def test_the_certificate_is_checked_for_the_name_though_the_address_is_pinned(self, tmp_path: Path) -> None:
        """S35"""
        authority = Authority(tmp_path)
        with serving(answer(body=b"x"), tls=authority.server("good.test")) as server:
            assert fetched(self.mine(server.port, authority), f"https://good.test:{server.port}/")[1] == b"x"
            with pytest.raises(Interrupted):
                fetched(self.mine(server.port, authority, "evil.test"), f"https://evil.test:{server.port}/")
        assert len(server.requests) == 1
        assert f"Host: good.test:{server.port}".encode() in server.requests[0]

    def test_an_unknown_authority_is_not_believed(self, tmp_path: Path) -> None:
        with serving(answer(), tls=Authority(tmp_path).server("good.test")) as server:
            mine = Outgoing(
                origin=f"https://good.test:{server.port}", allow_private_hosts={"good.test"}, resolver=to_loopback
            )
            with pytest.raises(Interrupted):
                fetched(mine, f"https://good.test:{server.port}/")
        assert server.requests == []


class TestTransfers:
    def test_nothing_of_ours_goes_along(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """S37"""
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
        with serving(answer(headers=("Set-Cookie: a=b",))) as server:
            mine = client(server)
            for _ in range(2):
                fetched(mine, f"{server.url}/a")
        names = {line.split(b":")[0].lower() for line in server.requests[1].split(b"\r\n")[1:] if line}
        assert names == {b"host", b"user-agent", b"accept", b"accept-encoding"}
        assert b"identity" in server.requests[1]

    def test_slow_bytes_end_with_the_deadline(self) -> None:
        """F51"""

        def drip(connection: socket.socket, _request: bytes) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                connection.sendall(b".")
                time.sleep(0.02)

        with serving(drip) as server, pytest.raises(Interrupted):
            fetched(client(server), server.url, seconds_max=0.3)

    def test_slow_headers_end_with_the_deadline_too(self) -> None:
        def drip(connection: socket.socket, _request: bytes) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while True:
                connection.sendall(b".")
                time.sleep(0.02)

        with serving(drip) as server, pytest.raises(Interrupted):
            fetched(client(server), server.url, seconds_max=0.3)

    def test_silence_ends_with_the_deadline(self) -> None:
        with serving(lambda connection, _request: connection.recv(1)) as server, pytest.raises(Interrupted):
            fetched(client(server), server.url, seconds_max=0.2)

    def test_no_time_left_is_interrupted_before_anything_leaves(self) -> None:
        with serving(answer()) as server, pytest.raises(Interrupted):
            fetched(client(server), server.url, seconds_max=0)
        assert server.requests == []

    @pytest.mark.parametrize(
        "said",
        [b"", b"\x00\x01\r\n\r\n", answer(body=b"half", length=400), b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000],
    )
    def test_a_broken_answer_is_interrupted(self, said: bytes) -> None:
        with serving(lambda connection, _request: connection.sendall(said)) as server, pytest.raises(Interrupted):
            fetched(client(server), server.url)

    def test_nobody_listening_is_interrupted(self) -> None:
        port = closed_port()
        mine = Outgoing(origin=f"http://127.0.0.1:{port}", allow_private_hosts=LOOPBACK)
        with pytest.raises(Interrupted):
            fetched(mine, f"http://127.0.0.1:{port}/")

    def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(self) -> None:
        with serving(answer(body=b"x")) as server:
            mine = Outgoing(
                origin=f"http://inside.test:{server.port}",
                allow_private_hosts={"inside.test"},
                resolver=lambda _host, _port: ["::1", "127.0.0.1"],
            )
            assert fetched(mine, f"http://inside.test:{server.port}/")[1] == b"x"

    def test_the_hook_is_asked_before_anything_leaves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def object_to_it() -> None:
            raise AssertionError("a transaction is open")

        monkeypatch.setattr(outgoing, "before_each_request", [object_to_it])
        with serving(answer()) as server, pytest.raises(AssertionError):
            fetched(client(server), server.url)
        assert server.requests == []
