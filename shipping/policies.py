"""Who may do what in shipping; services refuse by these, screens hide by them."""

from orders.policies import can_ship_orders
from staff.models import User


def can_make_waves(user: User) -> bool:
    """Tell whether the user may put orders into waves and take them out."""
    return user.has_perm("shipping.add_wave")


def can_pack(user: User) -> bool:
    """Tell whether the user may pick and pack: who packs ships."""
    return can_ship_orders(user)


def can_print(user: User) -> bool:
    """Tell whether the user may print pick lists and packing slips; they name recipients."""
    return user.has_perm("shipping.print_packingslip")


def can_set_carriers(user: User) -> bool:
    """Tell whether the user may register carriers, their tariffs and formats."""
    return user.has_perm("shipping.change_carrier")


def can_make_carrier_files(user: User) -> bool:
    """Tell whether the user may hand parcels to a carrier by a file."""
    return user.has_perm("shipping.add_carrierfile")


def can_download_carrier_files(user: User) -> bool:
    """Tell whether the user may take files with names and addresses out of here."""
    return user.has_perm("shipping.download_carrierfile")


def can_bring_tracking(user: User) -> bool:
    """Tell whether the user may record tracking numbers, which ships what they stand for."""
    return user.has_perm("orders.ship_order")


def can_tell_channels(user: User) -> bool:
    """Tell whether the user may tell sales channels what was shipped."""
    return user.has_perm("shipping.tell_channelnotice")


def can_close_alerts(user: User) -> bool:
    """Tell whether the user may close parcels to look after."""
    return user.has_perm("shipping.close_parcelalert")


def can_set_parcel_costs(user: User) -> bool:
    """Tell whether the user may write what a parcel cost."""
    return user.has_perm("shipping.set_parcelcost")
