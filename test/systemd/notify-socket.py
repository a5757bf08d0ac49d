"""Stands in for systemd: prints each datagram that arrives on the socket named by the first argument."""
import os
import socket
import sys

path = sys.argv[1]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
os.chmod(path, 0o666)
print("listening", flush=True)
while True:
    message = server.recv(4096).decode().replace("\n", " ")
    # With BARRIER=1 systemd-notify hands over a file descriptor and waits until it is closed, which recv() has done by dropping it.
    if message != "BARRIER=1":
        print(message, flush=True)
