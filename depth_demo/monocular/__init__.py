"""Depth from one image: the models, their files, and the engines that run them."""
