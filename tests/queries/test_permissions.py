"""The page of roles tells the truth: each line is tried as each role, and done or refused as it says."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from generations.models import Board, Generation, Image, Mark, Member, PromptRule, Role, State, Tag, Upload
from generations.providers.base import Fault
from generations.queries.permissions import PERMISSIONS
from generations.services import marking
from tests.cases import report
from tests.conftest import Cast, join
from tests.making import fail_one, finish_one, make_waiting
from tests.prompts import facts_of
from tests.services.boards.hanging import begin

OK, FORBIDDEN = 200, 403


@dataclass
class Stage:
    """Who tries, their browser, and a colleague to try it on."""

    cast: Cast
    member: Member
    client: Client

    def own(self, make: Callable[[Member], object]) -> object:
        """Something of their own, made while they still could."""
        roles, role = Member.objects.filter(pk=self.member.pk), self.member.role
        roles.update(role=Role.CREATOR)
        self.member.role = Role.CREATOR
        made = make(self.member)
        roles.update(role=role)
        self.member.role = role
        return made

    def get(self, name: str, *args: object) -> int:
        answer = self.client.get(reverse(name, args=args))
        if answer.streaming:
            answer.getvalue()
        return answer.status_code

    def post(self, name: str, /, *args: object, **words: str) -> int:
        return self.client.post(reverse(name, args=args), words).status_code


def looks(stage: Stage) -> bool:
    image = finish_one(stage.cast.ben)
    return {stage.get("image", image.pk), stage.get("image_original", image.pk)} == {OK}


def makes(stage: Stage) -> bool:
    before = Generation.objects.count()
    words = {"prompt": "a lamp", "shape": "1:1", "model": "demo:painter", "count": "1", "request_key": uuid.uuid4().hex}
    stage.post("batches", **words)
    image = finish_one(stage.cast.ben)
    drawn = Generation.objects.count() - before - 1
    stage.post("image_upscale", image.pk, choice="demo:enlarge-2x", request_key=uuid.uuid4().hex)
    enlarged = Generation.objects.filter(operation="upscale").count()
    assert drawn == enlarged
    return bool(drawn)


def likes(stage: Stage) -> bool:
    image = finish_one(stage.cast.ben)
    stage.post("image_favorite", image.pk, on="1")
    stage.post("image_rating", image.pk, rating="4")
    return Mark.objects.filter(member=stage.member, image=image, is_favorite=True, rating=4).exists()


def says(stage: Stage) -> bool:
    image = finish_one(stage.cast.ben)
    stage.post("image_pick", image.pk, on="1")
    stage.post("image_tags", image.pk, name="lamps")
    stage.post("image_notes", image.pk, text="For the hallway")
    image.refresh_from_db()
    said = {image.picked_at is not None, image.taggings.exists(), image.notes.exists()}
    assert len(said) == 1
    return said == {True}


def keeps_order(stage: Stage) -> bool:
    image = finish_one(stage.cast.ben)
    marking.tag(member=stage.cast.ben, images=[image], names=["lamps"])
    note = marking.note(member=stage.cast.ben, image=image, text="For the hallway")
    assert note is not None
    stage.post("tag", Tag.objects.get().pk, name="lanterns")
    stage.post("note_removal", note.pk)
    done = {Tag.objects.get().name == "lanterns", not image.notes.exists()}
    assert len(done) == 1
    return done == {True}


def uploads(stage: Stage) -> bool:
    stage.client.post(reverse("uploads"), {"files": SimpleUploadedFile("lamp.png", b"a lamp")})
    return Upload.objects.filter(member=stage.member).exists()


def repeats(whose: Callable[[Stage], Member]) -> Callable[[Stage], bool]:
    def repeat(stage: Stage) -> bool:
        owner = whose(stage)
        row = stage.own(fail_one) if owner == stage.member else fail_one(owner, Fault.VENDOR)
        assert isinstance(row, Generation)
        stage.post("generation_retry", row.pk)
        return row.retries.exists()

    return repeat


def cancels_and_hides(stage: Stage) -> bool:
    image = stage.own(finish_one)
    row = stage.own(make_waiting)
    assert isinstance(row, Generation)
    assert isinstance(image, Image)
    stage.post("generation_cancellation", row.pk)
    stage.post("image_privacy", image.pk, private="1")
    row.refresh_from_db()
    return row.state == State.CANCELED and Generation.objects.get(pk=image.generation_id).is_private


def cancels_others(stage: Stage) -> bool:
    row = make_waiting(stage.cast.ben)
    stage.post("generation_cancellation", row.pk)
    row.refresh_from_db()
    return row.state == State.CANCELED and repeats(lambda one: one.cast.ben)(stage)


def deletes(whose: Callable[[Stage], Member]) -> Callable[[Stage], bool]:
    def delete(stage: Stage) -> bool:
        owner = whose(stage)
        image = stage.own(finish_one) if owner == stage.member else finish_one(owner)
        assert isinstance(image, Image)
        stage.post("image_removal", image.pk)
        gone = Image.objects.in_trash().filter(pk=image.pk).exists()
        Image.objects.filter(pk=image.pk).trash(by=None)
        stage.post("image_restoration", image.pk)
        assert Image.objects.in_trash().filter(pk=image.pk).exists() is not gone
        return gone

    return delete


def opens_private(stage: Stage) -> bool:
    image = finish_one(stage.cast.ben)
    image.generation.share(private=True)
    return stage.get("image", image.pk) == OK


def reviews(stage: Stage) -> bool:
    case = report(stage.cast.vera, finish_one(stage.cast.ben))
    stage.post("review_decision", case.pk, action="hide", reason="other", version=str(case.version))
    case.refresh_from_db()
    return not case.is_open


def handles_people(stage: Stage) -> bool:
    noa = join(stage.cast.team, "Noa", Role.CREATOR, credits=0)
    stage.post("member_role", noa.pk, role="viewer")
    changed = Member.objects.get(pk=noa.pk).role == Role.VIEWER
    stage.post("member_removal", noa.pk, heir="")
    removed = not Member.objects.present().filter(pk=noa.pk).exists()
    invited = stage.post("invitations", emails="a@x.test", role="viewer") == OK
    assert changed == removed == invited
    return changed


def gives_ownership(stage: Stage) -> bool:
    stage.post("member_role", stage.cast.vera.pk, role="owner")
    return Member.objects.get(pk=stage.cast.vera.pk).role == Role.OWNER


def opens(name: str, *, of_ben: bool = False) -> Callable[[Stage], bool]:
    def open_it(stage: Stage) -> bool:
        status = stage.get(name, *([stage.cast.ben.pk] if of_ben else []))
        assert status in {OK, FORBIDDEN}
        return status == OK

    return open_it


def writes_rules(stage: Stage) -> bool:
    stage.post("rule_new", act="save", **{name: str(value) for name, value in facts_of().items()})
    is_written, may_review = PromptRule.objects.filter(team=stage.cast.team).exists(), stage.get("review_prompts") == OK
    assert is_written == may_review
    return is_written


def begins_boards(stage: Stage) -> bool:
    mine, colleagues = begin(stage.member, "Own", is_private=True), begin(stage.cast.ben, "Colleague’s")
    image = finish_one(stage.cast.ben)
    stage.post("board_new", name="Shared")
    for board in (mine, colleagues):
        stage.post("board_pictures", board.pk, image=str(image.pk), act="put")
    assert mine.entries.exists()
    is_begun = Board.objects.filter(name="Shared", is_private=False).exists()
    assert is_begun == colleagues.entries.exists()
    return is_begun


TRIALS: dict[str, Callable[[Stage], bool]] = {
    "Look at and download": looks,
    "Count pictures": likes,
    "Pick pictures": says,
    "Rename, merge": keeps_order,
    "Make pictures": makes,
    "Upload own": uploads,
    "Begin boards": begins_boards,
    "Repeat own work": repeats(lambda stage: stage.member),
    "Cancel own work": cancels_and_hides,
    "Cancel or repeat the work of others": cancels_others,
    "Delete own pictures": deletes(lambda stage: stage.member),
    "Delete what others share": deletes(lambda stage: stage.cast.ben),
    "Open private pictures": opens_private,
    "Review what was reported": reviews,
    "Write rules": writes_rules,
    "Invite people": handles_people,
    "Give credits": opens("member_credits", of_ben=True),
    "See how much storage": opens("storage"),
    "Add, test": opens("credential_new"),
    "Change the team": opens("team_settings"),
    "Give the ownership": gives_ownership,
    "Make somebody a link": opens("member_password", of_ben=True),
}


def test_every_line_is_tried() -> None:
    assert [[line.words.startswith(words) for words in TRIALS].count(True) for line in PERMISSIONS] == [1] * len(TRIALS)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", PERMISSIONS, ids=lambda one: one.words.split(",")[0])
def test_the_page_says_what_happens(
    cast: Cast, signed_in: Callable[[Member], Client], permission: object, role: Role
) -> None:
    line = next(one for one in PERMISSIONS if one is permission)
    member = join(cast.team, "Tess", role)
    [trial] = [trial for words, trial in TRIALS.items() if line.words.startswith(words)]
    assert trial(Stage(cast, member, signed_in(member))) is (role in line.roles)
