import { closeAccount, createUser, deleteUser, updateUser } from '@headrace/shop';
import { z } from 'zod';
import { movementRequest, openAccountRequest } from './requests.ts';

const id = z.string().min(1).max(256);

const metadata = z
  .strictObject({
    correlationId: id.optional().describe('default X-Correlation-Id'),
    causationId: id.optional().describe('of an event of this log: the new event sorts after it'),
    actor: id.optional().describe('default X-Actor'),
  })
  .optional();
export type CommandMetadata = z.output<typeof metadata>;

const expectedVersion = z
  .int()
  .min(0)
  .optional()
  .describe('version that the stream must be at, 0 for none; 409 with expected and actual otherwise');

function commandOf<const Type extends string, Data extends z.ZodType>(commandType: Type, commandData: Data) {
  return z.strictObject({ commandType: z.literal(commandType), commandData, metadata, expectedVersion });
}

const variants = [
  commandOf('CreateUser', createUser.schema),
  commandOf('UpdateUser', updateUser.schema),
  commandOf('DeleteUser', deleteUser.schema),
  commandOf('OpenAccount', openAccountRequest),
  commandOf('Deposit', movementRequest),
  commandOf('Withdraw', movementRequest),
  commandOf('CloseAccount', closeAccount.schema),
] as const;

/** Types that may be asked for, in the order of the documentation. */
export const COMMAND_TYPES: readonly string[] = variants.map(({ shape }) => shape.commandType.value);

/** A command by its type; an unknown type is answered with the known ones. */
export const commandBody = z
  .discriminatedUnion('commandType', variants, {
    error: ({ code }) =>
      code === 'invalid_union' ? `must be one of ${COMMAND_TYPES.join(', ')}` : undefined,
  })
  .meta({
    examples: [
      {
        commandType: 'CreateUser',
        commandData: { userId: 'user_123', name: 'Ada', email: 'ada@example.com' },
      },
      {
        commandType: 'UpdateUser',
        commandData: { userId: 'user_123', updates: { name: 'Ada King', attributes: { plan: 'pro' } } },
      },
      { commandType: 'OpenAccount', commandData: { accountId: 'ACC-001', owner: 'Ada', currency: 'USD' } },
      { commandType: 'Deposit', commandData: { accountId: 'ACC-001', amount: 1000 } },
      { commandType: 'Withdraw', commandData: { accountId: 'ACC-001', amount: 1000, currency: 'USD' } },
      { commandType: 'CloseAccount', commandData: { accountId: 'ACC-001', reason: 'moved' } },
      { commandType: 'DeleteUser', commandData: { userId: 'user_123' } },
    ],
  });
export type CommandBody = z.output<typeof commandBody>;
