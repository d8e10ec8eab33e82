"""Boards with pictures on them, and what somebody sees there."""

from generations.models import Board, Image, Member
from generations.services import boards


def begin(
    maker: Member, name: str = "Ceramics", *, is_private: bool = False, images: list[Image] | None = None
) -> Board:
    made = boards.make(member=maker, name=name, is_private=is_private)
    if images:
        boards.add(member=maker, board=made, images=images)
    return made


def hung(board: Board, viewer: Member) -> list[str]:
    """The prompts of what this member sees there, in their order."""
    seen = Image.objects.visible_to(viewer).on(board).order_by("-position")
    return [image.generation.prompt for image in seen.select_related("generation")]
