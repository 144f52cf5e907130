"""The Celery application: settings come from Django, tasks from each app's ``tasks`` module."""

import os
import warnings

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
TRANSPORT_ALIASES["pgmq"] = "backoffice.broker.transport:Transport"
# As root on one machine is a supported way to try this; only JSON is accepted, so nothing can be unpickled.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("backoffice", task_cls="core.origins:NotedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()
