"""All settings, from environment variables (README); BACKOFFICE_MODE=production demands what production needs."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from backoffice.broker.options import broker_options
from backoffice.env import Env
from backoffice.logs import logging_config
from backoffice.postgres import Cluster
from backoffice.unfold import UNFOLD as UNFOLD  # noqa: PLC0414 a setting defined elsewhere, exported on purpose

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

MODE = env.text("BACKOFFICE_MODE", "local")
if MODE not in {"local", "production"}:
    env.complaints.append(f"BACKOFFICE_MODE={MODE!r} is neither local nor production")
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG")
DATA_DIR = Path(env.text("BACKOFFICE_DATA_DIR", str(BASE_DIR / "var"))).resolve()


def _local_secret() -> str:
    """Return this installation's own key, made once and readable by its owner only."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8") or secrets.token_urlsafe(50)


def _local_data_keys() -> str:
    """Return this installation's keys for locked columns, made once beside its secret."""
    path = DATA_DIR / "data_keys"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = DATA_DIR / f"data_keys.{os.getpid()}"
        fresh.touch(mode=0o600)
        keys = (f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for name in ("local", "index"))
        fresh.write_text(",".join(keys), encoding="utf-8")
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and of two processes the first: a key must never be replaced
        fresh.unlink()
    return path.read_text(encoding="utf-8")


def _data_keys(text: str) -> tuple[dict[str, bytes], bytes]:
    """Return the keys that lock columns by their ids, and the one of the blind index: "k1:base64,index:base64"."""
    keys = {}
    for part in text.split(","):
        name, _colon, key = part.strip().partition(":")
        try:
            keys[name] = base64.b64decode(key, validate=True)
        except ValueError:
            keys[name] = b""
    index = keys.pop("index", b"")
    if text and (not keys or len(index) != 32 or any(len(key) != 32 for key in keys.values())):
        env.complaints.append(
            "DATA_KEYS needs ids and keys of 32 bytes, and one called index: k1:<base64>,index:<base64>"
        )
    return keys, index


