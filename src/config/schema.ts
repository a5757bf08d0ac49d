import { hostname } from 'node:os';
import { z } from 'zod';
import { ffmpegConfig } from '../ffmpeg/config.ts';
import { inferenceConfig } from '../inference/config.ts';
import { learningConfig } from '../learning/config.ts';
import { motionConfig } from '../motion/config.ts';
import { mqttConfig } from '../mqtt/config.ts';
import { outboxConfig } from '../outbox/config.ts';
import { serveConfig } from '../server/config.ts';
import { decodeConfig, picturesConfig, streamUrl, transport } from '../source/config.ts';
import { logConfig } from '../telemetry/config.ts';
import { trackingConfig, zonesConfig } from '../tracking/config.ts';
import { triggerConfig } from '../trigger/config.ts';
import { httpConfig } from '../web/config.ts';

/** Ids are MQTT topic levels and file names, so they keep to what both allow. */
const ID = /^[a-z0-9][a-z0-9_-]*$/;
const ID_EXPECTED = 'expected lower-case letters, digits, - and _, starting with a letter or digit';
/** Topic levels directly under `framegate/<gateway>` that are not cameras. */
const RESERVED_CAMERA_IDS = ['status', 'stats', 'model'];

const cameraId = z
  .string()
  .regex(ID, ID_EXPECTED)
  .refine(
    (id) => !RESERVED_CAMERA_IDS.includes(id),
    `${RESERVED_CAMERA_IDS.join(', ')} are topics of the gateway: choose another id`,
  );

export const cameraConfig = z
  .strictObject({
    url: streamUrl,
    transport,
    pictures: picturesConfig,
    enabled: z.boolean().default(true).meta({ description: 'A camera that is not enabled is not opened.' }),
    decode: decodeConfig,
    motion: motionConfig,
    trigger: triggerConfig,
    tracking: trackingConfig,
    zones: zonesConfig,
  })
  .refine(({ trigger, tracking }) => tracking.endAfter > trigger.interval, {
    path: ['tracking', 'endAfter'],
    message: 'must be longer than trigger.interval, or every object ends between two looks at it',
  })
  .meta({ description: 'One camera.' });

export type CameraConfig = z.output<typeof cameraConfig>;

const defaultGatewayId = () =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '') || 'gateway';

export const gatewayConfig = z
  .strictObject({
    gateway: z
      .strictObject({
        id: z
          .string()
          .regex(ID, ID_EXPECTED)
          .optional()
          .meta({ description: 'Id of this gateway in topics. Default: the host name.' }),
      })
      .prefault({})
      .transform(({ id }) => ({ id: id ?? defaultGatewayId() }))
      .meta({ description: 'This gateway.' }),
    dataDir: z.string().optional().meta({
      description: 'Where models and state are kept. Default: $STATE_DIRECTORY, or ~/.local/share/framegate.',
    }),
    log: logConfig,
    http: httpConfig,
    mqtt: mqttConfig,
    ffmpeg: ffmpegConfig,
    inference: inferenceConfig,
    learning: learningConfig,
    outbox: outboxConfig,
    serve: serveConfig,
    cameras: z.record(cameraId, cameraConfig).default({}).meta({ description: 'The cameras, by id.' }),
  })
  .meta({ title: 'Framegate configuration' });

export type Config = z.output<typeof gatewayConfig>;
