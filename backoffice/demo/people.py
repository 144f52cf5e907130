"""Invented buyers: names by chance, places plausible, e-mail and phone numbers that reach nobody."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backoffice.demo.vocabulary import load


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an address."""

    name: str
    kana: str
    email: str
    phone: str
    postcode: str
    region: str
    city: str
    address_1: str
    address_2: str
    country: str


@dataclass(slots=True)
class Crowd:
    """The buyers of one country: new ones come, earlier ones come back."""

    country: str
    rng: random.Random
    people: list[Person] = field(default_factory=list)
    serial: int = 0

    def buyer(self, *, is_new: bool) -> tuple[int, Person]:
        """Return a buyer with their place in the crowd; those who bought often and lately come back most."""
        if is_new or not self.people:
            self.people.append(self.person())
            return len(self.people) - 1, self.people[-1]
        place = int(len(self.people) * self.rng.random() ** 0.8)
        return place, self.people[place]

    def person(self) -> Person:
        """Return somebody new; one of thirty writes their name in Latin letters."""
        self.serial += 1
        own = load("people")[self.country]
        if self.rng.random() < 1 / 30:
            words = load("people")["EN"]
            given, family = self.rng.choice(words["given"]), self.rng.choice(words["family"])
            return self._settled(f"{given} {family}", "", f"{given}.{family}", words["domains"], own)
        family, given = self.rng.choice(own["family"]).split(), self.rng.choice(own["given"]).split()
        local = f"{given[-1]}.{family[-1]}"
        if self.country == "KR":
            return self._settled(family[0] + given[0], "", local, own["domains"], own)
        return self._settled(f"{family[0]} {given[0]}", f"{family[1]} {given[1]}", local, own["domains"], own)

    def _settled(self, name: str, kana: str, local: str, domains: list[str], own: Mapping[str, Any]) -> Person:
        rng = self.rng
        head, region, city, _weight = rng.choices(own["places"], weights=[place[3] for place in own["places"]])[0]
        street, building = rng.choice(own["streets"]), rng.choice(own["buildings"])
        unit = own["unit"].format(a=rng.randrange(101, 118), b=rng.randrange(1, 16) * 100 + rng.randrange(1, 7))
        is_korean = self.country == "KR"
        return Person(
            name=name,
            kana=kana,
            # the serial keeps addresses apart; phone numbers repeat after ten thousand, so they are dealt out once
            email=f"{local}{self.serial}@{rng.choice(domains)}".lower(),
            phone=f"{own['phone']}{self.serial:04d}" if self.serial < 10_000 else "",
            postcode=f"{head}{rng.randrange(100):02d}" if is_korean else f"{head}-{rng.randrange(1, 90):04d}",
            region=region,
            city=city,
            address_1=f"{street} {rng.randrange(1, 190)}"
            if is_korean
            else f"{street}{rng.randrange(1, 6)}-{rng.randrange(1, 20)}-{rng.randrange(1, 12)}",
            address_2=f"{building} {unit}" if building else "",
            country=self.country,
        )