def _database(url: str) -> dict[str, Any]:
    """Return Django's connection settings from postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        env.complaints.append("DATABASE_URL must start with postgresql:// (no other database is supported)")
    query = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": dict(query),
    }


def _embedded(role: str) -> dict[str, Any]:
    """Return connection settings of the embedded server for one role."""
    kwargs = Cluster(DATA_DIR / "postgres").connection_kwargs(role)
    return {
        "NAME": kwargs["dbname"],
        "USER": kwargs["user"],
        "PASSWORD": kwargs.get("password", ""),
        "HOST": str(kwargs["host"]),
        "PORT": str(kwargs["port"]),
        "OPTIONS": {},
    }


def _broker_database() -> dict[str, Any]:
    """Return libpq's arguments of the role that owns the broker's schema."""
    url = env.text("DATABASE_BROKER_URL", env.text("DATABASE_URL"))
    if url and not url.startswith(("postgres://", "postgresql://")):
        return {}  # said already for DATABASE_URL
    return conninfo_to_dict(url) if url else dict(Cluster(DATA_DIR / "postgres").connection_kwargs("broker"))


# --- keys and hosts
SECRET_KEY = (
    env.required("SECRET_KEY", "a long random text, the same on all machines") if PRODUCTION else _local_secret()
)
# what locks columns of personal data, see privacy/locking.py; the first key locks, all of them unlock
DATA_KEYS, INDEX_KEY = _data_keys(
    env.required("DATA_KEYS", "keys of personal data, see docs/deployment.md") if PRODUCTION else _local_data_keys()
)
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS", [])
if PRODUCTION and not ALLOWED_HOSTS:
    env.complaints.append("ALLOWED_HOSTS is not set: the host names of this site, separated by commas")

# --- database: DATABASE_URL, or the embedded server with the role that the command needs
DATABASE_URL = env.text("DATABASE_URL")
DATABASE_ROLE = env.text("BACKOFFICE_DATABASE_ROLE", "app")
if PRODUCTION and not DATABASE_URL:
    env.complaints.append("DATABASE_URL is not set: postgresql://user:password@host/name of a role without DDL rights")
if DATABASE_URL:
    _connection = _database(env.text("DATABASE_OWNER_URL", DATABASE_URL) if DATABASE_ROLE == "owner" else DATABASE_URL)
else:
    _connection = _embedded(DATABASE_ROLE)
# Triggers first ask this variable whether they are ignored. Unset, the question fails within a subtransaction, whose
# end walks through all foreign keys still to be checked: each event of a large transaction would pay for all of it.
_connection["OPTIONS"]["options"] = f"{_connection['OPTIONS'].get('options', '')} -c pgtrigger.ignore={{}}".strip()
if DATABASE_ROLE == "app" and not env.flag("BACKOFFICE_NO_POOL"):
    _connection["OPTIONS"]["pool"] = {"min_size": 1, "max_size": env.number("DATABASE_POOL_SIZE", 8), "timeout": 10}
# Behind a pooler that hands a connection to another client after each transaction, prepared statements go astray.
DATABASE_PREPARES = not DATABASE_URL or env.flag("DATABASE_PREPARE")
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, **_connection}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- apps
INSTALLED_APPS = [
    "backoffice",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "backoffice.apps.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "import_export",
    "django_filters",
    "django_celery_beat",
    "django_structlog",
    "axes",
    "csp",
    "core",
    "staff",
    "addresses",
    "compliance",
    "privacy",
    "catalog",
    "customers",
    "inventory",
    "orders",
    "payments",
    "shipping",
    "purchasing",
    "returns",
    "accounting",
    "knowledge",
    "service",
    "chat",
    "crm",
    "voice",
    "channels",
]
MIDDLEWARE = [
    "backoffice.health.Health",
    "core.middleware.RefuseNulBytes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "backoffice.middleware.LogRequests",
    "backoffice.middleware.NoStore",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.middleware.UserPreferences",
    "core.middleware.NoteOrigin",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "privacy.middleware.LogPersonalPages",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
# widgets have templates of ours beside Django's
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- people and login
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "staff.backends.RolesBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# Five failures of one account from one address, fifteen minutes of pause; an attacker elsewhere locks nobody out.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "staff.login.locked_out"
AXES_CLIENT_IP_CALLABLE = "staff.login.client_address"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]

# --- security (check --deploy is clean in production mode)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY")
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine evaluates expressions, hence 'unsafe-eval'; no inline script anywhere (tested).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'unsafe-eval'"],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language and time
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("ko", _("Korean")), ("ja", _("Japanese"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["backoffice.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Asia/Seoul")
SHOP_CURRENCY = env.text("SHOP_CURRENCY", "KRW")  # in which stock is valued; set once, before the first receipt

# --- files: static ones hashed and cached for ever, uploads private (core.files serves them after a permission check)
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "backoffice" / "static"]
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/files/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 365 * 24 * 3600
WHITENOISE_MANIFEST_STRICT = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- background work: the alarm clock and the hands, never the memory
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL", "pgmq://database"
)  # PGMQ in the same database, or redis://host:port/0
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(url=CELERY_BROKER_URL, database=_broker_database())
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "backoffice"
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- cache: per process is enough; nothing rests on it
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- mail
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "backoffice@localhost")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"  # never the console: mails are no words for a log
)
EMAIL_FILE_PATH = DATA_DIR / "mails"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 20
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    env.complaints.append("EMAIL_USE_TLS and EMAIL_USE_SSL are both set: TLS is for port 587, SSL for port 465")

# --- addresses in mails and webhooks, and where webhooks may lead
PUBLIC_URL = env.text("PUBLIC_URL", f"http://localhost:{env.text('PORT', '8000')}").rstrip("/")
if PRODUCTION and not env.text("PUBLIC_URL"):
    PUBLIC_URL = f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if ALLOWED_HOSTS else ""
WEBHOOK_PRIVATE_ADDRESSES = env.flag("WEBHOOK_PRIVATE_ADDRESSES")
# a provider is asked when all that is named here is set
PAYMENT_PROVIDERS: dict[str, dict[str, str]] = {
    "stripe": {
        "url": env.text("STRIPE_URL", "https://api.stripe.com"),
        "key": env.text("STRIPE_SECRET_KEY"),
        "webhook_secret": env.text("STRIPE_WEBHOOK_SECRET"),
    },
    "paypal": {
        "url": env.text("PAYPAL_URL", "https://api-m.paypal.com"),
        "client_id": env.text("PAYPAL_CLIENT_ID"),
        "client_secret": env.text("PAYPAL_CLIENT_SECRET"),
        "webhook_id": env.text("PAYPAL_WEBHOOK_ID"),
    },
    "toss": {"url": env.text("TOSS_URL", "https://api.tosspayments.com"), "key": env.text("TOSS_SECRET_KEY")},
}

# how malls are reached, by the code of the sales channel in capitals: "naver-kr" is NAVER_KR
CHANNEL_SECRETS = env.named("CHANNEL_SECRET_")
CHANNEL_URLS = env.named("CHANNEL_URL_")  # of a sandbox; without it the mall's own

# what inlets need to know in secret, by the code of the inlet in capitals: "help-kr" is HELP_KR
MAILBOX_PASSWORDS = env.named("MAILBOX_PASSWORD_")
INLET_SECRETS = env.named("INLET_SECRET_")

# --- import and export
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_USE_TRANSACTIONS = True

# --- logs
LOGGING = logging_config(json=PRODUCTION or env.flag("LOG_JSON"), level=env.text("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

PGTRIGGER_MIGRATIONS = True
PGTRIGGER_INSTALL_ON_MIGRATE = False
SILENCED_SYSTEM_CHECKS: list[str] = []

env.check()
