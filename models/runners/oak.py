#!/usr/bin/env python3
"""Runs a detection network on a Luxonis OAK, through DepthAI 2 (pip install "depthai<3").

The manifest names the file of the compiled network (a .blob), its input as planar BGR bytes, and under "options" what DepthAI has to know:

    "input": {"width": 300, "height": 300, "layout": "nchw", "type": "uint8", "colour": "bgr", "fit": "stretch"},
    "decoder": "boxes", "runner": "oak", "file": "model.blob",
    "options": {"family": "mobilenet-ssd"}                       or
    "options": {"family": "yolo", "anchors": [...], "anchorMasks": {"side26": [0, 1, 2]}, "iou": 0.5}
                                                                  leave out the anchors where the network has none
    "options": {"device": "14442C10..."}                          besides, if more than one OAK is connected
"""

import queue
import sys
import threading

import depthai as dai

from framegate_runner import serve

try:
    from numpy import frombuffer, uint8
except ImportError:  # slower, and DepthAI usually brings it
    frombuffer = None

# The server has thresholds of its own; below this there is only noise to carry.
LOWEST_SCORE = 0.05
# Frames on the device at once: while one is computed, the next travels.
IN_FLIGHT = 2


def network_of(pipeline, hello):
    options = hello["options"]
    family = options.get("family", "mobilenet-ssd")
    if family == "mobilenet-ssd":
        network = pipeline.create(dai.node.MobileNetDetectionNetwork)
    elif family == "yolo":
        network = pipeline.create(dai.node.YoloDetectionNetwork)
        network.setNumClasses(len(hello["labels"]))
        network.setCoordinateSize(4)
        network.setAnchors(options.get("anchors", []))
        network.setAnchorMasks(options.get("anchorMasks", {}))
        network.setIouThreshold(options.get("iou", 0.5))
    else:
        raise ValueError(f'options.family must be "mobilenet-ssd" or "yolo", not "{family}"')
    network.setBlobPath(hello["file"])
    network.setConfidenceThreshold(LOWEST_SCORE)
    return network


class Oak:
    def __init__(self, hello):
        shape = hello["input"]
        if (shape["layout"], shape["type"], shape["colour"]) != ("nchw", "uint8", "bgr"):
            raise ValueError('an OAK takes "layout": "nchw", "type": "uint8", "colour": "bgr"')
        self.width, self.height = shape["width"], shape["height"]
        pipeline = dai.Pipeline()
        frames = pipeline.create(dai.node.XLinkIn)
        frames.setStreamName("frames")
        network = network_of(pipeline, hello)
        boxes = pipeline.create(dai.node.XLinkOut)
        boxes.setStreamName("boxes")
        frames.out.link(network.input)
        network.out.link(boxes.input)
        wanted = hello["options"].get("device")
        self.device = dai.Device(pipeline, dai.DeviceInfo(wanted)) if wanted else dai.Device(pipeline)
        self.frames = self.device.getInputQueue("frames", IN_FLIGHT, True)
        self.boxes = self.device.getOutputQueue("boxes", IN_FLIGHT, True)
        self.replies = queue.SimpleQueue()
        threading.Thread(target=self.read, daemon=True).start()

    def detect(self, pixels, reply):
        frame = dai.ImgFrame()
        frame.setType(dai.ImgFrame.Type.BGR888p)
        frame.setWidth(self.width)
        frame.setHeight(self.height)
        frame.setData(frombuffer(pixels, uint8) if frombuffer else list(pixels))
        self.replies.put(reply)
        self.frames.send(frame)

    def read(self):
        """Results come in the order of the frames."""
        try:
            while True:
                found = self.boxes.get().detections
                self.replies.get()([(d.xmin, d.ymin, d.xmax, d.ymax, d.confidence, d.label) for d in found])
        except Exception as error:  # unplugged, or crashed: the server starts this program again
            print(error, file=sys.stderr, flush=True)
            self.device.close()

    def is_well(self):
        return not self.device.isClosed()


if __name__ == "__main__":
    serve(Oak, f"oak, DepthAI {dai.__version__}", IN_FLIGHT)
