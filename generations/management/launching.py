"""Readies the ground for `manage.py studio` before settings are read: address, data folder, lock, port, secrets.

Refuses, with a sentence and an exit code of its own: an address that would carry passwords in the clear over a public
network, a data folder another studio is using, a port that is taken. Imports nothing that needs settings.
"""

import argparse
import errno
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from imagine_site import env, secrets

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK_FILE = "studio.lock"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
NEIGHBORS = 20  # ports tried when suggesting another

WRONG_ADDRESS, FOLDER_IN_USE, PORT_TAKEN = 2, 3, 4  # exit codes; 1 is every other failure


class Refused(Exception):
    """The studio cannot start like this; the message says why and what to do."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Ground:
    """What `studio` stands on: where it listens, what people type, and the lock that is ours while this lives.

    `is_sealed_anew` says that there was no sealing key and one was made just now.
    """

    address: str
    port: int
    base_url: str
    data_dir: Path
    lock: IO[str]
    is_sealed_anew: bool = False


ground: Ground | None = None  # set by `prepare`, once per process


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on, 0 for any free one (default: 8000)")
    parser.add_argument(
        "--new-sealing-key",
        action="store_true",
        help="start although the key that sealed the stored vendor keys is lost; they have to be entered again",
    )
    parser.add_argument("--data-dir", help="folder for the database, pictures and secrets (default: DATA_DIR or data/)")


def prepare(arguments: Sequence[str]) -> None:
    """Set the environment, take the lock and try the port; leaves through SystemExit when something is refused."""
    global ground
    if {"-h", "--help"} & set(arguments):
        return
    parser = argparse.ArgumentParser(prog="manage.py studio", add_help=False)
    add_options(parser)
    options, _ = parser.parse_known_args(arguments)
    try:
        ground = _stand(options)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        raise SystemExit(refusal.code) from None


def _stand(options: argparse.Namespace) -> Ground:
    if options.data_dir:
        os.environ["DATA_DIR"] = options.data_dir
    data_dir = env.folder("DATA_DIR", ROOT / "data")
    address = resolved(options.host)
    os.environ.update(web_settings(options.host, address))
    os.environ["DATA_DIR"] = str(data_dir)
    os.chdir(ROOT)  # so that every process of the studio reads relative paths alike
    _say("Imagine Studio")
    _say(f"  Data folder   {data_dir}")
    lock = take_folder(data_dir)
    port = free_port(address, options.port)
    is_sealed_anew = not secrets.seals(data_dir)
    made = secrets.ensure(data_dir)
    _say(f"  Secrets       {'; '.join(made) or 'in place'}")
    shown = f"[{options.host}]" if ":" in options.host else options.host
    base_url = env.address("PUBLIC_URL") or f"http://{shown}:{port}"
    return Ground(
        address=address, port=port, base_url=base_url, data_dir=data_dir, lock=lock, is_sealed_anew=is_sealed_anew
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def resolved(host: str) -> str:
    """The IP address a host name stands for; raises Refused when nobody knows it."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        found = sorted(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), key=lambda entry: entry[0])
    except OSError:
        raise Refused(f"--host {host}: no address is known for that name.", code=WRONG_ADDRESS) from None
    return str(found[0][4][0])


def web_settings(host: str, address: str) -> dict[str, str]:
    """The settings that follow from the address: INSECURE_HTTP and ALLOWED_HOSTS; raises Refused for an unsafe one."""
    public = urlsplit(env.address("PUBLIC_URL"))
    hosts = env.words("ALLOWED_HOSTS")
    here = ipaddress.ip_address(address)
    if here.is_loopback:
        hosts += [name for name in (*LOOPBACK_NAMES, public.hostname) if name and name not in hosts]
        insecure = env.text("INSECURE_HTTP", "0" if public.scheme == "https" else "1")
        return {"ALLOWED_HOSTS": ",".join(hosts), "INSECURE_HTTP": insecure}
    if public.scheme != "https":
        _require_private(host, here, public.hostname or "")
        hosts = hosts or [name for name in (public.hostname, "" if here.is_unspecified else host) if name]
    return {"ALLOWED_HOSTS": ",".join(hosts)} if hosts else {}


def _require_private(host: str, here: ipaddress.IPv4Address | ipaddress.IPv6Address, public_name: str) -> None:
    """Plain http needs a yes in words, and an address that no public network reaches."""
    advice = (
        "Set PUBLIC_URL=https://your.address and put a proxy with a certificate in front of the studio, "
        "or on a private network set INSECURE_HTTP=1 and listen on its private address."
    )
    if not env.flag("INSECURE_HTTP"):
        raise Refused(f"--host {host} would carry passwords in the clear. {advice}", code=WRONG_ADDRESS)
    # Every address of the machine at once is private only if the one address we answer to is.
    judged = ipaddress.ip_address(resolved(public_name)) if here.is_unspecified and public_name else here
    if judged.is_unspecified or not (judged.is_private or judged.is_loopback):
        raise Refused(
            f"INSECURE_HTTP=1 is only for private addresses, and {host} is not one. {advice}", code=WRONG_ADDRESS
        )


def take_folder(data_dir: Path) -> IO[str]:
    """Lock the data folder for as long as the returned file is open; raises Refused when another studio has it."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (data_dir / LOCK_FILE).open("a+")
    except OSError as problem:
        raise Refused(f"The data folder {data_dir} cannot be used: {problem.strerror}.", code=1) from None
    try:
        _lock(file.fileno())
    except OSError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise Refused(
            f"Another studio{f' (process {holder})' if holder else ''} is using the data folder {data_dir}. "
            "Stop it first, or give this one a folder of its own with --data-dir.",
            code=FOLDER_IN_USE,
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def free_port(address: str, port: int) -> int:
    """The port, once it was seen to be free (0 gives any free one); raises Refused when it cannot be had."""
    if not 0 <= port <= 65535:
        raise Refused(f"--port {port}: a port is a number from 0 to 65535.", code=WRONG_ADDRESS)
    try:
        return _bind(address, port)
    except OSError as problem:
        reason, taken = problem.strerror or str(problem), problem.errno == errno.EADDRINUSE
    if not taken:
        raise Refused(f"The studio cannot listen on {address} port {port}: {reason}.", code=WRONG_ADDRESS)
    raise Refused(
        f"Port {port} is taken by another program. Choose another: "
        f"python3 manage.py studio --port {_neighbor(address, port)}",
        code=PORT_TAKEN,
    )


def _neighbor(address: str, port: int) -> int:
    for candidate in range(port + 1, min(port + NEIGHBORS, 65535)):
        try:
            return _bind(address, candidate)
        except OSError:
            continue
    return _bind(address, 0)


def _bind(address: str, port: int) -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as trial:
        if os.name == "posix":  # a port whose last connections are still fading is free
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((address, port))
        return int(trial.getsockname()[1])
