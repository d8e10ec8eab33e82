"""Every setting of the studio, embedded default first: absent means embedded, present means scaled out."""

import secrets as random_secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from imagine_site import env, logs, secrets

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things lie -------------------------------------------------------------------------------------------------

DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "data")
MEDIA_ROOT = DATA_DIR / "media"
DEMO_DIR = DATA_DIR / "demo"
EXPORT_DIR = DATA_DIR / "exports"
ARCHIVE_DIR = DATA_DIR / "archives"

# --- Who may talk to us -----------------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
# Whose cluster this is: `run_worker` tells the cluster it starts, nobody else sets it.
SUPERVISOR = env.text("STUDIO_SUPERVISOR")
# For tests that break the studio on purpose: see generations/failpoints.py. Refused by `check --deploy`.
DEBUG_FAULTS = env.flag("DEBUG_FAULTS")
FAILPOINTS = env.text("STUDIO_FAILPOINTS") if DEBUG_FAULTS else ""
INSECURE_HTTP = env.flag("INSECURE_HTTP")
PUBLIC_URL = env.address("PUBLIC_URL")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS and PUBLIC_URL:
    ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or ""]
TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXY_COUNT", 0)
ALLOW_PRIVATE_HOSTS = frozenset(env.words("ALLOW_PRIVATE_HOSTS"))
if PUBLIC_URL and urlsplit(PUBLIC_URL).scheme == "http" and not INSECURE_HTTP:
    raise ImproperlyConfigured("PUBLIC_URL is http: use https, or set INSECURE_HTTP=1 on a private network.")

# Whoever has it may ask for /readyz and /metrics from elsewhere.
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured("METRICS_TOKEN is too short: write at least 16 characters that nobody guesses.")

# --- Secrets ----------------------------------------------------------------------------------------------------------

# Without a key file (a check, a test, a build step) a key for this process alone: nothing it signs outlives it.
SECRET_KEY = (
    env.text("SECRET_KEY") or secrets.read(DATA_DIR, secrets.SIGNING_KEY_FILE) or random_secrets.token_urlsafe(64)
)
SECRET_KEY_IS_KEPT = bool(env.text("SECRET_KEY") or secrets.read(DATA_DIR, secrets.SIGNING_KEY_FILE))
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
FIELD_KEYS = env.words("FIELD_KEYS") or secrets.read(DATA_DIR, secrets.FIELD_KEYS_FILE).split()

# --- The app ----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_q",
    "generations.apps.Generations",  # last: it takes pages of the others out of the admin
]
MIDDLEWARE = [
    "generations.middleware.QuietPoll",
    "generations.middleware.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "generations.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "generations.middleware.KnownMethods",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # below the headers: files carry them, too
    "django.contrib.sessions.middleware.SessionMiddleware",
    "generations.middleware.RollingSession",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "generations.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "generations.middleware.Desk",
    "django_htmx.middleware.HtmxMiddleware",
    "generations.middleware.CurrentMember",
]
ROOT_URLCONF = "imagine_site.urls"
WSGI_APPLICATION = "imagine_site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "generations.queries.rail.rail",
                "generations.queries.banners.banners",
            ],
            "builtins": ["generations.templatetags.studio"],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- Database, cache --------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL", DATA_DIR / "studio.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 600  # the largest single gain measured, for pages and queue alike
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a read that later writes would fail at once with "database is locked"
        "timeout": 20,
        # FULL: with NORMAL a power cut may lose a committed transaction, and ours move money.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; "
            "PRAGMA journal_size_limit=27103364;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
POLL_PREPARED = env.flag("POLL_PREPARED", True)  # PostgreSQL keeps the plan of the poll's one statement

REDIS_URL = env.text("REDIS_URL")
# Login limits count in the cache, so it must be one that all processes share.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "studio_cache",
        # At the usual 300 a flood of names would push the counts of login tries out of it.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # The queue writes what it is doing twice a second; nobody but its own process reads it.
    "queue": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "queue"},
}

# --- The queue --------------------------------------------------------------------------------------------------------

WORKERS = env.whole("WORKERS", 3, at_least=2)
PUMP_SHARDS = env.whole("PUMP_SHARDS", 1, at_least=1)
# The state machine retries, the queue never does. `retry` must stay above
# timeout x (1 + (queue_limit + bulk) / workers), or a waiting job would be handed out twice.
Q_CLUSTER = {
    "name": "studio",
    "orm": "default",
    "broker_class": "generations.queue.broker.Lanes",
    "cache": "queue",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.1,
    "timeout": 90,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 200,
    "max_rss": 400_000,
    "label": "Queue",
}

