"""`python -m tests.services.boards <scene>`: a board on the database of this process, and several people at it at once.

The last line printed is what became of it, as JSON.
"""

import json
import sys
from typing import Any

import django

django.setup()

from generations.models import Board, Image, Role  # noqa: E402  # the models are there only after set-up
from generations.queries.boards import board_page, shelf_for  # noqa: E402
from generations.queries.library import wall_for  # noqa: E402
from generations.queries.search import Wanted  # noqa: E402
from generations.services import boards  # noqa: E402
from generations.services.boards import Step  # noqa: E402
from tests.conftest import join  # noqa: E402
from tests.making import finish_many  # noqa: E402
from tests.services.boards.hanging import begin  # noqa: E402
from tests.services.reviewing.__main__ import people  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402


def look() -> dict[str, Any]:
    """What pages ask, and what constraints refuse."""
    creator, owner, _ = people()
    images = finish_many(creator, 5)
    board = begin(creator, images=images)
    boards.move(member=owner, board=board, image=images[3], to=Step.FIRST)
    seen = board_page(board, owner)
    cover = shelf_for(owner).covers[0]
    found = wall_for(owner, Wanted(words="lamp", picked={"board": (str(board.pk),)}))
    try:
        begin(owner, "CERAMICS")
    except boards.NameTaken:
        refused = True
    return {
        "first": seen.images[0].picture.id == cover.pictures[0].id == images[3].pk,
        "counts": [seen.count_text, cover.count_text, found.count_text],
        "refused": refused,
    }


def fill_together() -> dict[str, Any]:
    """Everybody hangs the same pictures and moves one, all at the same moment."""
    creator, owner, admin = people()
    images = finish_many(creator, 4)
    board = begin(creator, images=images[:1])
    seen = race(
        *(lambda who=who: boards.add(member=who, board=board, images=images) for who in (creator, owner, admin)),
        *(
            lambda who=who: boards.move(member=who, board=board, image=images[0], to=Step.LAST)
            for who in (owner, admin)
        ),
        lambda: begin(owner, "Vases"),
        lambda: begin(admin, "vases"),
    )
    places = list(Image.objects.visible_to(owner).on(board).values_list("position", flat=True))
    return {
        "refused": [one for one in seen if one[:1].isupper() and one.isalpha() and one != "Vases"],
        "hung": len(places),
        "apart": len(set(places)) == len(places),
        "vases": Board.objects.filter(team=board.team, folded="vases").count(),
        "viewer": len(shelf_for(join(board.team, f"vi{board.pk}", Role.VIEWER, credits=0)).covers),
    }


if __name__ == "__main__":
    scenes = {one.__name__: one for one in (look, fill_together)}
    sys.stdout.write(json.dumps(scenes[sys.argv[1]]()) + "\n")
