"""What carriers and malls have in the world of the pages."""

from datetime import time

from django.utils import timezone

from addresses.models import Place, Postcode, RemoteRange, RemoteSurcharge, RemoteZone
from orders.models import (
    Shipment,
)
from shipping.models import (
    Carrier,
    CarrierFile,
    CarrierRule,
    CarrierTariff,
    ChannelCutoff,
    ChannelNotice,
    DeliveryScan,
    NoticeFile,
    OutFormat,
    PackingCheck,
    ParcelAlert,
    ParcelCost,
    Sender,
    Wave,
    WaveOrder,
)


def make_carried(shipment: Shipment) -> None:
    """Let a parcel be carried: places, carriers, waves, files, costs and what its channel is told."""
    place = Place.objects.create(country="KR", region="서울특별시", city="중구")
    Postcode.objects.create(country="KR", code="04524", place=place, area="태평로1가", source="kr_zones")
    zone = RemoteZone.objects.create(country="KR", code="far", name="도서산간")
    RemoteRange.objects.create(zone=zone, first="40200", last="40240", place="울릉군")
    RemoteSurcharge.objects.create(zone=zone, amount=5000, currency="KRW", valid_from=timezone.localdate())
    carrier = Carrier.objects.create(code="test", name="Test", country="KR", address_widths=[64, 32])
    CarrierRule.objects.create(carrier=carrier, warehouse=shipment.warehouse)
    wave = Wave.objects.create(number="W-9000001", warehouse=shipment.warehouse)
    WaveOrder.objects.create(wave=wave, order=shipment.order, slot=1)
    PackingCheck.objects.create(order=shipment.order, code="?", outcome="unknown")
    Sender.objects.create(warehouse=shipment.warehouse, name="Test")
    CarrierTariff.objects.create(carrier=carrier, amount=3000, currency="KRW", valid_from=timezone.localdate())
    ParcelCost.objects.create(shipment=shipment, carrier=carrier, base_amount=3000, currency="KRW")
    ChannelCutoff.objects.create(sales_channel=shipment.order.sales_channel, at=time(14))
    told = {"format_code": "test", "format_version": "1", "filename": "test.csv", "row_count": 1}
    file = CarrierFile.objects.create(
        number="CF-9000001", carrier=carrier, ship_on=timezone.localdate(), file="carriers/test.csv", **told
    )
    file.slips.create(order=shipment.order, position=1, currency="KRW", kind="cod", cod_amount=1000)
    notice_file = NoticeFile.objects.create(
        number="NF-9000001", sales_channel=shipment.order.sales_channel, file="notices/test.csv", **told
    )
    ChannelNotice.objects.create(
        shipment=shipment, sales_channel=shipment.order.sales_channel, file=notice_file, due_at=timezone.now()
    )
    DeliveryScan.objects.create(shipment=shipment, kind="failed", at=timezone.now())
    ParcelAlert.objects.create(shipment=shipment, kind="failed")
    OutFormat.objects.create(
        code="test", version="1", name="Test", kind="carrier",
        source='code = "test"\nversion = "1"\nname = "Test"\nkind = "carrier"\ncolumns = [["A-1", "order_number"]]',
    )  # fmt: skip
