"""The command line: what it takes, and what it says to what it does not take."""

from __future__ import annotations

import pytest

from depth_demo.ui.page import MAX_UPLOAD_MB, read_options


def test_the_defaults_are_for_one_machine_and_everybody_on_it() -> None:
    options = read_options([])
    assert (options.host, options.port, options.share, options.auth, options.max_file_size) == (
        None, None, False, None, MAX_UPLOAD_MB
    )  # fmt: skip


def test_a_password_may_hold_colons() -> None:
    options = read_options(["--auth", "class:a:b", "--max-file-size", "50"])
    assert options.auth == ("class", "a:b")
    assert options.max_file_size == 50


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--auth", "class"], "must be USER:PASSWORD"),
        (["--auth", ":secret"], "must be USER:PASSWORD"),
        (["--auth", "class:"], "must be USER:PASSWORD"),
        (["--max-file-size", "0"], "must be a whole number of megabytes from 1 up, not '0'"),
        (["--max-file-size", "2.5"], "not '2.5'"),
        (["--max-file-size", "-3"], "not '-3'"),
    ],
)
def test_wrong_options_end_in_a_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(arguments)
    assert sentence in capsys.readouterr().err
