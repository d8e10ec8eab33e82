"""What people say about pictures: hearts and stars for themselves, picks, tags and notes for their team.

Each act names the member and the pictures; those the member does not see are left as they are. Doing it twice changes
nothing, and each tells which pictures it changed, so that it can be taken back for exactly these. What pictures are
found by changes in the same transaction; of thousands, each batch has one of its own.
"""

from generations.services.marking.batches import AT_ONCE
from generations.services.marking.forgetting import forget_member, forget_pictures, forget_words
from generations.services.marking.judging import favor, pick, rate
from generations.services.marking.noting import NOTES_PER_PICTURE_MAX, edit_note, note, unnote, unnote_at_desk
from generations.services.marking.refusals import MarkingRefused, NotAllowed, TooMany, WrongWords
from generations.services.marking.sorting import merge_tag, remove_tag, remove_tag_at_desk, rename_tag
from generations.services.marking.tagging import TAGS_PER_PICTURE_MAX, TAGS_PER_TEAM_MAX, tag, untag

__all__ = [
    "AT_ONCE",
    "NOTES_PER_PICTURE_MAX",
    "TAGS_PER_PICTURE_MAX",
    "TAGS_PER_TEAM_MAX",
    "MarkingRefused",
    "NotAllowed",
    "TooMany",
    "WrongWords",
    "edit_note",
    "favor",
    "forget_member",
    "forget_pictures",
    "forget_words",
    "merge_tag",
    "note",
    "pick",
    "rate",
    "remove_tag",
    "remove_tag_at_desk",
    "rename_tag",
    "tag",
    "unnote",
    "unnote_at_desk",
    "untag",
]
