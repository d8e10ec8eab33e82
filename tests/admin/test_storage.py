"""How much a team may store is said at the desk, and written down."""

from generations.models import AuditEntry, Team
from tests.conftest import Cast
from tests.desk import person_of, seated


def test_an_operator_gives_a_team_more_and_a_moderator_does_not(cast: Cast) -> None:
    page = f"/admin/generations/team/{cast.team.pk}/change/"
    for role, most in (("moderator", None), ("operator", 2_500_000_000)):
        seated(person_of(role)).post(page, {"gigabytes": "2.5", "name": "Taken over"})
        team = Team.objects.get(pk=cast.team.pk)
        assert (team.bytes_max, team.name) == (most, "North")
    assert AuditEntry.objects.get(action="team_storage_limited").after == {"bytes_max": 2_500_000_000}
