import { configDefaults, defineConfig } from 'vitest/config';

const withApt = process.env['FRAMEGATE_TEST_APT'] === '1';
if (!withApt)
  process.stderr.write('tests/*.apt.test.ts are left out: they need apt packages, npm run test:all installs them\n');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(withApt ? [] : ['test/**/*.apt.test.ts'])],
    // Two files at a time: most of them start real servers and ffmpeg children.
    maxWorkers: 2,
    // Loading ONNX Runtime would otherwise begin to send usage data to its maker.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Real processes on a busy machine: a failure counts if it comes again. Retries are shown in the report.
    retry: withApt ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
