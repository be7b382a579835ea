"""Entry point of the Space and of `python app.py`."""

import gc

gc.disable()  # what is made from here on stays: looking for garbage in it again and again takes a fifth of the start

from depth_demo.ui.page import build_demo, launch  # noqa: E402

demo = build_demo()
gc.enable()
gc.freeze()  # nor is it looked through later, which would hold up every visitor for 0.2 s

if __name__ == "__main__":
    launch(demo)
