"""A vendor's file arrives whole, counted and hashed, or not at all."""

import hashlib
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generations import downloads
from generations.downloads import Blocked, Downloaded, DownloadError, Gone, Interrupted, TooLarge, download
from tests.simulators.raw import Raw, answer, serving

BODY = os.urandom(300_000)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder / "0.result"


def fetch(server: Raw, target: Path, *, bytes_max: int = 1_000_000, **changes: Any) -> Downloaded:
    settings: dict[str, Any] = {"origin": server.url, "allow_private_hosts": frozenset({"127.0.0.1"})}
    return download(f"{server.url}/a.png", to=target, bytes_max=bytes_max, **{**settings, **changes})


def chunked(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: image/png\r\n\r\n")
    for _ in range(4):
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    connection.sendall(b"0\r\n\r\n")


def endless(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_brings_the_file_byte_for_byte(target: Path) -> None:
    with serving(answer(body=BODY, headers=("Content-Type: Image/PNG; charset=binary",))) as server:
        found = fetch(server, target)
    assert target.read_bytes() == BODY
    assert found == Downloaded(size_bytes=len(BODY), sha256=hashlib.sha256(BODY).hexdigest(), content_type="image/png")


def test_takes_a_file_that_does_not_say_its_length(target: Path) -> None:
    with serving(chunked) as server:
        assert fetch(server, target).size_bytes == 4 * 65536 == target.stat().st_size


def test_takes_exactly_as_much_as_it_may(target: Path) -> None:
    with serving(answer(body=BODY)) as server:
        assert fetch(server, target, bytes_max=len(BODY)).size_bytes == len(BODY)


@pytest.mark.parametrize("status", ["401 No", "403 Forbidden", "404 Not Found", "410 Gone"])
def test_a_dead_address_is_gone(target: Path, status: str) -> None:
    """F48"""
    with serving(answer(status, b"<html>")) as server, pytest.raises(Gone):
        fetch(server, target)


@pytest.mark.parametrize("status", ["429 Slow", "500 Oops", "503 Later", "204 Nothing", "206 Part", "304 Same"])
def test_any_other_status_may_be_better_later(target: Path, status: str) -> None:
    with serving(lambda connection, _: connection.sendall(answer(status))) as server, pytest.raises(Interrupted):
        fetch(server, target)


def test_an_announced_length_over_the_limit_is_refused_unread(target: Path) -> None:
    """F50"""
    with serving(answer(length=10**9)) as server, pytest.raises(TooLarge):
        fetch(server, target)


def test_an_endless_stream_is_cut_at_the_limit(target: Path) -> None:
    """F50"""
    with serving(endless) as server, pytest.raises(TooLarge):
        fetch(server, target)


def test_a_body_that_ends_early_is_interrupted(target: Path) -> None:
    """F49"""
    short = answer(body=BODY[:-1], length=len(BODY))
    with serving(lambda connection, _request: connection.sendall(short)) as server, pytest.raises(Interrupted):
        fetch(server, target)


def test_a_compressed_answer_is_not_taken_for_a_picture(target: Path) -> None:
    with serving(answer(body=BODY, headers=("Content-Encoding: gzip",))) as server, pytest.raises(Interrupted):
        fetch(server, target)


def test_an_inner_address_is_blocked(target: Path) -> None:
    """F54"""
    with serving(answer(body=BODY)) as server, pytest.raises(Blocked):
        fetch(server, target, origin=None)
    assert server.requests == []


@pytest.mark.parametrize(
    "script",
    [
        answer("404 Not Found"),
        answer("500 Oops"),
        answer(body=b"x" * 2000, length=10**9),
        endless,
        lambda connection, _request: connection.sendall(answer(body=b"half", length=400)),
    ],
)
def test_nothing_is_left_behind_on_an_error(target: Path, script: bytes | Callable[..., None]) -> None:
    with serving(script) as server, pytest.raises(DownloadError):
        fetch(server, target)
    assert list(target.parent.iterdir()) == []


def test_a_file_from_before_stays_until_the_new_one_is_whole(target: Path) -> None:
    target.write_bytes(b"before")
    with serving(answer("500 Oops")) as server, pytest.raises(Interrupted):
        fetch(server, target)
    assert target.read_bytes() == b"before"


def test_the_caller_hears_that_bytes_come_in(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0)
    heard: list[int] = []
    with serving(answer(body=BODY)) as server:
        fetch(server, target, on_chunk=lambda: heard.append(1))
    assert len(heard) >= 2


def test_what_the_caller_raises_meanwhile_ends_the_download(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0)

    def lease_lost() -> None:
        raise LookupError("the lease is lost")

    with serving(answer(body=BODY)) as server, pytest.raises(LookupError):
        fetch(server, target, on_chunk=lease_lost)
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_is_an_interruption_that_leaves_nothing(target: Path) -> None:
    """F42"""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with serving(answer(body=BODY)) as server:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
            with pytest.raises(Interrupted, match="could not be written"):
                fetch(server, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(target.parent.iterdir()) == []
