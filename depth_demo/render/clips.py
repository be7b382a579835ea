"""A clip and its maps as pictures, and as a video that browsers play."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from depth_demo.comparison.clips import ClipDepth
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.render.maps import ValueRange, render_map, render_photo, value_range

CODEC = "vp09"  # VP9: of what browsers play, OpenCV's wheels write no H.264, and no AV1
GAP_PX = 4


def clip_range(depth: ClipDepth) -> ValueRange:
    """Return the one range of colours for all frames, by the rule for single maps applied to all values of the clip."""
    count, height, width = depth.values.shape
    return value_range(DepthMap(depth.values.reshape(count * height, width), depth.kind))


def frame_pictures(depth: ClipDepth, color_map: str, limits: ValueRange) -> list[RgbImage]:
    """Draw each frame, then its map with its bar, for the screen: frame 0, map 0, frame 1, map 1 and so on."""
    pictures = []
    for frame, depth_map in zip(depth.clip.frames, depth.maps, strict=True):
        picture = render_map(depth_map, color_map, limits)
        pictures += [render_photo(frame), picture]
    return pictures


def side_by_side(depth: ClipDepth, color_map: str, limits: ValueRange) -> list[RgbImage]:
    """Draw each frame beside its map, pixel by pixel, with the bar below; both sides of a picture are even."""
    pictures = []
    for frame, depth_map in zip(depth.clip.frames, depth.maps, strict=True):
        drawn = render_map(depth_map, color_map, limits, enlarged=False)
        left = np.full((len(drawn), frame.shape[1] + GAP_PX, 3), 255, np.uint8)
        left[: len(frame), : frame.shape[1]] = frame
        both = np.hstack((left, drawn))
        pictures.append(cv2.copyMakeBorder(both, 0, len(both) % 2, 0, both.shape[1] % 2, cv2.BORDER_REPLICATE))
    return pictures


def save_video(folder: Path, stem: str, depth: ClipDepth, color_map: str, limits: ValueRange) -> Path:
    """Write `stem`.mp4: frames beside maps, in VP9, at the speed of the clip.

    Raises:
        ValueError: If this OpenCV writes no VP9.
    """
    path, times = folder / f"{stem}.mp4", depth.clip.times_s
    pictures = side_by_side(depth, color_map, limits)
    height, width = pictures[0].shape[:2]
    fps = (len(times) - 1) / (times[-1] - times[0])
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*CODEC), fps, (width, height))
    try:
        if not writer.isOpened():
            raise ValueError("This machine's OpenCV writes no VP9 video: take the NPZ instead.")
        for picture in pictures:
            writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    finally:
        writer.release()
    return path
