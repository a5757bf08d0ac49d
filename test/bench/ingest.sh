#!/usr/bin/env bash
# The ingest benchmark: gets what it runs beside, builds, runs. Options: see options.ts.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
for package in ffmpeg motion opencv-doc; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
      echo "apt could not install ${missing[*]}" >&2
  else
    echo "not installed, and apt needs root: ${missing[*]}" >&2
  fi
fi

[ -n "${BENCH_FRAMEGATE:-}" ] || npm run --silent build
npx --no-install tsc -p test/bench
exec node test/bench/dist/test/bench/ingest.js "$@"
