import type { SharpConstructor } from 'sharp';

/**
 * sharp, loaded when a picture has to be made smaller: it takes 20 MB. Its cache would take 50 MB more, and no picture is looked at twice; its threads are
 * left to the decoders.
 */
export async function loadSharp(): Promise<SharpConstructor> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}
