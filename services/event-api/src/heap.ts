import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 collect garbage rather than take memory because the machine has it: by default its heap grows by some
 * hundred MiB over a long read, all of it garbage. Young generation: stays as large as starting made it. Old one:
 * collected once it is a third larger than what lives in it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
}
