#!/usr/bin/env bash
# spaces 0.51.3: of two server-sent events that arrive together, the second is lost.
#
# While a visitor waits for a GPU of ZeroGPU, the package reads a stream of events: "ping", and at last "succeeded" with the
# GPU. It takes every piece that the network delivers for exactly one event. Where a ping and the success come in one piece,
# which a proxy or a busy machine may cause at any time, only the ping is seen. The stream is then at its end, and the visitor
# reads of an unexpected end although a GPU was given.
# Seen: "in two pieces: ['ping', 'succeeded']", and "in one piece: ['ping']".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check spaces==0.51.3 gradio==6.31.0 httpx==0.28.1
env -u SPACES_ZERO_GPU NO_PROXY='*' "$folder/venv/bin/python" - <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
from spaces.zero.api import APIClient

PING = "event: ping\n\n"
GIVEN = 'event: succeeded\ndata: {"idle": true, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}\n\n'


class Lender(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        pieces = [PING + GIVEN] if "taskId=1" in self.path else [PING, GIVEN]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(f"{len(piece):x}\r\n{piece}\r\n".encode())
            self.wfile.flush()
            told.wait(0.5)  # so that the next piece is a piece of its own
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


told = threading.Event()
server = HTTPServer(("127.0.0.1", 0), Lender)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = APIClient(httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}"))
seen = {}
for task, how in ((0, "in two pieces"), (1, "in one piece")):
    stream, _ = client.schedule(cgroup_path="/", task_id=task)
    seen[how] = [event.event for event in stream]
    print(f"ping and success {how}: {seen[how]}")
assert seen["in two pieces"] == ["ping", "succeeded"]
assert seen["in one piece"] == ["ping"], "the success is seen: the behaviour has changed"
PY
