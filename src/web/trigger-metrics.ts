import { type Camera, type Define, perCamera, perReason } from './samples.ts';

/** Why frames are sent, and what opens the gate from outside. */
export function defineTriggerMetrics(gauge: Define, counter: Define): void {
  counter(
    'frames_triggered_by_total',
    'Triggered frames, by why.',
    ['camera', 'trigger'],
    perReason(({ trigger }) => trigger.frames, 'trigger'),
  );
  gauge(
    'camera_restless',
    '1 while the camera triggers without end and is limited.',
    ['camera'],
    perCamera(({ trigger }) => (trigger.restless ? 1 : 0)),
  );
  gauge(
    'onvif_up',
    '1 while the camera’s own motion is heard.',
    ['camera'],
    perCamera(({ trigger }) => (trigger.onvif?.state === 'listening' ? 1 : 0)),
  );
  counter(
    'motion_agreement_windows_total',
    'Windows of ten seconds in which the camera or we saw motion.',
    ['camera', 'seen_by'],
    perReason(agreementOf, 'seen_by'),
  );
}

function agreementOf({ trigger: { agreement } }: Camera): Record<string, number> {
  if (!agreement) return {};
  const { both, onlyCamera, onlyOurs } = agreement;
  return { both, only_camera: onlyCamera, only_ours: onlyOurs };
}
