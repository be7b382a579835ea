"""Calibrate two cameras from photos of a chessboard or a ChArUco board."""
