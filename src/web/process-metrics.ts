/**
 * The gateway's own process, by the names that Prometheus' client libraries have agreed upon. The default set of prom-client is left out: it times
 * every garbage collection and wakes the process a hundred times a second, which is more than an idle gateway does otherwise.
 */
import { readdirSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';

export function collectProcessMetrics(registry: Registry): void {
  const gauge = (name: string, help: string, value: () => number | undefined) => {
    const metric = new Gauge({
      name: `framegate_${name}`,
      help,
      registers: [registry],
      collect: () => {
        const now = value();
        if (now === undefined) metric.reset();
        else metric.set(now);
      },
    });
  };
  const startedAt = Math.round(Date.now() / 1000 - process.uptime());
  gauge('process_start_time_seconds', 'Start of the process, in seconds since the Unix epoch.', () => startedAt);
  gauge('process_resident_memory_bytes', 'Resident memory of this process alone.', () => process.memoryUsage.rss());
  gauge('process_open_fds', 'Open file descriptors.', openDescriptors);
  gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_external_memory_bytes', 'Memory of buffers outside the heap.', () => process.memoryUsage().external);
  const cpu = new Counter({
    name: 'framegate_process_cpu_seconds_total',
    help: 'CPU time of this process alone.',
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
  });
  const lag = new Gauge({
    name: 'framegate_nodejs_eventloop_lag_seconds',
    help: 'How long something that is due waits for its turn.',
    registers: [registry],
    collect: async () => {
      const askedAt = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      lag.set((performance.now() - askedAt) / 1000);
    },
  });
}

function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined; // not on Linux
  }
}
