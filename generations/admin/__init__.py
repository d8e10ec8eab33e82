"""The desk of the site's staff, in the Django admin."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from generations import queue
from generations.admin import records

# Staff sign in by the same door as everyone, with its limits (S18).
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Imagine Studio"

for model in queue.KEPT_OUT_OF_ADMIN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)

__all__ = ["records"]
