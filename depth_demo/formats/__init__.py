"""Read photos, ground truth and cameras from files, and write maps."""
