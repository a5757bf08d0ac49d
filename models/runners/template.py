#!/usr/bin/env python3
"""A runner to start from: copy it, load your model where it says so, and check it with

    framegate model check-runner --command "python3 my_runner.py" --input 300x300

Hailo, Coral, RKNN, TensorRT and everything else that Python can reach fit in here: two functions, one file.
"""

from framegate_runner import serve


class Model:
    def __init__(self, hello):
        self.width = hello["input"]["width"]
        self.height = hello["input"]["height"]
        # hello["file"] is the model's file, hello["labels"] its labels, hello["options"] what stands in the manifest under "options".
        # Load the model here; raise an exception with a clear sentence when that does not work.

    def detect(self, pixels, reply):
        # `pixels` are bytes in the order that "input" in the manifest asks for. Run the model on them here.
        # A box: x1, y1, x2, y2 in fractions of the frame, score 0..1, class. This one finds a thing in every frame that is not black.
        reply([(0.25, 0.25, 0.75, 0.75, max(pixels) / 255, 0)] if max(pixels) > 0 else [])


if __name__ == "__main__":
    serve(Model, "template 1.0")
