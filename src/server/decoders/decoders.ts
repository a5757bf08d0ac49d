import type { ModelManifest } from '../../models/manifest.ts';
import { decodeCenternet } from './centernet.ts';
import { decodeDFine } from './d-fine.ts';
import type { Decoder } from './decoder.ts';
import { decodeNanodet } from './nanodet.ts';
import { decodePicodet } from './picodet.ts';
import { decodeRfDetr } from './rf-detr.ts';
import { decodeYolov8 } from './yolov8.ts';
import { decodeYolox } from './yolox.ts';

/** By the name that a manifest gives. Those of `boxes` come out of a runner as they are. */
export const DECODERS: Readonly<Record<Exclude<ModelManifest['decoder'], 'boxes'>, Decoder>> = {
  yolox: decodeYolox,
  centernet: decodeCenternet,
  nanodet: decodeNanodet,
  picodet: decodePicodet,
  'rf-detr': decodeRfDetr,
  'd-fine': decodeDFine,
  yolov8: decodeYolov8,
};

/** Models whose answer has no overlaps left: suppressing again would only lose people who stand in front of each other. */
export const NMS_FREE: ReadonlySet<ModelManifest['decoder']> = new Set(['rf-detr', 'd-fine']);
