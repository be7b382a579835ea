"""466: a wide avenue towards a low sun that stands at the end of the street."""

from __future__ import annotations

import numpy as np

from examples.scenes.buildings import arcade, brick_blocks, concrete, glass_towers, offices, skyline
from examples.scenes.camera import add_camera
from examples.scenes.develop import Look
from examples.scenes.furniture import covers, fences, food_cart, furniture, kerbside, lamps, pedestrian_lamp, planters, signals
from examples.scenes.kit import street
from examples.scenes.kit.assets import place
from examples.scenes.kit.mesh import MeshBuilder
from examples.scenes.kit.sky import light
from examples.scenes.vegetation import palms, plants
from examples.scenes.vehicles import cars, cycling, motorcycle

SUN = (-5.6, 15.5)  # azimuth and elevation [degrees]
LOOK = Look(
    exposure=2.0,
    visibility_m=650,
    haze=(0.34, 0.325, 0.315),
    glow=(6.0, 4.6, 3.0),
    glow_focus=0.87,
    sun=SUN,
    sun_disc=20.0,
    warmth=1.17,
)
ROAD_LEFT_M, ROAD_RIGHT_M = -14.5, 4.6
WALL_LEFT_M = -23.0
END_M = 260.0
TOP_M = street.KERB_M  # of the pavement
FACING_RIGHT, FACING_LEFT = (0, 0, 90), (0, 0, -90)  # turns of a facade on the left, and on the right of the street
PALE, DARK = (0.40, 0.35, 0.32), (0.25, 0.225, 0.21)


def build() -> None:
    add_camera(1.6)
    light(SUN[1], SUN[0], sky_strength=0.17, sun_strength=12.0)
    ground()
    left_side()
    right_side()
    street_end()
    palm_rows()
    lamp_rows()
    right_pavement()
    left_pavement()
    traffic()


def ground() -> None:
    place(street.flat(ROAD_LEFT_M - 0.1, ROAD_RIGHT_M + 0.1, -20, END_M, 0.0, street.asphalt()))
    place(street.kerb(ROAD_RIGHT_M, -20, END_M, 1))
    place(street.kerb(ROAD_LEFT_M, -20, END_M, -1))
    slabs = street.paving(PALE, DARK, 0.9, slant=True)
    place(street.flat(ROAD_RIGHT_M + 0.15, 300, -20, 500, TOP_M, slabs))
    place(street.flat(-300, ROAD_LEFT_M - 0.15, -20, 500, TOP_M, slabs))
    for x in (-4.77, -4.53):
        place(street.line(x, -5, 96, street.YELLOW))
    for x in (-1.45, -8.2):
        place(street.line(x, 6.0, 96, street.WHITE, dash_m=2.6, gap_m=6.0))
    for x in (1.77, -11.3):
        place(street.line(x, -5, 96, street.WHITE))
    for x in np.arange(ROAD_LEFT_M + 0.8, ROAD_RIGHT_M - 0.5, 1.2):  # zebra crossing
        place(street.flat(x, x + 0.55, 98.5, 102, street.PAINT_M, street.paint(street.WHITE)))
    for x0, x1, y0, y1 in ((-4.2, -2.9, 11.0, 30.0), (0.1, 1.4, 5.2, 8.3), (-7.8, -5.4, 14.5, 17.0)):  # where it was mended
        place(street.flat(x0, x1, y0, y1, 0.001, street.asphalt(tone=0.82)))
    place(covers.manhole(), (-2.6, 8.6, 0))
    place(covers.manhole(), (-6.6, 19.0, 0), (0, 0, 40))


def left_side() -> None:
    place(arcade.arcade(bays=9, storeys=7, seed=1), (WALL_LEFT_M, 3.0, TOP_M), FACING_RIGHT)
    place(brick_blocks.brick_house(storeys=10, bays=8, seed=2), (WALL_LEFT_M, 52.5, TOP_M), FACING_RIGHT)
    place(skyline.far_block(seed=1), (WALL_LEFT_M + 2, 110, TOP_M), FACING_RIGHT)
    place(skyline.far_block(seed=2), (WALL_LEFT_M + 1, 145, TOP_M), FACING_RIGHT)


def right_side() -> None:
    place(offices.concrete_grid(), (31, 28, TOP_M), FACING_LEFT)
    place(offices.office_block(width_m=34), (16, 82, TOP_M), FACING_LEFT)
    place(glass_towers.glass_block(), (15, 136, TOP_M), FACING_LEFT)
    place(skyline.far_block(seed=3), (14, 172, TOP_M), FACING_LEFT)


def street_end() -> None:
    """The sun stands behind the roof; between two roof boxes it reaches one patch of the road."""
    place(skyline.end_block(storeys=14), (-54.6, 190, TOP_M))
    boxes = MeshBuilder()
    for x0, x1 in ((-39.0, -28.6), (-21.2, -9.0)):
        boxes.box((x0, 194, 45), (x1, 202, 56), concrete.precast((0.42, 0.38, 0.34)))
    place(boxes.build("roof boxes", bevel_m=0.05))
    place(skyline.dark_slab(), (-5, 172, TOP_M))
    for n, (x, y) in enumerate(((38, 96), (70, 90), (48, 60), (80, 55), (52, 30), (62, 120))):  # behind the plaza
        place(skyline.far_block(seed=n + 1), (x, y, TOP_M))
    for n, (x, y) in enumerate(((-70, 100), (-100, 160), (25, 196))):
        place(skyline.far_block(seed=n + 2), (x, y, TOP_M))


