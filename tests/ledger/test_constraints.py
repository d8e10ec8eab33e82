"""The database refuses wrong money, alike on both engines, whoever writes it."""

import pytest
from django.db import models

from generations import ledger
from generations.models import CreditAccount, CreditEntry, CreditHold
from generations.models.written_once import Unchangeable
from tests.engines import Engine
from tests.ledger import rows
from tests.ledger.wrong import ATTEMPTS


def test_the_database_refuses_each(engine: Engine) -> None:
    told = engine.ask("tests.ledger", "refuse")

    assert told == {name: constraint for name, (constraint, _) in ATTEMPTS.items()}


@pytest.mark.django_db
class TestRowsOfTheLedger:
    @pytest.fixture
    def entry(self) -> CreditEntry:
        member = rows.join(rows.found())
        rows.fund(member, 10)
        rows.order(member, 5)
        return CreditEntry.objects.latest("pk")

    @pytest.mark.parametrize("model", [CreditAccount, CreditEntry, CreditHold])
    def test_are_not_changed_or_removed_in_bulk(self, entry: CreditEntry, model: type[models.Model]) -> None:
        every = model._default_manager.all()
        with pytest.raises(Unchangeable):
            every.update(**({"posted": 1} if model is CreditAccount else {"pk": 1}))
        with pytest.raises(Unchangeable):
            every.bulk_update(list(every), ["account"])
        with pytest.raises(Unchangeable):
            every.delete()

    def test_are_not_saved_again_or_removed(self, entry: CreditEntry) -> None:
        assert entry.hold is not None
        for row in (entry, entry.hold, entry.account):
            with pytest.raises(Unchangeable):
                row.save()
            with pytest.raises(Unchangeable):
                row.delete()

    def test_keep_the_team_and_member_they_belong_to(self, entry: CreditEntry) -> None:
        member = entry.account.member
        assert member is not None
        with pytest.raises(models.ProtectedError):
            member.delete()

    def test_leave_the_floor_to_the_administrator(self, entry: CreditEntry) -> None:
        account = entry.account
        account.floor = -20
        account.save(update_fields=["floor"])
        assert account.member is not None
        account.refresh_from_db()
        assert account.spendable == 25

        rows.order(account.member, 25)

        assert ledger.account_of(account.member).available == -20
