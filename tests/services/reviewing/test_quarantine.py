"""A hidden picture is gone everywhere at once, and comes back exactly as it was."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger, storage
from generations.models import Action, Export, Generation, Image, Member, Reason, Reviewer, Role, State
from generations.providers.base import Ready
from generations.queries import own_data
from generations.services import collecting, exporting, ordering, reviewing
from generations.services.auditing import audit
from generations.services.collecting.bringing import Try, fetch_missing
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from generations.services.teams.leaving import departure_of
from tests.conftest import join
from tests.engines import Engine
from tests.making import finish, finish_one, hand_over, make_waiting
from tests.services.reviewing.bench import Bench, enlarge, told

SignIn = Callable[[Member], Client]


def addresses(image: Image) -> list[str]:
    width = image.widths[0]
    return [
        reverse("image_file", args=[image.pk, width]),
        reverse("image_original", args=[image.pk]),
        reverse("image_upscale", args=[image.pk]),
        storage.source_address(image),
    ]


def statuses(client: Client, wanted: list[str]) -> set[int]:
    found = set()
    for address in wanted:
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer)  # read to its end, so that its file is closed
        answer.close()
        found.add(answer.status_code)
    return found


class TestAHiddenPicture:
    @pytest.mark.parametrize("who", ["ada", "ben", "vera"])
    def test_is_served_to_nobody(self, bench: Bench, signed_in: SignIn, who: str) -> None:
        client = signed_in(getattr(bench.cast, who))
        wanted = addresses(bench.picture)
        assert statuses(client, wanted) == {200}
        bench.hide(bench.report())

        assert statuses(client, wanted) == {404}
        for place in ("library", "studio"):
            assert str(bench.picture.pk) not in client.get(reverse(place)).content.decode()

    def test_is_found_by_nobody_until_it_is_shown_again(self, bench: Bench, signed_in: SignIn) -> None:
        client, word = signed_in(bench.cast.vera), bench.picture.generation.prompt.split()[-1]

        def is_found() -> bool:
            answer = client.get(reverse("library"), {"q": word}).content.decode()
            return str(bench.picture.pk) in answer and "1 picture" in answer

        assert is_found()
        decision = bench.hide(bench.report())
        assert not is_found()
        reviewing.reverse(decision=decision, reviewer=bench.ada)
        assert is_found()

    def test_that_was_handed_over_is_in_no_older_file_of_its_maker(self, bench: Bench) -> None:
        ben = bench.cast.ben.person
        assert ben is not None
        exporting.go_on(export=exporting.ask(ben).token)
        case = bench.report()
        Generation.objects.filter(pk=bench.picture.generation_id).update(kept_by=bench.cast.vera)
        bench.hide(case)

        assert not Export.objects.exists()

    def test_is_not_counted_or_exported(self, bench: Bench) -> None:
        ben = bench.cast.ben.person
        assert ben is not None
        exporting.go_on(export=exporting.ask(ben).token)
        bench.hide(bench.report())

        assert list(own_data.pictures(ben)) == []
        assert departure_of(bench.cast.ben).pictures == 0
        assert not Export.objects.exists()

    def test_comes_back_exactly_as_it_was(self, bench: Bench, signed_in: SignIn) -> None:
        before = Image.objects.values().get(pk=bench.picture.pk)
        decision = bench.hide(bench.report())
        reviewing.reverse(decision=decision, reviewer=bench.ada)

        assert Image.objects.values().get(pk=bench.picture.pk) == before
        client = signed_in(bench.cast.vera)
        assert statuses(client, addresses(bench.picture)) == {200}

    def test_takes_along_what_it_was_enlarged_to(self, bench: Bench) -> None:
        larger = finish(enlarge(bench.cast.ben, bench.picture))
        largest = finish(enlarge(bench.cast.ben, larger))
        other = finish_one(bench.cast.ben)
        decision = bench.hide(bench.report())

        assert list(Image.objects.visible_to(bench.cast.vera)) == [other]
        reviewing.reverse(decision=decision, reviewer=bench.ada)
        assert {one.pk for one in Image.objects.visible_to(bench.cast.vera)} == {
            one.pk for one in (bench.picture, larger, largest, other)
        }

    def test_leaves_hidden_what_another_case_hides(self, bench: Bench) -> None:
        larger = finish(enlarge(bench.cast.ben, bench.picture))
        first = bench.hide(bench.report())
        second = reviewing.open_case(image=larger, reviewer=bench.ada)
        bench.hide(second)
        reviewing.reverse(decision=first, reviewer=bench.ada)

        assert list(Image.objects.visible_to(bench.cast.vera)) == [bench.picture]
        assert Image.objects.get(pk=larger.pk).hidden_by == second

    def test_stays_hidden_while_what_it_was_enlarged_from_is(self, bench: Bench) -> None:
        larger = finish(enlarge(bench.cast.ben, bench.picture))
        largest = finish(enlarge(bench.cast.ben, larger))
        case = reviewing.open_case(image=largest, reviewer=bench.ada)
        first = bench.hide(case)
        whole = bench.hide(bench.report())
        reviewing.reverse(decision=first, reviewer=bench.ada)
        assert not Image.objects.visible_to(bench.cast.vera).exists()

        reviewing.reverse(decision=whole, reviewer=bench.ada)
        assert Image.objects.visible_to(bench.cast.vera).count() == 3


class TestWorkOnAHiddenPicture:
    def test_that_waits_ends_and_its_credits_go_back(self, bench: Bench) -> None:
        before = ledger.account_of(bench.cast.ben).available
        row = enlarge(bench.cast.ben, bench.picture)
        bench.hide(bench.report())
        row.refresh_from_db()

        assert (row.state, row.reason) == (State.FAILED, Reason.SOURCE_GONE)
        assert Reason(row.reason).label == "The picture to upscale was removed"
        assert ledger.account_of(bench.cast.ben).available == before
        assert audit() == []

    def test_at_the_vendor_is_paid_for_and_arrives_hidden(self, bench: Bench) -> None:
        row = hand_over(enlarge(bench.cast.ben, bench.picture))
        decision = bench.hide(bench.report())
        image = finish(row)

        assert row.charged == row.price
        assert image.hidden_at is not None
        assert audit() == []
        reviewing.reverse(decision=decision, reviewer=bench.ada)
        assert Image.objects.visible_to(bench.cast.vera).filter(pk=image.pk).exists()

    def test_that_was_ordered_in_that_moment_arrives_hidden_too(self, bench: Bench) -> None:
        """The order was not to be seen yet by whoever hid the picture."""
        row = hand_over(enlarge(bench.cast.ben, bench.picture))
        case = bench.report()
        bench.hide(case)
        Generation.objects.filter(pk=row.pk).update(hidden_by=None)
        arrived = finish(row)
        assert (Image.objects.get(pk=arrived.pk).hidden_by, audit()) == (case, [])

    def test_is_not_begun_any_more(self, bench: Bench) -> None:
        bench.hide(bench.report())
        with pytest.raises(ordering.OfferUnavailable):
            enlarge(bench.cast.ben, bench.picture)


class TestAPictureStillBeingFetched:
    """F63."""

    def test_that_is_hidden_meanwhile_is_stored_hidden_and_paid_for(self, bench: Bench, signed_in: SignIn) -> None:
        row = hand_over(make_waiting(bench.cast.ben))
        verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])
        case = reviewing.open_on(generation=row, reviewer=bench.ada)
        decision = bench.hide(case)
        collecting.collect(generation=str(row.pk))
        row.refresh_from_db()
        [image] = row.images.all()

        assert (row.state, row.charged) == (State.SUCCEEDED, row.price)
        assert image.hidden_by == case
        assert storage.original_path(image).exists()
        page = signed_in(bench.cast.ben).get(reverse("generation", args=[row.pk])).content.decode()
        assert "Removed by a moderator: hateful" in page
        assert audit() == []
        reviewing.reverse(decision=decision, reviewer=bench.ada)
        assert Image.objects.visible_to(bench.cast.ben).filter(pk=image.pk).exists()

    def test_is_hidden_also_between_the_last_byte_and_the_rows(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = hand_over(make_waiting(bench.cast.ben))
        verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])

        def then_hide(work: Try) -> None:
            fetch_missing(work)
            bench.hide(reviewing.open_on(generation=row, reviewer=bench.ada))

        monkeypatch.setattr("generations.services.collecting.fetch_missing", then_hide)
        collecting.collect(generation=str(row.pk))

        assert Image.objects.get(generation=row).hidden_at is not None

    def test_is_hidden_whichever_of_both_comes_first(self, engine: Engine) -> None:
        told = engine.ask("tests.services.reviewing", "hide_while_fetched")

        assert told == {"seen": ["done", "done"], "paid": True, "hidden": 1, "audit": 0}

    def test_can_be_purged_once_it_is_here(self, bench: Bench) -> None:
        row = hand_over(make_waiting(bench.cast.ben))
        case = reviewing.open_on(generation=row, reviewer=bench.ada)
        bench.decide(case, Action.HIDE)
        reviewing.ask_purge(case=case, reviewer=bench.ada)
        with pytest.raises(reviewing.PurgeRefused, match="still on its way"):
            reviewing.purge(case=case, reviewer=bench.otto)
        finish(row)
        reviewing.purge(case=case, reviewer=bench.otto)

        assert Image.objects.get(generation=row).sha256 == ""


class TestWhoEnlargedIt:
    """Others made something of it: it goes and comes with the picture, and they hear of it without its words."""

    @pytest.fixture
    def cleo(self, bench: Bench) -> Member:
        return join(bench.cast.team, "Cleo", Role.CREATOR)

    def test_is_told_once_however_much_it_was(self, bench: Bench, cleo: Member) -> None:
        for _ in range(2):
            finish(enlarge(cleo, bench.picture))
        running = hand_over(enlarge(bench.cast.ada, bench.picture))
        bench.hide(bench.report(words="look at the flag"))

        for member in (cleo, bench.cast.ada):
            [word] = told(member, "picture_hidden")
            assert word.subject == "An enlargement of yours was hidden with its picture"
            assert "hateful" in word.words
            assert "lamp" not in word.words
            assert "flag" not in word.words
        assert [word.subject for word in told(bench.cast.ben, "picture_hidden")] == [
            "A moderator hid a picture of yours"
        ]
        running.refresh_from_db()
        assert running.hidden_by is not None

    def test_hears_when_it_is_back_or_gone_for_good(self, bench: Bench, cleo: Member) -> None:
        finish(enlarge(cleo, bench.picture))
        case = bench.report()
        reviewing.reverse(decision=bench.hide(case), reviewer=bench.otto)
        assert len(told(cleo, "picture_restored")) == 1

        again = bench.report(bench.cast.ada)
        bench.hide(again)
        reviewing.ask_purge(case=again, reviewer=bench.ada)
        reviewing.purge(case=again, reviewer=bench.otto)
        [word] = told(cleo, "picture_purged")
        assert word.words.startswith("It was made from a hidden picture")

    def test_undoes_nothing_unless_they_may_moderate(self, bench: Bench, cleo: Member, signed_in: SignIn) -> None:
        larger = finish(enlarge(cleo, bench.picture))
        decision = bench.hide(bench.report())
        client = signed_in(cleo)

        assert client.post(reverse("review_reversal", args=[decision.pk])).status_code == 403
        assert client.get(reverse("review_case", args=[decision.case_id])).status_code == 403
        assert client.get(reverse("image_original", args=[larger.pk])).status_code == 404
        assert cleo.person is not None
        with pytest.raises(reviewing.NotTheirs):
            reviewing.open_case(image=larger, reviewer=Reviewer(person=cleo.person, member=cleo))
        assert reviewing.may_reverse(decision=decision, reviewer=bench.otto)
