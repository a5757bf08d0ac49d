const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const RANDOM_LENGTH = 6;

/** An id in Frigate's format: when the object was first seen, in seconds, and six random characters, such as `1700000000.125-k3x9fa`. */
export function objectId(startTime: number): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[Math.floor(Math.random() * ALPHABET.length)]);
  return `${(startTime / 1000).toFixed(3)}-${random.join('')}`;
}
