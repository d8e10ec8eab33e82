"""Why something about a team's people was not done; each message is for the person who tried."""

from generations.models import Member, Role


class TeamRefusal(Exception):
    """Nothing was changed; the message says why, and what to do."""


class NotAllowed(TeamRefusal):
    def __init__(self, words: str = "Only owners and admins of the team may do that.") -> None:
        super().__init__(words)


class LastOwner(TeamRefusal):
    def __init__(self) -> None:
        super().__init__("A team needs an owner. Make somebody else owner first.")


def check_may_manage(by: Member) -> None:
    """Raises NotAllowed unless this member manages the team."""
    if by.left_at is not None or not by.may_manage:
        raise NotAllowed


def check_reach(by: Member, *roles: str) -> None:
    """Raises NotAllowed when one of the roles is above the member's own: an admin makes no owner, and unmakes none."""
    check_may_manage(by)
    if Role.OWNER in roles and by.role != Role.OWNER:
        raise NotAllowed("Only an owner can make or change an owner.")
