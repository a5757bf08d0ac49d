#!/usr/bin/env bash
# The motion benchmark: builds and runs. Options: see motion.ts. Clips of opencv-doc are used where they are installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
npx --no-install tsc -p test/bench-motion
exec node test/bench-motion/dist/test/bench-motion/motion.js "$@"
