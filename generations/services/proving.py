"""When somebody last showed who they are, in this session: at the login, or since, by password, passkey or code.

What changes how people sign in, keys and credits is only done for some minutes after that (S25).
"""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import Person, clock

PROVED, BY_FACTOR, KEPT = "proved", "by_factor", "kept"
KEPT_CHARACTERS_MAX = 300
"""Of each field that is kept: more than any of them takes."""
KEPT_SECONDS = 3600
"""Time to find a passkey; whoever comes by the next day begins anew."""
AGAIN = "Nothing was changed yet: that was asked for too long after you showed who you are. Once more, please."
AGAIN_AS_TYPED = "Nothing was changed yet: show who you are once more, and send it again. What you wrote is kept."


def record(session: SessionBase, *, by_factor: bool = False) -> None:
    """They showed it now; `by_factor` by something else than a password, which counts for the whole session (S17)."""
    session[PROVED] = clock.now().timestamp()
    if by_factor:
        session[BY_FACTOR] = True


def record_at(session: SessionBase, moment: float) -> None:
    """They showed it to their organization, which asked them at that moment; what is known to be later stays."""
    session[PROVED] = max(session.get(PROVED, 0.0), min(moment, clock.now().timestamp()))


def is_fresh(session: SessionBase) -> bool:
    """Whether that was a moment ago."""
    moment = session.get(PROVED)
    return moment is not None and clock.now().timestamp() - moment < settings.PROOF_SECONDS


def used_a_factor(session: SessionBase) -> bool:
    """Whether a passkey or a code was shown in this session."""
    return bool(session.get(BY_FACTOR))


def keep(session: SessionBase, *, place: str, fields: dict[str, str]) -> None:
    """Keep what was typed at this address until they have shown who they are: of one form at a time, the last one.

    For fields that hold no secret: it lies in the session, and nowhere else.
    """
    short = {name: value[:KEPT_CHARACTERS_MAX] for name, value in fields.items()}
    session[KEPT] = {"place": place, "fields": short, "at": clock.now().timestamp()}


def take_kept(session: SessionBase, *, place: str) -> dict[str, str]:
    """What was typed at this address, once."""
    kept = session.get(KEPT)
    if not kept or kept["place"] != place:
        return {}
    del session[KEPT]
    late = clock.now().timestamp() - kept["at"] > KEPT_SECONDS
    return {} if late else dict(kept["fields"])


def way(person: Person, *, to: str, by_factor: bool = False) -> str:
    """Where this person is asked, and from there led to the address `to`; `by_factor` takes no password for an answer.

    The login where nothing but it is left, as for somebody of an organization.
    """
    methods = [one for one in get_adapter().get_reauthentication_methods(person) if suits(one, by_factor=by_factor)]
    url = methods[0]["url"] if methods else reverse("account_login")
    return f"{url}?{urlencode({REDIRECT_FIELD_NAME: to})}"


def suits(method: dict[str, str], *, by_factor: bool) -> bool:
    """Whether a way of showing it is enough: a password is not where a second factor is wanted."""
    return not by_factor or method["id"] != "reauthenticate"
