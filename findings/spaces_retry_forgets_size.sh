#!/usr/bin/env bash
# spaces 0.51.3: a request for a large GPU asks for an ordinary one after its connection broke.
#
# A function that is decorated with size="xlarge" asks ZeroGPU for gpuSize=xlarge. Where the connection breaks while the visitor
# waits in the queue, the package asks once more, as it should, but without the size. The function then runs on half of the GPU
# that it was written for, and may run out of memory there.
# Seen: request 1 has gpuSize ['xlarge'], request 2 has none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check spaces==0.51.3 gradio==6.31.0 httpx==0.28.1
env -u SPACES_ZERO_GPU NO_PROXY='*' PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PY'
import json
import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

asked = []


class Lender(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        fields = parse_qs(urlsplit(self.path).query)
        asked.append({name: fields.get(name) for name in ("durationSeconds", "gpuSize")})
        self.send_response(200)
        if len(asked) == 1:  # a queue whose connection breaks
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"d\r\nevent: ping\n\n\r\n")
            self.close_connection = True
            return
        body = json.dumps({"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Lender)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["SPACES_ZERO_DEVICE_API_URL"] = f"http://127.0.0.1:{server.server_port}"

from spaces.zero import client

client.schedule(task_id=1, duration=timedelta(seconds=30), gpu_size="xlarge")
for number, fields in enumerate(asked, 1):
    print(f"request {number}: {fields}")
assert asked[0]["gpuSize"] == ["xlarge"]
assert len(asked) == 2 and asked[1]["gpuSize"] is None, "the size is kept: the behaviour has changed"
PY
