"""Why something was not said about a picture; each message is for the person who tried."""

from generations.models import Member


class MarkingRefused(Exception):
    """Nothing was changed; the message says why, and what to do."""


class NotAllowed(MarkingRefused):
    pass


class WrongWords(MarkingRefused):
    pass


class TooMany(MarkingRefused):
    pass


def check_may_add(member: Member) -> None:
    """Raises NotAllowed for who only looks: hearts and stars are theirs, everything else is the team's."""
    if not member.may_create:
        raise NotAllowed("Viewers only look. Ask an owner or admin to make you a creator.")


def check_may_manage(member: Member) -> None:
    """Raises NotAllowed unless this member manages the team."""
    if not member.may_manage:
        raise NotAllowed("Only owners and admins change the tags of a team.")
