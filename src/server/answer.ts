import { randomUUID } from 'node:crypto';
import type { DetectionAnswer } from '../inference/protocol.ts';
import type { InferenceResult } from './engine.ts';

/** Detections in fractions of the frame -> the standard answer: centres in pixels of the picture that was sent. */
export function toAnswer({ picture, labels }: InferenceResult, id: string = randomUUID()): DetectionAnswer {
  const { width, height } = picture;
  return {
    inference_id: id,
    time: picture.seconds,
    image: { width, height },
    predictions: picture.detections.map(({ label, score, box }) => ({
      x: (box[0] + box[2] / 2) * width,
      y: (box[1] + box[3] / 2) * height,
      width: box[2] * width,
      height: box[3] * height,
      confidence: score,
      class: label,
      class_id: labels.indexOf(label),
      detection_id: randomUUID(),
    })),
  };
}
