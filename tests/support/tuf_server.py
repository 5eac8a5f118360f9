"""A web server for a repository of tests.support.tuf_repository, and the ways in which one can be bad."""
import http.server
import threading
import time

FOREVER = 3600  # seconds that a server which never ends goes on


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.lstrip("/")
        self.server.requests.append(path)
        if self.server.on_request:
            self.server.on_request(path)
        fault = self.server.faults.get(path)
        octets = self.server.find(path)
        try:
            if fault:
                fault(self, octets)
            elif octets is None:
                self.say(404, b"<html><body>There is no such file.</body></html>")
            else:
                self.serve(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough

    def serve(self, octets):
        """The file, or what a request with a range asks for."""
        wanted = self.headers.get("Range")
        if not wanted or not self.server.ranges:
            return self.say(200, octets)
        begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        return self.say(206, octets[begin:], {"Content-Range": f"bytes {begin}-{len(octets) - 1}/{len(octets)}"})

    def say(self, status, octets, headers=(), length=None):
        self.head(status, {"Content-Length": len(octets) if length is None else length, **dict(headers)})
        self.wfile.write(octets)

    def head(self, status, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.flush()

    def log_message(self, format, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves "/metadata/" and "/targets/". `faults` are functions by path ("metadata/timestamp.json") that answer instead."""
    daemon_threads = True

    def __init__(self, repository):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository
        self.requests, self.faults, self.on_request, self.ranges = [], {}, None, True
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def find(self, path):
        part, _, name = path.partition("/")
        return {"metadata": self.repository.metadata, "targets": self.repository.targets}.get(part, {}).get(name)

    def url(self, part):
        return f"http://127.0.0.1:{self.server_address[1]}/{part}/"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


# Faults.

def says(octets, status=200):
    return lambda handler, _: handler.say(status, octets)


def with_head(octets):
    """The file behind a head of about so many octets."""
    lines = {f"X-Line-{number:04}": "x" * 80 for number in range(octets // 94)}  # 94 octets a line
    return lambda handler, content: handler.say(200, content, lines)


def cut_after(count):
    """Promises all of a file and ends the connection in its midst."""
    return lambda handler, octets: handler.say(200, octets[:count], length=len(octets))


def endless(handler, octets):
    """The file, and then more for ever."""
    handler.head(200)
    handler.wfile.write(octets)
    while True:
        handler.wfile.write(b" " * 65536)


def dripping(handler, octets):
    """An octet every now and then."""
    handler.head(200, {"Content-Length": len(octets)})
    for at in range(len(octets)):
        handler.wfile.write(octets[at:at + 1])
        time.sleep(0.2)


def silent(handler, _):
    """Takes the request and says nothing."""
    handler.rfile.read(1)  # until the client goes


def trickling_head(handler, _):
    """A head that never ends."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
    for _ in range(FOREVER):
        handler.wfile.write(b"X-More: more\r\n")
        time.sleep(1)
