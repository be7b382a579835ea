"""What runs a network: torch, or OpenVINO where it is faster."""
