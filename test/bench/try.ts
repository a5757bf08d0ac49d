import { openRecordings } from './streams/streams.ts';
import { KIND_NAMES } from './streams/kinds.ts';
const wanted = KIND_NAMES.flatMap((n) => [[n, 'idle'], [n, 'events']] as const);
const r = await openRecordings([...wanted, ['vbr', 'busy']], console.log);
console.log(r.map((x) => [x.name, x.part, x.seconds, x.file].join(' ')).join('\n'), JSON.stringify(r[1]!.truth));
