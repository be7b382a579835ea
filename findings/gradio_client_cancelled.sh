#!/usr/bin/env bash
# gradio_client 2.7.2: a server that dies during a call is reported as a cancellation, without a word.
#
# job.result() raises concurrent.futures.CancelledError with an empty message. Nobody has cancelled the job, and nothing says that
# the server is gone. A program that takes a CancelledError for its own cancellation drops the work, and asks nobody again.
# The next call tells the truth: the connection is refused.
# Seen: CancelledError '' for the call that was going on, ConnectError for the next one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check gradio==6.31.0 gradio_client==2.7.2 httpx==0.28.1
cd "$folder"
cat > app.py <<'PY'
import threading

import gradio as gr


def endless():
    """Begin, and go on for ever."""
    yield "begun"
    threading.Event().wait()


with gr.Blocks() as demo:
    word = gr.Textbox()
    gr.Button().click(endless, None, word, api_name="endless")
demo.launch()
PY
GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR="$folder" NO_PROXY='*' PYTHONWARNINGS=ignore PYTHONUNBUFFERED=1 \
    "$folder/venv/bin/python" - <<'PY'
import concurrent.futures
import re
import subprocess
import sys
import time

import httpx
from gradio_client import Client

with subprocess.Popen([sys.executable, "app.py"], stdout=subprocess.PIPE, text=True) as server:
    url = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)))[0]
    client = Client(url, verbose=False)
    job = client.submit(api_name="/endless")
    while not job.outputs():
        time.sleep(0.05)
    server.kill()
    server.wait()
    errors = []
    for result in (lambda: job.result(timeout=60), lambda: client.predict(api_name="/endless")):
        try:
            result()
        except Exception as error:
            errors.append(error)
    print("during the call:", type(errors[0]).__name__, repr(str(errors[0])))
    print("the next call:", type(errors[1]).__name__, repr(str(errors[1])))
assert isinstance(errors[0], concurrent.futures.CancelledError) and str(errors[0]) == "", "it says more: the behaviour changed"
assert not job.cancelled()
assert isinstance(errors[1], httpx.ConnectError)
PY
