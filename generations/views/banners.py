"""The words over a page, put away by who read them; they stay away for that session."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from generations.queries.banners import PUT_AWAY, PUT_AWAY_MAX, put_away_by
from generations.views.request import StudioRequest

DIGITS_MAX = 18


@require_POST
def banner_dismissal(request: StudioRequest) -> HttpResponse:
    """Not again for this session. Nobody asks which banners there are: one that is not there is put away as well."""
    word = request.POST.get("banner", "")
    if word.isascii() and word.isdigit() and len(word) <= DIGITS_MAX:
        known = [one for one in put_away_by(request) if one != int(word)]
        request.session[PUT_AWAY] = [*known, int(word)][-PUT_AWAY_MAX:]
    if request.htmx:
        return HttpResponse()
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_ours else "studio")
