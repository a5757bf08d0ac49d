import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/suggest.ts';

const KNOWN = ['host', 'port', 'threshold', 'minArea', 'closeDelay'];

describe('the word that was probably meant', () => {
  it.each([
    ['treshold', 'threshold'],
    ['prot', 'port'],
    ['hosts', 'host'],
    ['min_area', 'minArea'],
    ['MINAREA', 'minArea'],
    ['close-delay', 'closeDelay'],
    ['closedely', 'closeDelay'],
  ])('for %s is %s', (word, meant) => {
    expect(nearest(word, KNOWN)).toBe(meant);
  });

  it.each(['x', 'path', 'area', 'colour'])('for %s is none', (word) => {
    expect(nearest(word, KNOWN)).toBeUndefined();
  });
});
