"""What ends a run over a data set from outside."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from depth_demo.command.score import stopped_by_sigterm


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(
    "handler", [signal.default_int_handler, signal.SIG_IGN], ids=["as usual", "ignored, as in the background"]
)
def test_sigterm_ends_a_run(handler: Any) -> None:
    signal.signal(signal.SIGINT, handler)
    with pytest.raises(KeyboardInterrupt), stopped_by_sigterm():
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.usefixtures("ctrl_c")
def test_sigterm_goes_the_way_of_ctrl_c_where_a_run_waits_for_its_workers() -> None:
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda signum, _: came.append(signum))
    with stopped_by_sigterm():
        signal.raise_signal(signal.SIGTERM)
    assert came == [signal.SIGTERM]
