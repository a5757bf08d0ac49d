#!/usr/bin/env bash
# Everything: installs what the tests run against, then lint, types and all tests. `npm test` alone needs no apt package.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(ffmpeg mosquitto mosquitto-clients gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav gir1.2-gst-rtsp-server-1.0 python3 python3-gi opencv-doc systemd chromium)
missing=()
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  [ "${#sudo[@]}" -eq 0 ] || echo "apt needs root to install what the tests run against (${missing[*]}): sudo may ask for your password" >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

npm run --silent build
npm run --silent lint
npm run --silent types
results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
FRAMEGATE_TEST_APT=1 npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$results" || status=$?
node -e '
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  const broken = testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed")).length;
  console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed, ${numPendingTests + numTodoTests} skipped`);
' "$results"
exit "$status"
