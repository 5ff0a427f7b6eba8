"""A server that answers with given bytes, whatever it is asked: what no well-behaved server sends."""

import socketserver
import threading
from contextlib import contextmanager


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        while (request := self._read_request()) is not None:
            self.server.seen.append(request)
            for part in self.server.answer(request):
                try:
                    self.wfile.write(part)
                    self.wfile.flush()
                except OSError:
                    return
                if self.server.stopping.wait(self.server.pause):
                    return
            if self.server.hangs_up:
                return

    def _read_request(self):
        lines = []
        while True:
            try:
                line = self.rfile.readline(65536)
            except OSError:
                return None
            if not line:
                return None
            if line == b"\r\n":
                break
            lines.append(line.decode().strip())
        length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length")), 0)
        return [*lines, self.rfile.read(length).decode()]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def raw_server(answer, *, pause=0.0, hangs_up=False, context=None):
    """``answer(request)`` gives the parts to send, ``pause`` seconds between them. Gives the server: ``url``, and
    ``seen``, the lines of each request."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answer, server.pause, server.hangs_up = answer, pause, hangs_up
    server.seen, server.stopping = [], threading.Event()
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    host = "localhost" if context is not None else "127.0.0.1"
    server.url = f"{'http' if context is None else 'https'}://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def http_answer(body, status="200 OK", *headers):
    """A whole answer, as bytes."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body
