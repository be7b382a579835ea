"""The parts of `depth_demo.stereo.rectify`: fits, quality, refusals, the free constant, and the warp."""
