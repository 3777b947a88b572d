"""A server to run in a pod: what is asked of a way into a cluster can be seen in its answers.

It answers HTTP with its pod's name, counts what it is sent until the sender has ended (and answers only then), sends or
takes as much as it is told to, and sends datagrams back.
"""

from __future__ import annotations

from typing import Any

IMAGE = "python:3.11-slim-bookworm"
HTTP, COUNT, SEND, TAKE, UDP = 8080, 9000, 9001, 9002, 9003

PROGRAM = f"""
import http.server, os, socket, socketserver, threading

CHUNK = bytes(1 << 20)

class Http(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["POD"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass

class Count(socketserver.BaseRequestHandler):
    def handle(self):
        total, buffer = 0, bytearray(1 << 20)
        while read := self.request.recv_into(buffer):
            total += read
        self.request.sendall(b"%d\\n" % total)

class Send(socketserver.StreamRequestHandler):
    def handle(self):
        left = int(self.rfile.readline())
        while left > 0:
            left -= self.request.send(CHUNK[:left])

class Take(socketserver.StreamRequestHandler):
    def handle(self):
        left, buffer = int(self.rfile.readline()), bytearray(1 << 20)
        while left > 0:
            left -= self.rfile.readinto1(buffer)
        self.wfile.write(b"all\\n")

class Back(socketserver.BaseRequestHandler):
    def handle(self):
        data, out = self.request
        out.sendto(data.upper(), self.client_address)

class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 512

servers = [Threads(("", port), how) for port, how in (({COUNT}, Count), ({SEND}, Send), ({TAKE}, Take))]
servers.append(socketserver.UDPServer(("", {UDP}), Back))
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
Threads(("", {HTTP}), Http).serve_forever()
"""


def objects(name: str = "server", replicas: int = 1) -> list[dict[str, Any]]:
    """A Deployment of the server that is rolled over gracefully, and its Service.

    Args:
        name: What both are called.
        replicas: How many pods there are.
    """
    pod_name = {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    container = {
        "name": "server",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", PROGRAM],
        "env": [pod_name],
        "ports": [{"name": "http", "containerPort": HTTP}],
        "readinessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 1},
        # new connections come until every node has heard that the pod ends
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "3"]}}},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 4},
            },
        },
    }
    ports = [
        {"name": "http", "port": 80, "targetPort": "http"},
        {"name": "count", "port": COUNT},
        {"name": "send", "port": SEND},
        {"name": "take", "port": TAKE},
        {"name": "udp", "port": UDP, "protocol": "UDP"},
    ]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": ports},
    }
    return [deployment, service]
