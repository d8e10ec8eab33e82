"""A team's people: invite, join, change role, leave, and what the team has decided for all of them."""

from generations.services.teams.deciding import Decision, choose_privacy, choose_team, decide
from generations.services.teams.erasing import forget_prompts, take_down_late
from generations.services.teams.inviting import (
    InvitationGone,
    Invited,
    ask_again,
    find,
    invite,
    mail,
    make_link,
    renew,
    take_back,
)
from generations.services.teams.joining import (
    AddressTaken,
    AlreadyMember,
    NotForYou,
    NotNow,
    is_for,
    join,
    join_as_new,
    waiting_words,
)
from generations.services.teams.leaving import (
    Departure,
    close,
    departure_of,
    has_others,
    leave,
    remove,
    return_credits,
    stop_work,
)
from generations.services.teams.readmitting import NotOurs, make_reset_link
from generations.services.teams.refusals import LastOwner, NotAllowed, TeamRefusal
from generations.services.teams.roles import change_role

__all__ = [
    "AddressTaken",
    "AlreadyMember",
    "Decision",
    "Departure",
    "InvitationGone",
    "Invited",
    "LastOwner",
    "NotAllowed",
    "NotForYou",
    "NotNow",
    "NotOurs",
    "TeamRefusal",
    "ask_again",
    "change_role",
    "choose_privacy",
    "choose_team",
    "close",
    "decide",
    "departure_of",
    "find",
    "forget_prompts",
    "has_others",
    "invite",
    "is_for",
    "join",
    "join_as_new",
    "leave",
    "mail",
    "make_link",
    "make_reset_link",
    "remove",
    "renew",
    "return_credits",
    "stop_work",
    "take_back",
    "take_down_late",
    "waiting_words",
]
