"""What a worker of this machine does when it starts: it leaves Ctrl-C to the program that hands out the pairs.

A terminal sends Ctrl-C to all processes. The workers go on, so that the pairs at which they are get their rows.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
