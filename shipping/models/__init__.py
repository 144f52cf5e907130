"""Carriers, what they ask, what went to and came from them; waves and what was scanned while packing."""

from shipping.models.carrier import Carrier, CarrierRule, Encoding, TrackingCheck, carrier_word, clean_number
from shipping.models.deliveries import AlertKind, DeliveryScan, ParcelAlert, ScanKind
from shipping.models.files import (
    CarrierFile,
    CarrierSlip,
    FormatKind,
    KeptFile,
    OutFormat,
    Sender,
    SlipEnd,
    SlipKind,
    Temperature,
)
from shipping.models.notices import ChannelNotice, NoticeFile, NoticeState
from shipping.models.packing import (
    COUNTED_SCANS,
    GOOD_SCANS,
    MISTAKES,
    STOPPING_SCANS,
    Packing,
    PackingCheck,
    PackingSlip,
    PackingState,
    ScanOutcome,
)
from shipping.models.tariffs import CarrierTariff, ChannelCutoff, ParcelCost
from shipping.models.wave import UNDER_WAY_WAVES, WAVE_TRANSITIONS, LeaveReason, Wave, WaveOrder, WaveState

__all__ = [
    "COUNTED_SCANS",
    "GOOD_SCANS",
    "MISTAKES",
    "STOPPING_SCANS",
    "UNDER_WAY_WAVES",
    "WAVE_TRANSITIONS",
    "AlertKind",
    "Carrier",
    "CarrierFile",
    "CarrierRule",
    "CarrierSlip",
    "CarrierTariff",
    "ChannelCutoff",
    "ChannelNotice",
    "DeliveryScan",
    "Encoding",
    "FormatKind",
    "KeptFile",
    "LeaveReason",
    "NoticeFile",
    "NoticeState",
    "OutFormat",
    "Packing",
    "PackingCheck",
    "PackingSlip",
    "PackingState",
    "ParcelAlert",
    "ParcelCost",
    "ScanKind",
    "ScanOutcome",
    "Sender",
    "SlipEnd",
    "SlipKind",
    "Temperature",
    "TrackingCheck",
    "Wave",
    "WaveOrder",
    "WaveState",
    "carrier_word",
    "clean_number",
]