def palm_rows() -> None:
    """Tall ones, a few models turned and scaled."""
    rows = (
        (-17.2, 12.3, 1.5), (-17.0, 32, 1.42), (-16.6, 52, 1.38), (-16.8, 73, 1.48), (-16.8, 94, 1.4), (-16.5, 128, 1.45),
        (-16.5, 150, 1.3), (6.4, 23.5, 1.45), (6.3, 44, 1.35), (6.5, 62, 1.4), (6.4, 80, 1.48), (6.4, 94, 1.3),
        (6.4, 128, 1.4), (6.4, 150, 1.5), (-2, 178, 1.1),
    )  # fmt: skip
    models = [palms.palm(seed=n, height_m=14.0) for n in range(5)]
    for n, (x, y, scale) in enumerate(rows):
        place(models[n % 5], (x, y, TOP_M), (0, 0, 67 * n), scale)


def lamp_rows() -> None:
    place(lamps.street_lamp(seed=0, banner_bottom_m=3.3, banner_height_m=2.65), (4.95, 5.8, TOP_M))
    for n, y in enumerate((35.0, 66.0, 92.0, 134.0), start=1):
        place(lamps.street_lamp(seed=n), (5.3, y, TOP_M))
    for n, y in enumerate((20.5, 46.0, 70.0, 93.0, 134.0)):
        place(lamps.street_lamp(seed=n + 5), (-15.4, y, TOP_M), (0, 0, 180))
    place(pedestrian_lamp.twin_lamp(), (12.5, 22, TOP_M))
    place(signals.traffic_light(), (5.5, 103, TOP_M))
    place(signals.traffic_light(), (-15.4, 97, TOP_M), (0, 0, 180))
    place(signals.street_sign(kind="no_parking"), (-15.3, 24.5, TOP_M))
    place(signals.street_sign(kind="street_name"), (-15.6, 15.5, TOP_M))
    place(signals.parking_meter(), (5.1, 18.2, TOP_M))
    place(signals.parking_meter(), (5.1, 30.0, TOP_M))


def right_pavement() -> None:
    place(food_cart.food_cart(), (6.9, 11.4, TOP_M), (0, 0, 8))
    place(planters.bowl_planter(), (9.3, 9.4, TOP_M))
    place(plants.flower_bed(radius_m=0.45), (9.3, 9.4, TOP_M + planters.BOWL_SOIL_M))
    place(furniture.bin(), (9.0, 7.4, TOP_M), (0, 0, 15))
    place(fences.fence(length_m=3.0), (5.2, 4.5, TOP_M))
    place(fences.fence(length_m=3.4, corner=True), (5.2, 4.5, TOP_M), (0, 0, -90))
    place(plants.hedge(length_m=2.6, width_m=0.6, height_m=0.45), (6.9, 3.7, TOP_M))
    place(furniture.bench(), (16.5, 20.5, TOP_M), (0, 0, -35))
    place(furniture.bench(), (19.5, 23.5, TOP_M), (0, 0, -25))
    place(offices.plaza_wall(length_m=12), (15, 33, TOP_M))
    place(planters.bowl_planter(), (8.6, 25.5, TOP_M), (0, 0, 40))
    place(plants.flower_bed(radius_m=0.45, seed=1), (8.6, 25.5, TOP_M + planters.BOWL_SOIL_M))
    place(kerbside.news_box(), (6.2, 19.6, TOP_M), (0, 0, -80))
    place(cycling.bicycle_rack(), (14.6, 14.2, TOP_M), (0, 0, 12))
    place(cycling.bicycle(), (14.9, 14.5, TOP_M), (0, 0, 100))
    place(kerbside.hydrant(), (5.4, 27.0, TOP_M))


def left_pavement() -> None:
    place(furniture.bin(), (-16.2, 22.5, TOP_M))
    place(furniture.bench(), (-18.5, 27, TOP_M), (0, 0, 90))
    for y in (12.3, 32, 52):
        place(plants.hedge(length_m=2.4, width_m=1.6, height_m=0.35, seed=int(y)), (-18.2, y - 0.8, TOP_M))


def traffic() -> None:
    place(motorcycle.motorcycle(), (3.1, 10.4, 0), (0, 0, -8))
    place(cars.sedan(colour=(0.30, 0.012, 0.015)), (3.45, 22.0, 0))
    place(cars.suv(colour=(0.012, 0.012, 0.014)), (3.5, 46.0, 0))
    place(cars.hatchback(colour=(0.4, 0.4, 0.41)), (0.1, 88.0, 0))
    place(cars.sedan(colour=(0.05, 0.07, 0.12)), (-6.4, 90, 0), (0, 0, 180))
    place(cars.hatchback(colour=(0.45, 0.43, 0.4)), (-12.9, 66, 0), (0, 0, 180))
