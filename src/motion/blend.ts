/**
 * Weight of a new value in a running average after `dt` ms, so that the average takes on 63 % of a step within `timeConstant` ms at any
 * frame rate.
 */
export function blend(dt: number, timeConstant: number): number {
  return 1 - Math.exp(-dt / timeConstant);
}
