"""Health check of the container: exit code 0 where the server answers ``GET /healthz`` with 200."""

import sys
import urllib.request

PORT = sys.argv[1] if len(sys.argv) > 1 else "8079"

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=4) as reply:
        sys.exit(0 if reply.status == 200 else 1)
except OSError as error:
    sys.exit(f"no healthy server: {error}")
