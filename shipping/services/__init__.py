"""What changes in shipping."""

from shipping.services.carriers.seeding import sync_carriers
from shipping.services.costs import compute_costs, set_parcel_cost
from shipping.services.files.expiring import expire_files
from shipping.services.files.formats import save_out_format, sync_out_formats
from shipping.services.files.making import (
    CarrierFileReport,
    close_slips,
    make_carrier_file,
    preview_carrier_file,
    withdraw_carrier_file,
)
from shipping.services.files.parcels import Parcel, Wanted
from shipping.services.notices.following import follow_parcels
from shipping.services.notices.owing import answer_notices, owe_notices, tell_notices_again
from shipping.services.notices.pushing import push_notices
from shipping.services.notices.telling import NoticeReport, make_notice_file
from shipping.services.packing import print_slips, scan, set_aside, stop_packing, take_over
from shipping.services.tracking.alerts import close_alert, watch_parcels
from shipping.services.tracking.recording import IssuedNumber, record_tracking
from shipping.services.tracking.scanning import Scan, record_scans
from shipping.services.waves import (
    WaveReport,
    cancel_wave,
    follow_orders,
    make_wave,
    start_packing,
    start_picking,
    take_out_of_wave,
    tidy_waves,
    wave_orders,
)

__all__ = [
    "CarrierFileReport",
    "IssuedNumber",
    "NoticeReport",
    "Parcel",
    "Scan",
    "Wanted",
    "WaveReport",
    "answer_notices",
    "cancel_wave",
    "close_alert",
    "close_slips",
    "compute_costs",
    "expire_files",
    "follow_orders",
    "follow_parcels",
    "make_carrier_file",
    "make_notice_file",
    "make_wave",
    "owe_notices",
    "preview_carrier_file",
    "print_slips",
    "push_notices",
    "record_scans",
    "record_tracking",
    "save_out_format",
    "scan",
    "set_aside",
    "set_parcel_cost",
    "start_packing",
    "start_picking",
    "stop_packing",
    "sync_carriers",
    "sync_out_formats",
    "take_out_of_wave",
    "take_over",
    "tell_notices_again",
    "tidy_waves",
    "watch_parcels",
    "wave_orders",
    "withdraw_carrier_file",
]
