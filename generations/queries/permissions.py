"""What each role can do, as the page of roles shows it."""

from dataclasses import dataclass

from generations.models import Role

EVERYONE = frozenset(Role)
MAKERS = EVERYONE - {Role.VIEWER}
MANAGERS = frozenset({Role.OWNER, Role.ADMIN})
OWNERS = frozenset({Role.OWNER})


@dataclass(frozen=True)
class Permission:
    """One thing that may be done, and who may. What is not allowed here is refused, whatever else somebody is."""

    words: str
    roles: frozenset[Role]
    note: str = ""


PERMISSIONS = (
    Permission("Look at and download what the team shares", EVERYONE),
    Permission("Count pictures among favorites and give them stars", EVERYONE, "Nobody else sees either."),
    Permission("Pick pictures for the team, tag them and write notes", MAKERS),
    Permission("Rename, merge and remove tags, and delete the notes of others", MANAGERS),
    Permission("Make pictures and enlarge them, with own credits", MAKERS),
    Permission("Upload own pictures", MAKERS),
    Permission("Begin boards for the team, and choose what hangs on them", MAKERS, "Viewers: for themselves."),
    Permission("Repeat own work", MAKERS),
    Permission("Cancel own work, and say who sees own pictures", EVERYONE, "Viewers: of earlier days."),
    Permission("Cancel or repeat the work of others", MANAGERS),
    Permission("Delete own pictures, and bring them back", MAKERS),
    Permission("Delete what others share, and bring it back", MANAGERS, "Only owners delete it for good."),
    Permission("Open private pictures of others", MANAGERS, "It is written down, and their maker is told."),
    Permission(
        "Review what was reported: hide it, keep it, remove it for good",
        MANAGERS,
        "Nobody their own pictures. Removing takes two people.",
    ),
    Permission("Write rules about prompts, and review what they held", MANAGERS, "Nobody their own orders."),
    Permission("Invite people, change roles, remove people", MANAGERS, "Only owners make, change or remove owners."),
    Permission("Give credits, and set how many come each month", MANAGERS),
    Permission("See how much storage everybody takes, and set how much they may", MANAGERS),
    Permission("Add, test, switch off and replace vendor keys", MANAGERS),
    Permission("Change the team’s settings", MANAGERS),
    Permission("Give the ownership to somebody else", OWNERS),
    Permission(
        "Make somebody a link to a new password",
        OWNERS,
        "Where the studio sends no e-mail. They are told, and it is written down.",
    ),
)
