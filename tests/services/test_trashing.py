"""What is deleted disappears at once, comes back as it was, and goes for good only when nothing speaks against it."""

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from generations import storage
from generations.models import AuditEntry, Generation, Image, Member, Role, State, Team, clock
from generations.queries.image_page import image_page
from generations.queries.library import wall_for
from generations.queries.search import Wanted
from generations.services import housekeeping, reviewing, teams, trashing
from generations.services.pumping import pump
from tests.cases import decide, report, reviewer_of
from tests.conftest import Cast, join
from tests.making import finish, finish_one, hand_over
from tests.running import run_jobs
from tests.services.teams.test_deciding import enlarge

pytestmark = pytest.mark.django_db
A_DAY = 86_400


@pytest.fixture(autouse=True)
def no_warm_pump(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "WARM_SECONDS", 0)


def wall(member: Member, words: str = "") -> list[object]:
    return [hung.picture.id for hung in wall_for(member, Wanted(words=words)).images]


def age(path: Path) -> None:
    """As if it had been stored a while ago: what was written just now may be about to be referred to."""
    os.utime(path, (time.time() - 3600,) * 2)


def keep_house() -> None:
    housekeeping.keep_house(Counter())
    run_jobs()


class TestDeleting:
    def test_takes_it_off_every_wall_and_out_of_the_index(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        assert trashing.trash(member=cast.ben, images=[image]).done == [image.pk]

        for member in (cast.ada, cast.ben, cast.vera):
            assert wall(member) == wall(member, "lamp") == []
        thrown = Image.objects.get(pk=image.pk)
        assert (thrown.deleted_by, bool(thrown.sha256)) == (cast.ben, True)

    @pytest.mark.parametrize(("who", "done"), [("ada", 1), ("ben", 1), ("vera", 0), ("mallory", 0), ("nina", 0)])
    def test_is_for_who_made_it_and_who_manages_the_team(self, cast: Cast, who: str, done: int) -> None:
        image = finish_one(cast.ben)
        member = join(cast.team, "Nina", Role.CREATOR) if who == "nina" else getattr(cast, who)
        outcome = trashing.trash(member=member, images=Image.objects.filter(pk=image.pk))

        assert len(outcome.done) == done
        assert outcome.refused == ({image.pk: trashing.NOT_YOURS} if who in {"vera", "nina"} else {})

    def test_what_others_keep_to_themselves_is_nobody_elses(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        image.generation.share(private=True)
        assert trashing.trash(member=cast.ada, images=[image]) == trashing.Outcome(done=[])

    def test_twice_is_once(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        trashing.trash(member=cast.ben, images=[image])
        at = Image.objects.get(pk=image.pk).deleted_at

        assert trashing.trash(member=cast.ada, images=[image]).done == []
        assert Image.objects.get(pk=image.pk).deleted_at == at

    def test_leaves_what_was_made_from_it(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        large = finish(enlarge(cast.ben, image))
        trashing.trash(member=cast.ben, images=[image])
        assert wall(cast.vera) == [large.pk]

        page = image_page(
            Image.objects.select_related("generation").get(pk=large.pk), viewer=cast.vera, now=clock.now()
        )
        assert [(node.gone, node.is_current) for node in page.family] == [("In the trash", False), ("", True)]
        trashing.purge(member=cast.ben, images=[image])
        page = image_page(large, viewer=cast.vera, now=clock.now())
        assert [node.gone for node in page.family] == ["Deleted", ""]

    def test_an_upscale_makes_its_source_one_without(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        large = finish(enlarge(cast.ben, image))
        enlarged = Wanted(picked={"enlarged": ("yes",)})
        assert [one.picture.id for one in wall_for(cast.ben, enlarged).images] == [image.pk]
        trashing.trash(member=cast.ben, images=[large])

        assert wall_for(cast.ben, enlarged).images == []

    def test_lets_a_running_upscale_finish_and_keeps_its_source_until_then(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        running = hand_over(enlarge(cast.ben, image))
        trashing.trash(member=cast.ben, images=[image])
        assert trashing.purge(member=cast.ben, images=[image]).refused == {image.pk: trashing.NEEDED}
        large = finish(running)

        assert (Generation.objects.get(pk=running.pk).state, wall(cast.ben)) == (State.SUCCEEDED, [large.pk])
        assert trashing.purge(member=cast.ben, images=[image]).done == [image.pk]


class TestBringingBack:
    def test_makes_it_as_if_nothing_had_happened(self, cast: Cast) -> None:
        image = finish_one(cast.ben, "a lamp")
        finish(enlarge(cast.ben, image))
        before = (wall(cast.vera), wall(cast.vera, "lamp"))
        trashing.trash(member=cast.ada, images=[image])
        assert trashing.restore(member=cast.ben, images=[image]).done == [image.pk]

        assert (wall(cast.vera), wall(cast.vera, "lamp")) == before
        assert Image.objects.get(pk=image.pk).deleted_by is None

    @pytest.mark.parametrize("who", ["vera", "mallory"])
    def test_is_not_for_who_may_not_delete(self, cast: Cast, who: str) -> None:
        image = finish_one(cast.ben)
        trashing.trash(member=cast.ben, images=[image])
        assert trashing.restore(member=getattr(cast, who), images=[image]).done == []
        assert wall(cast.ben) == []

    def test_a_moderator_comes_first(self, cast: Cast) -> None:
        """Hidden while it is in the trash it neither comes back nor goes; shown again it is still in the trash."""
        image = finish_one(cast.ben)
        case = report(cast.vera, image)
        trashing.trash(member=cast.ben, images=[image])
        decide(case, cast.ada)
        assert trashing.restore(member=cast.ben, images=[image]).done == []
        assert trashing.purge(member=cast.ben, images=[image]).done == []
        reviewing.reverse(decision=case.decisions.get(action="hide"), reviewer=reviewer_of(cast.ada))

        assert wall(cast.ben) == []
        assert trashing.restore(member=cast.ben, images=[image]).done == [image.pk]


class TestGoingForGood:
    def test_takes_the_file_and_keeps_the_row(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        path = storage.original_path(image)
        age(path)
        trashing.trash(member=cast.ben, images=[image])
        assert trashing.purge(member=cast.ben, images=[image]).done == [image.pk]

        gone = Image.objects.get(pk=image.pk)
        assert (path.exists(), gone.sha256, gone.size_bytes > 0) == (False, "", True)
        assert AuditEntry.objects.filter(action="pictures_purged", after={"pictures": 1}).count() == 1
        assert trashing.restore(member=cast.ben, images=[image]).done == []

    def test_leaves_the_file_to_another_picture_with_the_same(self, cast: Cast) -> None:
        image, same = finish_one(cast.ben), finish_one(cast.ben)
        Image.objects.filter(pk=same.pk).update(sha256=image.sha256)
        path = storage.original_path(image)
        age(path)
        trashing.trash(member=cast.ben, images=[image])
        trashing.purge(member=cast.ben, images=[image])

        assert path.exists()

    def test_is_for_its_maker_and_owners(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        otto = join(cast.team, "Otto", Role.ADMIN)
        trashing.trash(member=otto, images=[image])
        assert trashing.purge(member=otto, images=[image]).refused == {image.pk: trashing.NOT_FOR_GOOD}
        assert trashing.purge(member=cast.mallory, images=[image]) == trashing.Outcome(done=[])
        assert trashing.purge(member=cast.ada, images=[image]).done == [image.pk]

    def test_never_from_outside_the_trash(self, cast: Cast) -> None:
        image = finish_one(cast.ben)
        assert trashing.purge(member=cast.ben, images=[image]).done == []
        assert wall(cast.ben) == [image.pk]

    def test_evidence_stays_until_it_is_decided(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        image = finish_one(cast.ben)
        case = report(cast.vera, image)
        trashing.trash(member=cast.ben, images=[image])
        assert trashing.purge(member=cast.ben, images=[image]).refused == {image.pk: trashing.NEEDED}
        pass_time(31 * A_DAY)
        assert trashing.purge_due() == 0
        decide(case, cast.ada, "keep", reason="fine")

        assert trashing.purge_due() == 1

    def test_empties_what_is_there_by_a_job(self, cast: Cast) -> None:
        mine, others = [finish_one(cast.ben) for _ in range(3)], finish_one(cast.ada)
        trashing.trash(member=cast.ada, images=[*mine, others])
        assert trashing.empty(member=cast.ben) == 3
        later = finish_one(cast.ben)
        trashing.trash(member=cast.ben, images=[later])
        run_jobs()

        assert set(Image.objects.in_trash().values_list("pk", flat=True)) == {others.pk, later.pk}

    @pytest.mark.parametrize(("days", "kept", "over"), [(30, 29, 31), (7, 6, 8), (0, 0, 1)])
    def test_happens_when_the_days_of_the_team_are_over(
        self, cast: Cast, pass_time: Callable[[float], None], days: int, kept: int, over: int
    ) -> None:
        Team.objects.filter(pk=cast.team.pk).update(trash_days=days)
        trashing.trash(member=cast.ben, images=[finish_one(cast.ben)])
        pass_time(kept * A_DAY + 600)
        assert trashing.purge_due() == 0
        pass_time((over - kept) * A_DAY)
        keep_house()

        assert not Image.objects.in_trash().exists()

    def test_in_batches_that_a_killed_job_loses_nothing_of(
        self, cast: Cast, pass_time: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trashing, "AT_ONCE", 2)
        monkeypatch.setattr(trashing, "STEP_SECONDS", 0)
        trashing.trash(member=cast.ben, images=[finish_one(cast.ben) for _ in range(5)])
        pass_time(31 * A_DAY)
        assert trashing.purge_due() == 2
        assert Image.objects.in_trash().count() == 3
        run_jobs()

        assert not Image.objects.in_trash().exists()
        assert trashing.purge_due() == 0


def test_whoever_gets_the_pictures_of_a_leaver_gets_their_trash(cast: Cast) -> None:
    image = finish_one(cast.ben)
    trashing.trash(member=cast.ben, images=[image])
    teams.remove(by=cast.ada, member=cast.ben, heir=cast.ada)

    assert trashing.restore(member=cast.ada, images=[image]).done == [image.pk]
