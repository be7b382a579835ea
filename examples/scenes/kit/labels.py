"""What a pixel shows: the ids in labels.png."""

from enum import IntEnum


class Label(IntEnum):
    """Kinds of surface. A material carries one; transparent glass counts as glass, not as what is behind it."""

    SKY = 0
    ROAD = 1
    MARKING = 2
    PAVEMENT = 3
    BUILDING = 4
    GLASS = 5
    VEGETATION = 6
    VEHICLE = 7
    POLE = 8  # poles, signs, lamps, banners, traffic lights
    FENCE = 9
    OBJECT = 10  # benches, bins, planters, the food cart, its parasols
