#!/usr/bin/env bash
# The benchmark of the inference microservice: builds, runs. Options: see bench.ts.
set -euo pipefail
cd "$(dirname "$0")/../.."
npm run --silent build
npx --no-install tsc -p test/bench-serve
exec node test/bench-serve/dist/test/bench-serve/bench.js "$@"
