"""The studio's addresses, and the admin's."""

from django.contrib import admin
from django.urls import include, path

from generations.views import errors

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("generations.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
