"""Every address of the studio. Nouns; a verb becomes a noun."""

from allauth.account import views as account_views
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from generations.views import (
    account,
    credits,
    errors,
    files,
    generations,
    health,
    images,
    leaving,
    library,
    setup,
    studio,
)

urlpatterns = [
    path("", studio.studio, name="studio"),
    path("feed/", studio.feed, name="feed"),
    path("batches/", studio.batches, name="batches"),
    path("generations/<uuid:pk>/cancellation/", generations.cancellation, name="generation_cancellation"),
    path("generations/<uuid:pk>/retry/", generations.retry, name="generation_retry"),
    path("images/<uuid:pk>/", images.image, name="image"),
    path("images/<uuid:pk>/upscale/", images.upscale, name="image_upscale"),
    path("images/<uuid:pk>/files/<int:width>/", files.image_file, name="image_file"),
    path("images/<uuid:pk>/original/", files.image_original, name="image_original"),
    path("library/", library.library, name="library"),
    path("credits/", credits.statement, name="credits"),
    path("account/", account.account, name="account"),
    path("login/", login_not_required(account_views.login), name="account_login"),
    path("logout/", leaving.logout, name="account_logout"),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path("csp-report/", login_not_required(errors.csp_report), name="csp_report"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
