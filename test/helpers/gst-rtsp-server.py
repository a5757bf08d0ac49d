"""
Serves an MP4 file over RTSP, as GStreamer's RTSP server does:
FILE PORT [--codec h265] [--digest USER:PASSWORD] [--tls CERTIFICATE KEY]
With --launch, FILE is a launch line with the payloaders pay0, pay1 ...
"""
import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("port")
parser.add_argument("--codec", default="h264")
parser.add_argument("--launch", action="store_true", help="FILE is a launch line")
parser.add_argument("--digest")
parser.add_argument("--tls", nargs=2)
options = parser.parse_args()

Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
codec = options.codec
payloader = f"{codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=1"
source = f'filesrc location="{options.file}" ! qtdemux ! {payloader}'
factory.set_launch(f"( {options.file if options.launch else source} )")
factory.set_shared(True)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(options.port)
if options.digest or options.tls:
    auth = GstRtspServer.RTSPAuth()
    if options.tls:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(*options.tls))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if options.digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(*options.digest.split(":", 1), token)
    else:
        auth.set_default_token(token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/stream", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
