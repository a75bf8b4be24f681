"""The server behind a real TLS proxy, nginx, where the machine has one: cookies, HSTS, limits and the WebSocket."""

from __future__ import annotations

import datetime
import ipaddress
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from websockets.sync.client import connect
from websockets.typing import Origin

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import Hello
from server_mock.protocol.api import SECURE_COOKIE
from server_mock.protocol.rate_limit import ADDRESS
from tests.server_mock.cli.test_run import running, sign_in

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CONFIG = """
daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2;
  fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate; ssl_certificate_key {folder}/key;
    location / {{
      proxy_pass {url};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""


def write_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, SHA256())
    )
    (folder / "certificate").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def a_client(folder: Path, origin: str, address: str) -> httpx.Client:
    """Somebody at an address of this machine; who comes before the proxy listens tries again."""
    context = ssl.create_default_context(cafile=str(folder / "certificate"))
    transport = httpx.HTTPTransport(verify=context, retries=8, local_address=address)
    return httpx.Client(base_url=origin, transport=transport, headers={"Origin": origin})


@contextmanager
def behind_nginx(folder: Path, url: str) -> Iterator[httpx.Client]:
    """A client of the proxy in front of a server."""
    assert NGINX is not None
    write_certificate(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "conf").write_text(CONFIG.format(folder=folder, port=port, url=url))
    with subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "conf")], stderr=subprocess.DEVNULL) as nginx:
        try:
            with a_client(folder, f"https://127.0.0.1:{port}", "127.0.0.2") as http:
                yield http
        finally:
            nginx.terminate()


@pytest.mark.soak
@pytest.mark.skipif(NGINX is None, reason="this machine has no nginx")
def test_behind_nginx_everything_is_secure_and_limits_are_the_clients(tmp_path: Path) -> None:
    arguments = ("--chats", "2", "--messages", "2", "--proxy-headers", "127.0.0.1")
    with running(*arguments) as (url, _server), behind_nginx(tmp_path, url) as http:
        account = sign_in(http)["account"]
        token = http.cookies[SECURE_COOKIE]
        answer = http.get("/api/session")
        assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (204, "max-age=31536000")
        origin = http.headers["Origin"]
        context = ssl.create_default_context(cafile=str(tmp_path / "certificate"))
        with connect(
            f"{origin.replace('https', 'wss')}/ws?account={account}",
            ssl=context,
            origin=Origin(origin),
            additional_headers={"Cookie": f"{SECURE_COOKIE}={token}"},
        ) as device:
            device.send(codec.write_device_frame(Hello(device_id="device")))
            assert json.loads(device.recv())["event"] == "first_chat_ready"
        for number in range(ADDRESS.times):
            assert fail_to_sign_in(http, number).status_code == 401
        assert fail_to_sign_in(http, ADDRESS.times).status_code == 429
        with a_client(tmp_path, origin, "127.0.0.3") as other:
            assert fail_to_sign_in(other, ADDRESS.times).status_code == 401


def fail_to_sign_in(http: httpx.Client, number: int) -> httpx.Response:
    """Guess, at another account each time, and with another address in the header that the proxy adds to."""
    body = {"email": f"{number}@hearth.example", "lookup_hash": "0" * 64}
    return http.post("/api/sign-in", json=body, headers={"X-Forwarded-For": f"203.0.113.{number}"})
