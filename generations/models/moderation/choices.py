"""The words of moderation: why a picture is reported, who looks at it, and what they can do."""

from django.db import models


class Concern(models.TextChoices):
    """What is wrong with a picture. The last one is for decisions only."""

    HATEFUL = "hateful", "Hateful"
    SEXUAL = "sexual", "Sexual"
    VIOLENT = "violent", "Violent"
    REAL_PERSON = "real_person", "A real person"
    COPIED = "copied", "Copied work"
    OTHER = "other", "Something else"
    FINE = "fine", "Within the rules"

    @classmethod
    def reportable(cls) -> list[tuple[str, str]]:
        """What somebody can report a picture for."""
        return [(value, label) for value, label in cls.choices if value != cls.FINE]


class Level(models.TextChoices):
    """Who decides: the owners and admins of the picture's team, or the studio's moderators alone."""

    TEAM = "team", "Team"
    STAFF = "staff", "Studio"


class CaseState(models.TextChoices):
    OPEN = "open", "Waiting"
    HIDDEN = "hidden", "Hidden"
    KEPT = "kept", "Kept"


class Action(models.TextChoices):
    HIDE = "hide", "Hidden"
    KEEP = "keep", "Kept"
    ESCALATE = "escalate", "Handed to the studio’s moderators"
    SUSPEND = "suspend", "Hidden, and its maker suspended"
    RESTORE = "restore", "Shown again"
    ASK_PURGE = "ask_purge", "Removal for good asked for"
    PURGE = "purge", "Removed for good"
