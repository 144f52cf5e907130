"""What is told about a product because the law asks for it; the rules themselves are ``compliance``'s."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models.product import Product
from compliance.models import CertificateKind, NoticeField, NoticeType
from staff.models import User


class ProductNotice(models.Model):
    """A notice that this product carries; those for all products and those of its type need no row."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="notices", verbose_name=_("product"))
    notice_type = models.ForeignKey(
        NoticeType, on_delete=models.PROTECT, related_name="+", verbose_name=_("notice type")
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["notice_type__position", "id"]
        constraints = [models.UniqueConstraint(fields=["product", "notice_type"], name="catalog_productnotice_once")]

    def __str__(self) -> str:
        return str(self.notice_type)


class NoticeAnswer(models.Model):
    """What one product says in one field of a notice."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="notice_answers", verbose_name=_("product")
    )
    field = models.ForeignKey(NoticeField, on_delete=models.PROTECT, related_name="+", verbose_name=_("field"))
    text = models.TextField(pgettext_lazy("notice", "text"))

    class Meta:
        verbose_name = _("notice answer")
        verbose_name_plural = _("notice answers")
        ordering = ["product_id", "field__position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "field"], name="catalog_noticeanswer_once"),
            models.CheckConstraint(condition=~Q(text=""), name="catalog_noticeanswer_text_given"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Certificate(models.Model):
    """A product's certificate with its number, its paper and the day it ends."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="certificates", verbose_name=_("product")
    )
    kind = models.ForeignKey(CertificateKind, on_delete=models.PROTECT, related_name="+", verbose_name=_("certificate"))
    number = models.CharField(_("number"), max_length=80, blank=True)
    issuer = models.CharField(_("issuer"), max_length=120, blank=True)
    document = models.FileField(
        pgettext_lazy("certificate", "document"), upload_to="certificates/", blank=True, max_length=255
    )  # a private file: catalog.services.content.certifying names it
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    added_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["product_id", "kind__position", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "kind", "number"], name="catalog_certificate_once"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(issued_on=None) | Q(expires_on__gte=F("issued_on")),
                name="catalog_certificate_period_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="catalog_certificate_ends")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()
