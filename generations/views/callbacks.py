"""Where vendors announce that a task has ended. Open to everybody, and believes nobody."""

import logging

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations.services import announcing
from generations.vault import Unreadable
from generations.views.errors import Reports

log = logging.getLogger(__name__)

STATUS: dict[type[announcing.Unwelcome], int] = {
    announcing.TooLong: 413,
    announcing.TooMany: 429,
    announcing.UnknownAddress: 404,
    announcing.Over: 410,
    announcing.NotReadable: 400,
    announcing.NotSigned: 401,
}
unwelcome = Reports()


@csrf_exempt
@require_POST
@login_not_required
def callback(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take the hint, quickly: no vendor is asked and no picture touched before the answer is out."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = request.read(announcing.BODY_BYTES_MAX + 1)
        announcing.take(provider=provider, token=token, body=body, headers=headers, address=_address_of(request))
    except announcing.Unwelcome as refusal:
        if number := unwelcome.count():
            log.warning("%s callbacks were not taken, the last because of %s", number, type(refusal).__name__)
        again = {"Retry-After": "5"} if isinstance(refusal, announcing.TooMany) else {}
        return HttpResponse(status=STATUS[type(refusal)], headers=again)
    except Unreadable:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return HttpResponse("ok", content_type="text/plain")


def _address_of(request: HttpRequest) -> str:
    """Where it comes from, as far as the proxies in front of us say; all whose address nobody knows count as one."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return "unknown"
