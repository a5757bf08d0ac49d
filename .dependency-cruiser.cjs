// The direction of imports: a folder may import itself, the base folders, and folders to its left in the order of the data.
const base = ['lib', 'telemetry', 'ffmpeg', 'rtsp'];
const stages = [
  'onvif',
  'source',
  'motion',
  'trigger',
  'inference',
  'tracking',
  'learning',
  'events',
  'outbox',
  'mqtt',
];

const only = (from, allowed, comment) => ({
  name: `${from}-imports-only-its-left`,
  severity: 'error',
  comment,
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: [`^src/${from}/`, ...allowed.map((folder) => `^src/${folder}/`)] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '^src/main[.]ts$' }, to: {} },
    only('lib', []),
    only('telemetry', ['lib']),
    only('ffmpeg', ['lib', 'telemetry']),
    only('rtsp', ['lib'], 'what client and camera share knows neither'),
    ...stages.map((stage, index) => only(stage, [...base, ...stages.slice(0, index)], 'data flows to the right')),
    only('models', ['lib', 'telemetry'], 'the model store knows nothing of the gateway'),
    {
      name: 'server-stands-alone',
      severity: 'error',
      comment: 'the inference microservice shares only the wire protocol with the gateway',
      from: { path: '^src/server/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(server|lib|telemetry|models)/', '^src/inference/(protocol|detection)[.]ts$'],
      },
    },
    {
      name: 'config-imports-only-config-files',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/', pathNot: ['^src/(config|lib)/', '/config[.]ts$'] },
    },
    {
      name: 'nobody-imports-the-edges',
      severity: 'error',
      comment: 'only main.ts sees the CLI; only the CLI sees the demo and the backtest',
      from: { path: '^src/', pathNot: '^src/(main[.]ts|cli/|demo/|backtest/)' },
      to: { path: '^src/(cli|demo|backtest)/' },
    },
    {
      name: 'backtest-is-an-edge-of-its-own',
      severity: 'error',
      from: { path: '^src/backtest/' },
      to: { path: '^src/(cli|demo|server|web)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node'],
    },
  },
};
