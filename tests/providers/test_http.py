"""What each kind of trouble on the wire means: safe to send again, never to be sent again, or just no news."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from generations import outgoing
from generations.providers import http
from generations.providers.base import Answer, Fault, KeyRefused, NotSent, Refused, Unknown, Unreachable
from generations.providers.http import ANSWER_BYTES_MAX, HttpDoor, retry_after_seconds
from tests.simulators.certificates import Authority
from tests.simulators.raw import answer, closed_port, reset, serving

JSON = ("Content-Type: application/json",)


def create(url: str, *, body: object = None, headers: dict[str, str] | None = None, **limits: Any) -> Answer:
    async def talk() -> Answer:
        door = HttpDoor(**limits)
        try:
            return await door.post_json(f"{url}/create", body or {"prompt": "a"}, headers=headers, creating=True)
        finally:
            await door.aclose()

    return asyncio.run(talk())


def look(url: str, *, headers: dict[str, str] | None = None, **limits: Any) -> Answer:
    async def talk() -> Answer:
        door = HttpDoor(**limits)
        try:
            return await door.get_json(f"{url}/look", headers=headers, params={"id": "7 & more"})
        finally:
            await door.aclose()

    return asyncio.run(talk())


def hang(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)


def half(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(answer(body=b'{"task', length=400))


def drip(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def garbage(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"\x00\x01\x02 what is this\r\n\r\n")


def endless(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


AFTER_THE_REQUEST: dict[str, Callable[[socket.socket, bytes], None]] = {
    "hang": hang,
    "half a body": half,
    "close without an answer": lambda connection, _request: connection.close(),
    "reset": lambda connection, _request: reset(connection),
    "drip": drip,
    "garbage": garbage,
    "endless": endless,
}


class TestCreating:
    def test_sends_json_once_and_reads_the_answer(self) -> None:
        with serving(answer(body=b'{"code": 200}', headers=("X-Thing: yes", *JSON))) as server:
            found = create(server.url, body={"prompt": "Füchse"}, headers={"Authorization": "Bearer k"})
        assert (found.status, found.body, found.headers["x-thing"]) == (200, {"code": 200}, "yes")
        assert len(server.requests) == 1
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert json.loads(body) == {"prompt": "Füchse"}
        assert b"Authorization: Bearer k" in head
        assert b"Content-Type: application/json" in head

    def test_nobody_listening_is_not_sent(self) -> None:
        with pytest.raises(NotSent):
            create(f"http://127.0.0.1:{closed_port()}")

    def test_a_name_without_address_is_not_sent(self) -> None:
        with pytest.raises(NotSent):
            create("http://no-such-host.invalid")

    def test_a_failed_handshake_is_not_sent(self, tmp_path: Path) -> None:
        with serving(answer(), tls=Authority(tmp_path).server("localhost")) as server, pytest.raises(NotSent):
            create(f"https://localhost:{server.port}")
        assert server.requests == []

    def test_a_trusted_certificate_is_believed(self, tmp_path: Path) -> None:
        authority = Authority(tmp_path)
        with serving(answer(body=b"{}"), tls=authority.server("localhost")) as server:
            assert create(f"https://localhost:{server.port}", ssl_context=authority.trusting()).status == 200

    @pytest.mark.parametrize("url", ["ftp://example.com", "no address", "http://[::1", "http://a\x00b"])
    def test_an_unusable_address_is_not_sent(self, url: str) -> None:
        with pytest.raises(NotSent):
            create(url)

    def test_no_free_connection_is_not_sent(self) -> None:
        async def talk(url: str) -> tuple[BaseException | Answer, BaseException | Answer]:
            door = HttpDoor(creates_at_once=1, slot_seconds_max=0.1, create_seconds_max=1)
            both = (door.post_json(url, {}, creating=True) for _ in range(2))
            first, second = await asyncio.gather(*both, return_exceptions=True)
            await door.aclose()
            return first, second

        with serving(hang) as server:
            first, second = asyncio.run(talk(server.url))
        assert isinstance(first, Unknown)
        assert isinstance(second, NotSent)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("script", AFTER_THE_REQUEST.values(), ids=AFTER_THE_REQUEST.keys())
    def test_trouble_after_the_request_left_is_unknown_and_sent_once(
        self, script: Callable[[socket.socket, bytes], None]
    ) -> None:
        """F17, F18"""
        with serving(script) as server, pytest.raises(Unknown):
            create(server.url, create_seconds_max=0.5)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
    def test_only_the_errors_before_the_request_are_not_sent(self, error: type[Exception]) -> None:
        assert issubclass(error, http.NEVER_LEFT)
        for after in (httpx.ReadTimeout, httpx.ReadError, httpx.WriteError, httpx.WriteTimeout):
            assert not issubclass(after, http.NEVER_LEFT)
        assert not issubclass(httpx.RemoteProtocolError, http.NEVER_LEFT)

    @pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "nul\0"])
    def test_a_key_that_cannot_travel_is_refused_before_anything_leaves(self, key: str) -> None:
        with serving(answer()) as server, pytest.raises(Refused) as refusal:
            create(server.url, headers={"Authorization": key})
        assert refusal.value.fault is Fault.CREDENTIALS
        assert key not in str(refusal.value)
        assert server.requests == []

    def test_a_redirect_is_an_answer_and_not_followed(self) -> None:
        with serving(answer("302 Found", headers=("Location: /elsewhere",))) as server:
            assert create(server.url).status == 302
        assert server.paths() == ["/create"]

    def test_the_trouble_told_holds_no_address(self) -> None:
        with pytest.raises(NotSent) as trouble:
            create("http://no-such-host.invalid/key-in-path")
        assert "invalid" not in trouble.value.detail


class TestLooking:
    def test_asks_with_parameters(self) -> None:
        with serving(answer(body=b"{}")) as server:
            assert look(server.url).body == {}
        assert server.paths() == ["/look?id=7+%26+more"]

    @pytest.mark.parametrize("script", AFTER_THE_REQUEST.values(), ids=AFTER_THE_REQUEST.keys())
    def test_any_trouble_is_unreachable(self, script: Callable[[socket.socket, bytes], None]) -> None:
        with serving(script) as server, pytest.raises(Unreachable):
            look(server.url, look_seconds_max=0.5)

    @pytest.mark.parametrize("url", ["http://no-such-host.invalid", "no address", "http://a\x00b"])
    def test_so_is_an_address_that_leads_nowhere(self, url: str) -> None:
        with pytest.raises(Unreachable):
            look(url)

    def test_a_key_that_cannot_travel_is_refused(self) -> None:
        with pytest.raises(KeyRefused):
            look(f"http://127.0.0.1:{closed_port()}", headers={"Authorization": "a\nb"})

    def test_uploads_that_hang_hold_up_no_look_and_read_no_third_file(self, tmp_path: Path) -> None:
        """Two files are on their way at most; what waits behind them is not even opened."""
        file = tmp_path / "a.png"
        file.write_bytes(b"x" * 3_000_000)

        def script(connection: socket.socket, request: bytes) -> None:
            if request.startswith(b"GET"):
                connection.sendall(answer(body=b'{"code": 200}'))
            else:
                hang(connection, request)

        async def talk(url: str) -> None:
            door = HttpDoor(looks_at_once=1)
            facts: dict[str, Any] = {"media_type": "image/png", "name": "a.png", "fields": {"uploadPath": "here"}}
            paths = [file, file, tmp_path / "missing.png"]
            sent = [asyncio.create_task(door.post_file(f"{url}/up", path=str(one), **facts)) for one in paths]
            try:
                found = await door.get_json(f"{url}/look")
                assert found.body == {"code": 200}
                assert not any(task.done() for task in sent)
            finally:
                for task in sent:
                    task.cancel()
                await asyncio.gather(*sent, return_exceptions=True)
                await door.aclose()

        with serving(script) as server:
            asyncio.run(talk(server.url))

    def test_a_hung_create_does_not_hold_up_a_look(self) -> None:
        def script(connection: socket.socket, request: bytes) -> None:
            if request.startswith(b"POST"):
                hang(connection, request)
            connection.sendall(answer(body=b"[]"))

        async def talk(url: str) -> object:
            door = HttpDoor(creates_at_once=1, create_seconds_max=5)
            hung = asyncio.create_task(door.post_json(url, {}, creating=True))
            await asyncio.sleep(0)
            found = await door.get_json(url)
            hung.cancel()
            await asyncio.gather(hung, return_exceptions=True)
            await door.aclose()
            return found.body

        with serving(script) as server:
            assert asyncio.run(talk(server.url)) == []


class TestAnswers:
    @pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 200_000, b"\xff\xfe", b"1" * 5000])
    def test_a_body_that_is_no_json_is_none(self, body: bytes) -> None:
        with serving(answer(body=body)) as server:
            assert look(server.url).body is None

    def test_every_status_is_an_answer(self) -> None:
        with serving(answer("503 Service Unavailable", b'{"code": 455}', ("Retry-After: 30",))) as server:
            found = look(server.url)
        assert (found.status, found.body, found.retry_after) == (503, {"code": 455}, 30.0)

    def test_packed_answers_are_unpacked_within_the_limit(self) -> None:
        small = gzip.compress(b'{"code": 200}')
        with serving(answer(body=small, headers=("Content-Encoding: gzip",))) as server:
            assert look(server.url).body == {"code": 200}
        bomb = gzip.compress(b" " * (20 * ANSWER_BYTES_MAX))
        with serving(answer(body=bomb, headers=("Content-Encoding: gzip",))) as server, pytest.raises(Unreachable):
            look(server.url)

    def test_cookies_are_not_kept(self) -> None:
        async def talk(url: str) -> None:
            door = HttpDoor()
            for _ in range(2):
                await door.get_json(url)
            await door.aclose()

        with serving(answer(body=b"{}", headers=("Set-Cookie: a=b",))) as server:
            asyncio.run(talk(server.url))
        assert all(b"cookie" not in request.lower() for request in server.requests)

    def test_the_environment_names_no_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
        with serving(answer(body=b"{}")) as server:
            assert look(server.url).status == 200

    def test_the_hook_is_asked_before_anything_leaves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def object_to_it() -> None:
            raise AssertionError("a transaction is open")

        monkeypatch.setattr(http, "before_each_request", [object_to_it])
        with serving(answer()) as server, pytest.raises(AssertionError):
            create(server.url)
        assert server.requests == []


NAME = "vendor.test"


class TestOnlyTheOpenInternet:
    """S38: a name a superuser typed was public when it was saved; where it leads is judged for every connection."""

    @pytest.fixture
    def leads_to(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        """Where the name leads, look-up by look-up; loopback stands for the open internet here."""
        answers: list[list[str]] = []
        monkeypatch.setattr(outgoing, "look_up", lambda host, port: answers.pop(0) if host == NAME else [host])
        monkeypatch.setattr(outgoing, "is_public", lambda address: address == "127.0.0.1")
        return answers

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
    def test_nothing_is_sent_to_this_machine(self, host: str) -> None:
        with serving(answer(body=b"{}")) as server:
            url = f"http://{host}:{server.port}"
            with pytest.raises(NotSent, match="open internet"):
                create(url, public_only=True)
            with pytest.raises(Unreachable, match="open internet"):
                look(url, public_only=True)
            assert look(server.url).status == 200
        assert len(server.requests) == 1

    def test_a_public_name_is_called_at_the_address_that_was_judged_and_believed_by_its_name(
        self, leads_to: list[list[str]], tmp_path: Path
    ) -> None:
        authority = Authority(tmp_path)
        leads_to += [["127.0.0.1"], ["127.0.0.1"]]
        with serving(answer(body=b'{"code": 200}'), tls=authority.server(NAME)) as server:
            url = f"https://{NAME}:{server.port}"
            assert create(url, public_only=True, ssl_context=authority.trusting()).body == {"code": 200}
        with serving(answer(), tls=authority.server("other.test")) as other, pytest.raises(NotSent):
            create(f"https://{NAME}:{other.port}", public_only=True, ssl_context=authority.trusting())
        assert f"host: {NAME}:{server.port}".encode() in server.requests[0].lower()
        assert other.requests == []
        assert leads_to == []

    @pytest.mark.parametrize("later", [["10.0.0.7"], ["127.0.0.1", "10.0.0.7"], ["169.254.169.254"], ["::1"]])
    def test_a_name_that_leads_inside_later_is_called_no_more(
        self, leads_to: list[list[str]], later: list[str]
    ) -> None:
        leads_to += [["127.0.0.1"], later]
        with serving(answer(body=b"{}", headers=("Connection: close",))) as server:
            url = f"http://{NAME}:{server.port}"

            async def talk() -> None:
                door = HttpDoor(public_only=True)
                assert (await door.get_json(url)).status == 200
                with pytest.raises(NotSent, match="open internet"):
                    await door.post_json(url, {}, creating=True)
                await door.aclose()

            asyncio.run(talk())
        assert len(server.requests) == 1

    def test_a_kept_connection_goes_on_to_where_it_was_made(self, leads_to: list[list[str]]) -> None:
        leads_to += [["127.0.0.1"]]
        with serving(answer(body=b"{}")) as server:
            url = f"http://{NAME}:{server.port}"

            async def talk() -> None:
                door = HttpDoor(public_only=True)
                for _ in range(3):
                    await door.get_json(url)
                await door.aclose()

            asyncio.run(talk())
        assert len(server.requests) == 3

    def test_the_next_address_of_a_name_is_tried_where_the_first_does_not_answer(
        self, leads_to: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outgoing, "is_public", lambda address: address.startswith("127."))
        leads_to += [["127.0.0.99", "127.0.0.1"], []]
        with serving(answer(body=b"{}")) as server:
            url = f"http://{NAME}:{server.port}"
            assert look(url, public_only=True).status == 200
            with pytest.raises(Unreachable):
                look(url, public_only=True)

    def test_a_name_that_cannot_be_found_was_not_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(host: str, port: int) -> list[str]:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

        monkeypatch.setattr(outgoing, "look_up", unknown)
        with pytest.raises(NotSent):
            create(f"https://{NAME}", public_only=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("999999", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("Thursday, 01-Jan-70 00:01:40 GMT", 90.0),
        ("Thu Jan  1 00:01:40 1970", 90.0),
    ],
)
def test_retry_after_is_read_as_seconds_from_now(
    text: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on a machine that is not in Greenwich: the oldest of the three ways to write a date names no zone."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert retry_after_seconds(text, now=10.0) == seconds
    finally:
        monkeypatch.undo()
        time.tzset()
