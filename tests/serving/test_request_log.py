"""The log: a line per request with sizes and times, and of a fault where it was, but no words that may hold a name."""

from __future__ import annotations

import logging
import re

import pytest

from depth_demo.serving.request_log import CURRENT, Entry, note

LINE = r"id=[0-9a-f]{8} what=on_match megapixels=2\.3 model=HH4 seconds=\d+\.\d{3} outcome=ok"


def test_a_line_says_what_was_asked_how_large_it_was_and_how_it_went(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "depth_demo")
    entry = Entry("on_match")
    token = CURRENT.set(entry)
    note(megapixels=2.3, model="HH4")
    CURRENT.reset(token)
    note(megapixels=99)  # nobody's
    entry.write("ok")
    assert re.fullmatch(LINE, caplog.messages[0])


def test_a_fault_is_found_by_its_place_and_not_by_its_words(caplog: pytest.LogCaptureFixture) -> None:
    entry = Entry("on_estimate")
    try:
        open("/nowhere/my holiday.png")  # noqa: PTH123, SIM115
    except OSError as error:
        entry.write_fault(error)
    assert "error=FileNotFoundError" in caplog.messages[0]
    assert "outcome=fault" in caplog.messages[0]
    assert "(errno 2) at" in caplog.messages[1]
    assert "test_request_log.py" in caplog.messages[1]
    assert all(entry.id in message for message in caplog.messages)
    assert "errno" in caplog.text
    assert not any("No such file" in message for message in caplog.messages)
