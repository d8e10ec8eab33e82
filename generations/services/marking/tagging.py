"""Tags on pictures and off again. A name is known by its words: case, accents and signs do not count."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from generations import search
from generations.models import FOLDED_CHARACTERS_MAX, TAG_CHARACTERS_MAX, Member, Tag, Tagging
from generations.services.marking.batches import Pictures, change
from generations.services.marking.refusals import TooMany, WrongWords, check_may_add

TAGS_PER_PICTURE_MAX = 50
TAGS_PER_TEAM_MAX = 5000
NAMES_MAX = 20
"""So many at once."""
TRIES = 3


def tag(*, member: Member, images: Pictures, names: Iterable[str]) -> list[UUID]:
    """Put these tags on the pictures; says which changed. A name the team knows already keeps its spelling.

    A picture without room for them is left as it is. Raises NotAllowed, WrongWords, and TooMany when there is room on
    none, or the team has too many tags.
    """
    check_may_add(member)
    wanted = by_words(names)
    full: list[UUID] = []

    def act(keys: list[UUID]) -> Collection[UUID]:
        tags = _held_tags(member, wanted) if keys else {}
        worn: dict[UUID, set[int]] = defaultdict(set)
        for image, number in Tagging.objects.filter(image__in=keys).values_list("image", "tag"):
            worn[image].add(number)
        lacking = {key: [one for one in tags if one not in worn[key]] for key in keys}
        full.extend(key for key, new in lacking.items() if new and len(worn[key]) + len(new) > TAGS_PER_PICTURE_MAX)
        changed = {key: new for key, new in lacking.items() if new and key not in full}
        Tagging.objects.bulk_create(
            [Tagging(tag_id=one, image_id=key, member=member) for key, new in changed.items() for one in new]
        )
        Tag.objects.filter(pk__in=tags).count_anew()
        return changed

    changed = change(member, images, act)
    if full and not changed:
        raise TooMany(f"A picture has {TAGS_PER_PICTURE_MAX} tags at most. Take one off first.")
    return changed


def untag(*, member: Member, images: Pictures, names: Iterable[str]) -> list[UUID]:
    """Take these tags off the pictures, whoever put them there; says which changed. Raises NotAllowed, WrongWords."""
    check_may_add(member)
    wanted = by_words(names)

    def act(keys: list[UUID]) -> Collection[UUID]:
        tags = _held_rows(member, wanted)
        worn = Tagging.objects.filter(image__in=keys, tag__in=[one.pk for one in tags])
        changed = set(worn.values_list("image", flat=True))
        worn.delete()
        Tag.objects.filter(pk__in=[one.pk for one in tags]).count_anew()
        return changed

    return change(member, images, act)


def by_words(names: Iterable[str]) -> dict[str, str]:
    """Each name as it is written, by its words; commas part them.

    Raises WrongWords for what can be no tag, and for none at all.
    """
    found: dict[str, str] = {}
    for typed in (part for one in names for part in one.split(",")):
        plain = "".join(" " if one.isspace() else one for one in typed if one.isspace() or one.isprintable())
        name = " ".join(unicodedata.normalize("NFC", plain).split())
        if not name:
            continue
        folded = search.folded(name)[:FOLDED_CHARACTERS_MAX]
        if not folded:
            raise WrongWords(f"“{name[:TAG_CHARACTERS_MAX]}” has no letter or digit. A tag needs one.")
        if len(name) > TAG_CHARACTERS_MAX:
            raise WrongWords(f"A tag has {TAG_CHARACTERS_MAX} characters at most.")
        found.setdefault(folded, name)
    if not found:
        raise WrongWords("Type the name of a tag.")
    if len(found) > NAMES_MAX:
        raise WrongWords(f"At most {NAMES_MAX} tags at once.")
    return found


def _held_tags(member: Member, wanted: Mapping[str, str]) -> Collection[int]:
    """The tags of these names, those that are missing made. Of two who make one at once, both get the same."""
    for _ in range(TRIES):
        held = {one.folded: one.pk for one in _held_rows(member, wanted)}
        missing = [folded for folded in wanted if folded not in held]
        if not missing:
            return held.values()
        if Tag.objects.filter(team=member.team_id).count() + len(missing) > TAGS_PER_TEAM_MAX:
            raise TooMany(f"Your team has {TAGS_PER_TEAM_MAX:,} tags. Use one of them, or ask an owner to merge some.")
        made = [Tag(team_id=member.team_id, folded=folded, name=wanted[folded]) for folded in sorted(missing)]
        Tag.objects.bulk_create(made, ignore_conflicts=True)
    raise TooMany(
        "These tags are being changed by somebody else. Try again in a moment."
    )  # each time, between two lines


def _held_rows(member: Member, wanted: Mapping[str, str]) -> list[Tag]:
    """Nobody merges or removes these until the transaction ends."""
    known = Tag.objects.filter(team=member.team_id, folded__in=[*wanted]).order_by("pk")
    return list(known.select_for_update(no_key=True))
