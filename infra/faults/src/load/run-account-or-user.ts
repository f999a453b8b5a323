import type { Random } from '../plan/random.ts';
import type { Client, Outcome } from './client.ts';

/** A command of event-api. */
interface Step {
  readonly what: string;
  /** Text in its data, and so in its event. */
  readonly mark: string;
  readonly commandType: string;
  readonly commandData: object;
  /** What it competes for with other steps. */
  readonly contest?: string;
}

/** Lists of steps, one after the other; the steps of one list are sent at once. */
type Story = readonly (readonly Step[])[];

/**
 * Opens an account or creates a user and takes it through its story. Every command has its own mark, as order-api's
 * writes do; half of them are queued.
 */
export async function runAccountOrUser(client: Client, random: Random, name: string): Promise<void> {
  const story = random.pick([account, account, account, user]);
  for (const steps of story(random, name)) {
    const outcomes = await Promise.all(steps.map((step) => ask(client, random, step)));
    if (!mayContinue(steps, outcomes)) return;
  }
}

/** If it is not known whether a step was done, it is not known which steps are allowed after it. */
function mayContinue(steps: readonly Step[], outcomes: readonly Outcome[]): boolean {
  const isDone = (index: number): boolean => outcomes[index]?.status === 'acknowledged';
  return (
    steps.some((_, index) => isDone(index)) &&
    steps.every((step, index) => step.contest !== undefined || isDone(index))
  );
}

async function ask(client: Client, random: Random, step: Step): Promise<Outcome> {
  const { what, mark, commandType, commandData, contest } = step;
  const { outcome } = await client.write({
    api: 'event-api',
    path: '/api/commands',
    body: { commandType, commandData },
    mark,
    what,
    ...(contest === undefined ? {} : { contest }),
    keyed: random.next() < 0.85,
    queued: random.next() < 0.5,
  });
  return outcome;
}

/**
 * A deposit, two withdrawals of which only one is covered, and the rest, down to zero; some accounts are closed. Later
 * deposits do not cover the other withdrawal: a request that timed out, was repeated and refused, may still reach a
 * service that had been stopped, and would be granted then.
 */
function account(random: Random, name: string): Story {
  const accountId = `ACC-${name}`;
  const currency = random.pick(['USD', 'EUR']);
  const step = (what: string, commandType: string, mark: string, data: object): Step => {
    return { what, commandType, mark, commandData: { accountId, ...data } };
  };
  const deposit = (amount: number, mark: string): Step =>
    step('deposit', 'Deposit', `${accountId}-${mark}`, { amount, description: `${accountId}-${mark}` });
  const withdraw = (amount: number, mark: string): Step =>
    step('withdraw', 'Withdraw', `${accountId}-${mark}`, { amount, description: `${accountId}-${mark}` });
  const rent = (mark: string): Step => ({ ...withdraw(60.75, mark), contest: `rent of ${accountId}` });
  const [opened, closed] = [`${accountId}-open`, `${accountId}-close`];
  const story: Story = [
    [step('open', 'OpenAccount', opened, { owner: opened, currency })],
    [deposit(100, 'salary')],
    [rent('rent-a'), rent('rent-b')],
    [deposit(20.5, 'gift-a'), deposit(0.25, 'gift-b')],
    [withdraw(60, 'rest')],
    [step('close', 'CloseAccount', closed, { reason: closed })],
  ];
  return story.slice(0, random.between(3, story.length));
}

function user(random: Random, name: string): Story {
  const userId = `user-${name}`;
  const step = (what: string, commandType: string, mark: string, data: object): Step => {
    return { what, commandType, mark, commandData: { userId, ...data } };
  };
  const update = (plan: string): Step => {
    const name = `${userId}-${plan}`;
    return step('update', 'UpdateUser', name, { updates: { name, attributes: { plan, [plan]: true } } });
  };
  const [created, deleted] = [`${userId}-create`, `${userId}-delete`];
  const story: Story = [
    [step('create', 'CreateUser', created, { name: created, attributes: { plan: 'none' } })],
    [update('free')],
    [update('pro'), update('team')],
    [step('delete', 'DeleteUser', deleted, { reason: deleted })],
  ];
  return story.slice(0, random.between(2, story.length));
}
