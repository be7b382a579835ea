"""515: a street of the same city in the afternoon; the road lies in the shade, houses and trees in the sun."""

from __future__ import annotations

import numpy as np

from examples.scenes.buildings import brick_blocks, glass_towers, offices, skyline
from examples.scenes.camera import add_camera
from examples.scenes.develop import Look
from examples.scenes.furniture import covers, fences, furniture, kerbside, lamps, signals
from examples.scenes.kit import street
from examples.scenes.kit.assets import place
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import plain
from examples.scenes.kit.mesh import MeshBuilder
from examples.scenes.kit.sky import light
from examples.scenes.vegetation import plants, trees
from examples.scenes.vehicles import cars, motorcycle

SUN = (128.0, 38.0)  # azimuth and elevation [degrees]: behind the camera, to the right
LOOK = Look(exposure=1.5, visibility_m=900, haze=(0.30, 0.34, 0.42), warmth=1.07)
ROAD_LEFT_M, ROAD_RIGHT_M = -9.0, 4.4
WALL_LEFT_M, WALL_RIGHT_M = -14.0, 9.4
END_M = 260.0
TOP_M = street.KERB_M  # of the pavement
FACING_RIGHT, FACING_LEFT = (0, 0, 90), (0, 0, -90)  # turns of a facade on the left, and on the right of the street
PALE, DARK = (0.36, 0.345, 0.32), (0.31, 0.295, 0.275)


def build() -> None:
    add_camera(1.6)
    light(SUN[1], SUN[0], sky_strength=0.13, sun_strength=13.0)
    ground()
    left_side()
    right_side()
    street_end()
    tree_rows()
    pavements()
    overhead_wires()
    traffic()


def ground() -> None:
    place(street.flat(ROAD_LEFT_M - 0.1, ROAD_RIGHT_M + 0.1, -20, END_M, 0.0, street.asphalt()))
    place(street.kerb(ROAD_RIGHT_M, -20, END_M, 1))
    place(street.kerb(ROAD_LEFT_M, -20, END_M, -1))
    slabs = street.paving(PALE, DARK, 0.6)
    place(street.flat(ROAD_RIGHT_M + 0.15, 90, -20, END_M, TOP_M, slabs))
    place(street.flat(-90, ROAD_LEFT_M - 0.15, -20, END_M, TOP_M, slabs))
    for x in (-2.42, -2.18):
        place(street.line(x, -5, 86, street.YELLOW))
    for x in (1.9, -6.5):  # parking lanes
        place(street.line(x, -5, 86, street.WHITE))
    for y in np.arange(2.0, 80, 6.0):
        place(street.bar(1.98, ROAD_RIGHT_M - 0.4, y, 0.1, street.WHITE))
        place(street.bar(ROAD_LEFT_M + 0.4, -6.58, y + 1.5, 0.1, street.WHITE))
    for x in np.arange(ROAD_LEFT_M + 0.8, ROAD_RIGHT_M - 0.5, 1.2):  # zebra crossing
        place(street.flat(x, x + 0.55, 88, 91.5, street.PAINT_M, street.paint(street.WHITE)))
    for x0, x1, y0, y1 in ((-1.6, 1.2, 9.5, 14.0), (-6.0, -4.9, 5.0, 19.0), (0.2, 1.5, 24.0, 31.0)):  # where it was mended
        place(street.flat(x0, x1, y0, y1, 0.001, street.asphalt(tone=0.8)))
    place(covers.manhole(), (-0.4, 5.6, 0), (0, 0, 25))
    place(covers.manhole(), (-4.4, 13.5, 0))


def left_side() -> None:
    """In the sun."""
    place(brick_blocks.plaster_house(seed=1), (WALL_LEFT_M, -1.5, TOP_M), FACING_RIGHT)
    place(brick_blocks.brick_house(seed=3), (WALL_LEFT_M, 14.5, TOP_M), FACING_RIGHT)
    place(brick_blocks.plaster_house(seed=4, storeys=6), (WALL_LEFT_M, 32.6, TOP_M), FACING_RIGHT)
    place(brick_blocks.brick_house(seed=7, storeys=5, bays=7), (WALL_LEFT_M, 48.5, TOP_M), FACING_RIGHT)
    place(glass_towers.glass_block(seed=2), (WALL_LEFT_M - 1, 100, TOP_M), FACING_RIGHT)
    place(skyline.far_block(seed=4), (WALL_LEFT_M, 134, TOP_M), FACING_RIGHT)
    place(skyline.far_block(seed=6), (WALL_LEFT_M - 2, 162, TOP_M), FACING_RIGHT)


