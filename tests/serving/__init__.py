"""What strangers meet, alone and through a real server."""
