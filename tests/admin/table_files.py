"""Files of tables in a test: uploaded by somebody with these rights, read again from the answer."""

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import make_user

MAY_IMPORT = ("catalog.view_variant", "catalog.change_variant", "catalog.add_variant", "core.import_data")


def url(model, page, *args):
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


def signed_in(client, *permissions):
    user = make_user(permissions=permissions)
    client.force_login(user)
    return user


def upload(client, content, name="variants.csv", model="catalog.variant", **data):
    return client.post(url(model, "import"), {"file": SimpleUploadedFile(name, content), **data})


def kept(job):
    """Return the text of a job's file."""
    with job.file.open() as file:
        return file.read().decode("utf-8-sig")


def rows_of(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
