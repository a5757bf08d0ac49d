import type { OnProgress } from '../../models/progress.ts';
import type { Cli } from '../cli.ts';

/** Draws `label 42 %` when the number changes. */
export function drawProgress(cli: Cli, label: string): OnProgress {
  let shown = -1;
  return (done, total) => {
    const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
    if (percent === shown) return;
    shown = percent;
    cli.draw(`${label} ${percent} %`);
  };
}
