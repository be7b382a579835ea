"""Synthetic photos with exact inverse depth: bodies, what is built of them, rays, light, and the generator of samples."""
