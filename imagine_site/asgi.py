"""The ASGI door the web server opens."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")

application = get_asgi_application()
