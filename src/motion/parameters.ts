import type { MotionConfig, Sensitivity } from './config.ts';

/** What `sensitivity` stands for. */
export interface SensitivitySet {
  readonly threshold: number;
  readonly noiseFactor: number;
  readonly minArea: number;
  /** Milliseconds. */
  readonly confirm: number;
}

/** A config with nothing left open. */
export type MotionParameters = Omit<MotionConfig, keyof SensitivitySet> & SensitivitySet;

const SETS: Readonly<Record<Sensitivity, SensitivitySet>> = {
  low: { threshold: 24, noiseFactor: 8, minArea: 0.0015, confirm: 400 },
  medium: { threshold: 16, noiseFactor: 6, minArea: 0.0006, confirm: 200 },
  high: { threshold: 10, noiseFactor: 5, minArea: 0.0003, confirm: 200 },
};

/** The set of the config's sensitivity, but for what the config sets itself. */
export function parametersOf(config: MotionConfig): MotionParameters {
  const set = SETS[config.sensitivity];
  return {
    ...config,
    threshold: config.threshold ?? set.threshold,
    noiseFactor: config.noiseFactor ?? set.noiseFactor,
    minArea: config.minArea ?? set.minArea,
    confirm: config.confirm ?? set.confirm,
  };
}
