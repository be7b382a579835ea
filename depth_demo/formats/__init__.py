"""Files of others in and out: photos, truth, cameras, maps."""
