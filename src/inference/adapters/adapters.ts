import type { TargetConfig } from '../config.ts';
import type { HttpTarget } from '../http-target.ts';
import type { Adapter, CreateAdapter } from './adapter.ts';
import { deepstack } from './deepstack.ts';
import { oipV2 } from './oip-v2.ts';
import { roboflow } from './roboflow.ts';

const ADAPTERS: Readonly<Record<TargetConfig['api'], CreateAdapter>> = { roboflow, 'oip-v2': oipV2, deepstack };

/** What speaks the API that the config names. */
export function createAdapter(http: HttpTarget, config: TargetConfig): Adapter {
  return ADAPTERS[config.api](http, config);
}
