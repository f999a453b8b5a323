import { at, parked, type SinkUnderTest } from './sink-under-test.ts';

/** Events that one owner handles before it gives way to another. */
const RUN = 10;

/**
 * Lets owners take a partition from each other over and over, each with an epoch above all before, until together
 * they have handled so many events.
 * @returns what failed for another reason than being fenced
 */
export async function fight<Tx>(
  under: SinkUnderTest<Tx>,
  group: string,
  instances: readonly string[],
  events: number,
): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  let epoch = 1;
  let handled = 0;
  const nextEpoch = (): number => {
    epoch += 1;
    return epoch;
  };
  await Promise.all(
    instances.map(async (instance) => {
      while (handled < events) {
        await handleSome(under, group, instance, nextEpoch(), () => {
          handled += 1;
        }).catch((error: unknown) => isFenced(error) || errors.push(error));
      }
    }),
  );
  return errors;
}

async function handleSome<Tx>(
  { sink, note }: SinkUnderTest<Tx>,
  group: string,
  instance: string,
  epoch: number,
  onHandled: () => void,
): Promise<void> {
  const taken = await sink.takeOver({ group, partition: 0, epoch, instance, batchSize: RUN });
  if (taken.status === 'outdated') return;
  let { checkpoint } = taken;
  for (let i = 0; i < RUN; i += 1) {
    const to = at(checkpoint.handledEntries + 1);
    const park = i % 3 === 0 ? [parked(`s:${instance}`, `${to.handledEntries}-0`)] : [];
    await sink.transact({ group, partition: 0, epoch, from: checkpoint.entryId, to, park }, (tx) =>
      note(tx, `${group} ${to.entryId}`),
    );
    checkpoint = to;
    onHandled();
  }
}

function isFenced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FENCED';
}
