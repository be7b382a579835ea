#!/usr/bin/env bash
# gradio_client 2.7.2: a client keeps the first cookie that a load balancer sets, and takes no later one.
#
# A balancer that keeps visitors on one of several replicas sets a cookie, and sets another one when that replica is gone. A
# browser takes it. Client(...) takes cookies from its first request, for /config, and sends them with every later request. Cookies
# of later answers are dropped. With a balancer that answers a dead cookie by turns, the two requests of one call (join the
# queue, read the answer) come to different replicas, and no call of this client ever succeeds again.
# Here a server passes all requests on to one app, and sets REPLICA=r1 first and REPLICA=r2 from the first call on.
# Seen: httpx.Client changes over to r2. gradio_client sends r1 with all requests of its four calls.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check gradio==6.31.0 gradio_client==2.7.2 httpx==0.28.1
cd "$folder"
GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR="$folder" NO_PROXY='*' PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PY'
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import gradio as gr
import httpx
from gradio_client import Client

with gr.Blocks() as demo:
    word, length = gr.Textbox(), gr.Number()
    gr.Button().click(len, word, length, api_name="length")
_, url, _ = demo.launch(prevent_thread_lock=True, quiet=True)
sent, replica = [], "r1"


class Balancer(BaseHTTPRequestHandler):
    """Passes a request on, and names the replica in the answer."""

    def do_GET(self):
        sent.append((urlsplit(self.path).path, self.headers["cookie"]))
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        app = http.client.HTTPConnection(urlsplit(url).netloc)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        app.request(self.command, self.path, body, headers)
        answer = app.getresponse()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["content-type"])
        self.send_header("Set-Cookie", f"REPLICA={replica}; Path=/")
        self.end_headers()
        try:
            while part := answer.read1():
                self.wfile.write(part)
        except OSError:  # the client has closed a stream
            pass

    do_POST = do_GET

    def log_message(self, *_):
        pass


balancer = ThreadingHTTPServer(("127.0.0.1", 0), Balancer)
threading.Thread(target=balancer.serve_forever, daemon=True).start()
front = f"http://127.0.0.1:{balancer.server_port}"

browser, client = httpx.Client(), Client(front, verbose=False)
browser.get(front + "/config")
print("first cookies: httpx", dict(browser.cookies), "gradio_client", dict(client.cookies))
replica = "r2"
sent.clear()
assert [client.predict("four", api_name="/length") for _ in range(4)] == [4] * 4
seen = {(path, cookie) for path, cookie in sent if "heartbeat" not in path}
browser.get(front + "/config")
print("requests of four calls:", sorted(seen))
print("later cookies: httpx", dict(browser.cookies), "gradio_client", dict(client.cookies))
demo.close()
assert dict(browser.cookies) == {"REPLICA": "r2"}
assert {path.rpartition("/")[2] for path, _ in seen} >= {"join", "data"}
assert {cookie for _, cookie in seen} == {"REPLICA=r1"}, "the cookie is renewed: the behaviour has changed"
PY
