"""The runner protocol of Framegate, version 1, for runners in Python: see README.md. Needs nothing but the standard library."""

import json
import os
import socket
import struct
import threading


class Refused(Exception):
    """This frame cannot be used; the next one may be."""


def serve(open_model, name, concurrency=1):
    """Answers until the server hangs up.

    `open_model(hello)` gives an object with `detect(pixels, reply)`, which calls `reply(boxes)` now or, from any thread, later; and, if it
    likes, `labels`, a list of names in place of those of the manifest, and `is_well()`. A box is
    `(x1, y1, x2, y2, score, class)`: corners in fractions of the frame, score 0..1.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(os.environ["FRAMEGATE_RUNNER_SOCKET"])
        lock = threading.Lock()

        def send(message):
            header = json.dumps(message).encode()
            with lock:
                connection.sendall(struct.pack(">I", len(header)) + header)

        stream = connection.makefile("rb")
        hello, _ = _receive(stream)
        shape = hello["input"]
        size = 3 * shape["width"] * shape["height"] * (4 if shape["type"] == "float32" else 1)
        try:
            model = open_model(hello)
        except Exception as error:  # whatever the hardware's own library throws
            send({"type": "error", "message": str(error)})
            raise
        ready = {"type": "ready", "protocol": 1, "runner": name, "concurrency": concurrency}
        labels = getattr(model, "labels", None)
        send({**ready, "labels": labels} if labels else ready)

        while True:
            message, payload = _receive(stream)
            if message is None:
                return
            if message["type"] == "health":
                is_well = getattr(model, "is_well", lambda: True)()
                send({"type": "health", "id": message["id"], "ok": is_well})
            elif message["type"] == "frame":
                _answer(model, message["id"], payload, size, send)


def _answer(model, frame, pixels, size, send):
    def reply(boxes):
        send({"type": "boxes", "id": frame, "boxes": [[float(v) for v in box[:5]] + [int(box[5])] for box in boxes]})

    try:
        if len(pixels) != size:
            raise Refused(f"{len(pixels)} bytes instead of {size}")
        model.detect(pixels, reply)
    except Refused as error:
        send({"type": "error", "id": frame, "message": str(error)})


def _receive(stream):
    """The next header and the bytes behind it; (None, b"") when the server hung up."""
    length = stream.read(4)
    if len(length) < 4:
        return None, b""
    header = json.loads(stream.read(struct.unpack(">I", length)[0]))
    return header, stream.read(header.get("bytes", 0))
