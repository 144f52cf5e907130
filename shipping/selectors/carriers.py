"""Which carrier a text means, and which carrier takes an order: two statements for any number of orders."""

from dataclasses import dataclass

from shipping.models import Carrier, CarrierRule, carrier_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """From where, for whom and how heavy: what a default carrier is chosen by; ``weight_g`` is 0 when unknown."""

    warehouse_id: int | None
    sales_channel_id: int
    country: str
    weight_g: int = 0


class CarrierBook:
    """All carriers and the rules that choose one, read once for a batch."""

    def __init__(self) -> None:
        self.carriers = {carrier.pk: carrier for carrier in Carrier.objects.all()}
        self._by_word: dict[str, Carrier] = {}
        for carrier in self.carriers.values():
            for word in carrier.all_words():
                self._by_word.setdefault(word, carrier)
        self._rules = list(CarrierRule.objects.filter(is_active=True, carrier__is_active=True).order_by("rank", "pk"))

    def meant_by(self, text: str) -> Carrier | None:
        """Return the carrier that a text of ``Shipment.carrier`` or of a file means; None when nobody knows it."""
        return self._by_word.get(carrier_word(text))

    def default_for(self, journey: Journey) -> Carrier | None:
        """Return the carrier of the first rule that fits; None when none does."""
        for rule in self._rules:
            if _fits(rule, journey):
                return self.carriers[rule.carrier_id]
        return None


def _fits(rule: CarrierRule, journey: Journey) -> bool:
    return (
        rule.warehouse_id in {None, journey.warehouse_id}
        and rule.sales_channel_id in {None, journey.sales_channel_id}
        and rule.country in {"", journey.country}
        and rule.from_weight_g <= journey.weight_g
        and (rule.up_to_weight_g is None or journey.weight_g <= rule.up_to_weight_g)
    )