# --- People -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "generations.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = "account_login"
PROOF_SECONDS = 5 * 60  # so long after a login or a proof people may change how they sign in, and keys (S25)
ACCOUNT_ADAPTER = "generations.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None  # the person says so on the login page
ACCOUNT_FORMS = {
    "login": "generations.forms.login.Login",
    "reauthenticate": "generations.forms.login.Again",
    "reset_password_from_key": "generations.forms.password.NewPassword",
}
ACCOUNT_RATE_LIMITS = {
    "login": "10/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "5/m/user",
    "invitation": "20/m/ip,20/h/key",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = PROOF_SECONDS
# The library's own keeps a second list of addresses.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "generations.services.recovering.ResetTokens"  # noqa: S105
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "generations.accounts.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an owner made the account and knows whose it is
MFA_RECOVERY_CODES_SHOW_ONCE = False  # shown again to whoever proves again who they are
MFA_RECOVERY_CODE_DIGITS = 10
MFA_TOTP_ISSUER = "Imagine Studio"
MFA_FORMS = {
    "authenticate": "generations.forms.factors.SecondStep",
    "reauthenticate": "generations.forms.factors.CodeAgain",
    "login_webauthn": "generations.forms.factors.PasskeyLogin",
    "authenticate_webauthn": "generations.forms.factors.PasskeySecondStep",
    "reauthenticate_webauthn": "generations.forms.factors.PasskeyAgain",
}

# Signing in with the account of one's organization. Nothing is asked of it before somebody presses the button.
OIDC_ISSUER = env.address("OIDC_ISSUER")
OIDC_NAME = env.text("OIDC_NAME", "your organization")
OIDC_DOMAIN = env.text("OIDC_DOMAIN").lower().lstrip("@")
OIDC_ON = bool(OIDC_ISSUER)
if OIDC_ON and not (env.text("OIDC_CLIENT_ID") and OIDC_DOMAIN):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID, and OIDC_DOMAIN: whose addresses may come in.")
if OIDC_ON and urlsplit(OIDC_ISSUER).scheme == "http" and not INSECURE_HTTP:
    raise ImproperlyConfigured("OIDC_ISSUER is http: use https.")
SOCIALACCOUNT_ADAPTER = "generations.accounts.Organization"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # Organization finds the person itself
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "organization",
                "name": OIDC_NAME,
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
}

SESSION_COOKIE_AGE = 14 * 24 * 3600  # unused; used at least every fortnight it lives on, see RollingSession
SESSION_AGE_MAX = 30 * 24 * 3600  # since the login, however much it is used
DESK_SESSION_AGE_MAX = 12 * 3600  # the same for the admin
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not INSECURE_HTTP
SESSION_COOKIE_NAME = "session" if INSECURE_HTTP else "__Host-session"
POLL_COOKIE_NAME = "poll" if INSECURE_HTTP else "__Host-poll"  # see QuietPoll
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = not INSECURE_HTTP
CSRF_COOKIE_NAME = "csrf" if INSECURE_HTTP else "__Host-csrf"
CSRF_FAILURE_VIEW = "generations.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

# --- The browser's rules ----------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
        "report-uri": ["/csp-report/"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
}  # fmt: skip
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only a proxy we trust can say that a request came by https; without that word a redirect would never end.
SECURE_SSL_REDIRECT = not INSECURE_HTTP and TRUSTED_PROXY_COUNT > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_HTTP
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # putting a name on the browsers' preload lists is its owner's choice
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Files ------------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
S3_BUCKET = env.text("S3_BUCKET")
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Nobody else takes a file: what comes elsewhere is not read.
FILE_UPLOAD_HANDLERS = ["generations.views.arriving.Arriving"]
DATA_UPLOAD_MAX_NUMBER_FILES = 20
UPLOAD_MB = env.whole("UPLOAD_MB", 60, at_least=1)
# What a team's pictures may take unless the staff said otherwise; 0 is as much as there is.
TEAM_STORAGE_GB = env.whole("TEAM_STORAGE_GB", 0)

# --- Vendors ----------------------------------------------------------------------------------------------------------

PROVIDER_BASE_URLS = {
    "apikley": env.address("APIKLEY_BASE_URL", "https://api.apikley.ru"),
    "apixo": env.address("APIXO_BASE_URL", "https://api.apixo.ai/api/v1"),
    "apiinone": env.address("APIINONE_BASE_URL", "https://apiin.one/api/v1"),
}
# Where a vendor takes our files, if that is not the address it has in its own module.
PROVIDER_UPLOAD_URLS = {"apikley": env.address("APIKLEY_UPLOAD_URL")}

# --- E-mail -----------------------------------------------------------------------------------------------------------

EMAIL_URL = env.text("EMAIL_URL")  # none: no e-mail is sent, and the pages say so
globals().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "Imagine Studio <studio@localhost>")
EMAIL_SUBJECT_PREFIX = ""

# --- Messages and log -------------------------------------------------------------------------------------------------

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# For people where it is tried out or they sit in front of it, for machines everywhere else.
IS_WATCHED = DEBUG or INSECURE_HTTP or sys.stderr.isatty()
LOG_FORMAT = env.choice("LOG_FORMAT", ("line", "json"), "line" if IS_WATCHED else "json")
DEFAULT_EXCEPTION_REPORTER_FILTER = "imagine_site.reports.AlwaysMasked"
LOGGING: dict[str, Any] = logs.console(LOG_FORMAT) | {
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "generations": {"level": "INFO"},
        "django": {"level": "INFO"},  # its own handlers would say everything a second time, unmasked
        # These name addresses; masked where they begin, so that no handler, ours or another's, sees a token.
        "generations.views.errors": {"filters": ["tokens"]},
        "django.request": {"filters": ["tokens"]},
        "django.security.csrf": {"filters": ["tokens"]},
        "django.server": {"handlers": ["console"], "filters": ["tokens"], "level": "INFO", "propagate": False},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
