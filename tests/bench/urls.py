"""The studio's addresses, and one where nothing happens, to compare them with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from imagine_site import urls
from tests.bench import NOTHING


@login_not_required
def nothing(request: HttpRequest) -> HttpResponse:
    """The least a view can answer."""
    return HttpResponse(status=204)


urlpatterns = [path(NOTHING, nothing), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
