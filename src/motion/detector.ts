import type { LumaFrame } from '../source/frame.ts';
import type { MotionConfig } from './config.ts';
import type { Motion } from './motion.ts';
import { type MotionParameters, parametersOf } from './parameters.ts';
import { createSceneDetector, type SceneDetector } from './scene-detector.ts';

/** Says what moves in each frame of one camera. */
export interface MotionDetector {
  (frame: LumaFrame): Motion;
  /** Takes over other settings from the next frame on; nothing that was learnt is lost. */
  configure(config: MotionConfig): void;
}

/**
 * Background subtraction with a running average, in the family of Frigate's and Motion's detectors, followed by a judgement of each
 * changed area over time. All constants are times and fractions, so that it behaves alike at any frame rate; time is `frame.at`. A frame
 * of another size starts anew. Nothing is kept of `frame.data`.
 */
export function createMotionDetector(config: MotionConfig): MotionDetector {
  let parameters: MotionParameters = parametersOf(config);
  let width = 0;
  let height = 0;
  let scene: SceneDetector | undefined;

  const look = (frame: LumaFrame): Motion => {
    if (!scene || frame.width !== width || frame.height !== height) {
      ({ width, height } = frame);
      scene = createSceneDetector(parameters, width, height);
    }
    return scene.look(frame);
  };
  return Object.assign(look, {
    configure(next: MotionConfig) {
      parameters = parametersOf(next);
      scene?.configure(parameters);
    },
  });
}