def right_side() -> None:
    """In the shade, and what throws it over the road."""
    place(skyline.far_block(seed=1, width_m=30, storeys=5), (WALL_RIGHT_M, -6.5, TOP_M), FACING_LEFT)  # behind the camera
    place(brick_blocks.brick_house(seed=5, bays=8), (WALL_RIGHT_M, 15.5, TOP_M), FACING_LEFT)
    place(brick_blocks.plaster_house(seed=6), (WALL_RIGHT_M, 32.2, TOP_M), FACING_LEFT)
    place(brick_blocks.brick_house(seed=8, storeys=7), (WALL_RIGHT_M, 49.5, TOP_M), FACING_LEFT)
    place(offices.office_block(seed=1), (WALL_RIGHT_M + 1, 84, TOP_M), FACING_LEFT)
    place(skyline.far_block(seed=5), (WALL_RIGHT_M, 132, TOP_M), FACING_LEFT)
    place(skyline.far_block(seed=0), (WALL_RIGHT_M, 160, TOP_M), FACING_LEFT)


def street_end() -> None:
    place(skyline.end_block(seed=3), (-40, 190, TOP_M))


def tree_rows() -> None:
    for n, (y, height) in enumerate(((9.5, 7.5), (21, 8.5), (33, 8), (45, 9), (58, 8), (72, 8.5))):
        place(trees.tree(seed=n % 3, height_m=height), (-10.2, y, TOP_M), (0, 0, 83 * n))
    for n, (y, height) in enumerate(((16, 8), (40, 8.5), (54, 8), (70, 9))):
        place(trees.tree(seed=(n + 1) % 3, height_m=height), (5.7, y, TOP_M), (0, 0, 47 * n))
    place(trees.bare_tree(seed=1), (5.7, 27.5, TOP_M), (0, 0, 30))


def pavements() -> None:
    for n, y in enumerate((13.0, 36, 62)):
        place(lamps.street_lamp(banners=n == 1, seed=n), (5.0, y, TOP_M))
        place(lamps.street_lamp(banners=False, seed=n + 3), (-9.6, y + 3, TOP_M), (0, 0, 180))
    place(signals.street_sign(kind="stop"), (5.0, 86, TOP_M))
    place(signals.street_sign(kind="no_parking"), (4.9, 8.4, TOP_M))
    place(signals.traffic_light(), (4.9, 93, TOP_M))
    for y in (5.2, 11.2, 17.2, 23.2):
        place(signals.parking_meter(), (4.85, y, TOP_M))
    place(fences.fence(length_m=2.4), (5.0, 9.9, TOP_M), (0, 0, 90))
    place(furniture.bench(), (8.7, 19, TOP_M), (0, 0, -90))
    place(furniture.bin(), (5.3, 14.2, TOP_M))
    place(kerbside.hydrant(), (5.0, 20.2, TOP_M))
    place(kerbside.news_box(), (8.9, 11, TOP_M), (0, 0, -90))
    place(plants.shrub(), (-13.2, 17, TOP_M))


def overhead_wires() -> None:
    """Two contact wires over the road, and the cross wires that carry them."""
    black = plain("wire", Label.POLE, (0.02, 0.02, 0.02), 0.5)
    b = MeshBuilder()
    for x in (-3.4, -1.2):
        b.tube([(x, y, 6.1) for y in range(-4, 100, 4)], 0.011, black, sides=6)
    for y in (8.0, 24.0, 40.0, 60.0, 84.0):
        across = np.linspace(WALL_LEFT_M + 0.2, WALL_RIGHT_M - 0.1, 24)
        b.tube(np.column_stack((across, np.full(24, y), 6.15 + 0.006 * (across + 2.3) ** 2)), 0.008, black, sides=6)
    place(b.build("wires"))


def traffic() -> None:
    place(cars.hatchback(colour=(0.02, 0.09, 0.2)), (3.2, 6.3, 0))
    place(cars.sedan(colour=(0.42, 0.42, 0.43)), (3.2, 13.3, 0))
    place(cars.suv(colour=(0.3, 0.012, 0.015)), (3.15, 19.4, 0))
    place(motorcycle.motorcycle(), (3.3, 23.6, 0), (0, 0, -20))
    place(cars.sedan(colour=(0.02, 0.022, 0.025)), (3.15, 31.5, 0))
    place(cars.hatchback(colour=(0.35, 0.3, 0.2)), (3.2, 44, 0))
    place(cars.suv(colour=(0.42, 0.41, 0.38)), (-7.7, 10.3, 0), (0, 0, 180))
    place(cars.hatchback(colour=(0.25, 0.02, 0.02)), (-7.75, 16.6, 0), (0, 0, 180))
    place(cars.van(), (-7.7, 28.5, 0), (0, 0, 180))
    place(cars.sedan(colour=(0.06, 0.09, 0.06)), (-7.7, 40.5, 0), (0, 0, 180))
    place(cars.taxi(), (-0.3, 26.0, 0))
    place(cars.sedan(colour=(0.16, 0.17, 0.19)), (-4.4, 37, 0), (0, 0, 180))
    place(cars.suv(colour=(0.03, 0.03, 0.035)), (0.0, 68.0, 0))
