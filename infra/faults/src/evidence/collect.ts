import type { EventEnvelope } from '@headrace/event-schema';
import type { DeclaredId } from '../world/declared.ts';
import {
  commandCategories,
  commandGroup,
  MAIL_GROUP,
  partitionsOf,
  transactionalGroups,
} from '../world/groups.ts';
import type { Inspector } from '../world/inspector.ts';
import { requestJson } from '../world/json.ts';
import type { Books, Evidence, OutboxRow, ReceivedMail } from './evidence.ts';

/** Base URLs of what is asked over HTTP. */
export interface Pages {
  readonly analytics: string;
  readonly billing: string;
  readonly inbox: string;
}

/** Reads everything; called once no group has work left. */
export async function collectEvidence(
  pages: Pages,
  inspector: Inspector,
  seen: Pick<Evidence, 'requests' | 'injected' | 'stalls'>,
): Promise<Evidence> {
  const { store, rows } = inspector;
  return {
    ...seen,
    log: await readLog(inspector),
    verified: await Promise.all(partitionsOf(store).map((partition) => store.verify(partition))),
    orders: await rows('select * from projections.orders_v2'),
    audit: await rows('select position, event_id, stream, version, type, data from projections.audit_log_v1'),
    days: await rows(
      `select stream, currency, placed_on, paid_on, paid_minor, shipped_on, delivered_on, cancelled_on, refunds
       from projections.daily_summary_v1`,
    ),
    accounts: await rows('select * from projections.accounts_v3'),
    users: await rows('select * from projections.users_v2'),
    accountDays: await rows('select * from projections.account_days_v2'),
    declared: {
      payments: await rows(declaredRows('payments')),
      turning_points: await rows(declaredRows('turning_points')),
      latest: await rows(declaredRows('latest')),
    },
    summary: await requestJson(`${pages.analytics}/analytics/summary`),
    products: await rows(
      `select product_id, currency, sum(units)::bigint as units, sum(orders)::bigint as orders,
         sum(revenue)::bigint as revenue
       from analytics.product_days group by 1, 2`,
    ),
    books: await readBooks(pages, inspector),
    mailRecords: await rows('select * from email.emails order by number'),
    inbox: await readInbox(pages),
    deadLetters: await readDeadLetters(inspector),
  };
}

function declaredRows(id: DeclaredId): string {
  return `select key as stream, value, events from projections.${id}_v1`;
}

/** The whole log by partition. */
export async function readLog({ store }: Inspector): Promise<EventEnvelope[][]> {
  return await Promise.all(
    partitionsOf(store).map(async (partition) => {
      const events: EventEnvelope[] = [];
      for await (const event of store.readPartition(partition)) events.push(event);
      return events;
    }),
  );
}

async function readBooks({ billing }: Pages, { rows, store }: Inspector): Promise<Books> {
  const outbox = await rows<Omit<OutboxRow, 'command'>>(
    'select key, type, stream, command_id from billing.outbox order by id',
  );
  return {
    invoices: await rows('select * from billing.invoices order by number'),
    postings: await rows(
      `select number, event_id, kind, stream, (
         select json_agg(json_build_object('account', account, 'currency', currency, 'debit', debit,
           'credit', credit) order by line)
         from billing.entries where posting = number
       ) as entries from billing.postings order by number`,
    ),
    outbox: await Promise.all(
      outbox.map(async (row) => ({
        ...row,
        command: row.command_id === null ? null : await store.commandStatus(row.command_id),
      })),
    ),
    trialBalance: await requestJson(`${billing}/ledger/trial-balance`),
  };
}

interface InboxMail {
  /** Absent if the connection was cut within the headers: the inbox also shows mails that it never accepted. */
  readonly messageId?: string;
  readonly to: readonly { readonly address: string }[];
}

async function readInbox({ inbox }: Pages): Promise<readonly ReceivedMail[]> {
  const mails = (await requestJson(`${inbox}/email`)) as readonly InboxMail[];
  return mails.flatMap(({ messageId, to }) =>
    messageId === undefined
      ? []
      : [
          {
            messageId: messageId.replace(/^<|>$/g, ''),
            to: to.map(({ address }) => address).join(),
          },
        ],
  );
}

async function readDeadLetters({ rows, store }: Inspector): Promise<readonly string[]> {
  const parked = await Promise.all(
    Object.values(transactionalGroups).map(({ schema }) =>
      rows<{ line: string }>(
        `select concat_ws(' ', group_name, stream, entry_id, cause, error) as line from ${schema}.parked_events`,
      ),
    ),
  );
  const groups = [MAIL_GROUP, ...Object.values(commandCategories).flat().map(commandGroup)];
  const blocked = await Promise.all(
    groups.flatMap((group) =>
      partitionsOf(store).map(async (partition) => {
        const streams = await store.redis.hkeys(store.keys.group(partition, group, 'blocked'));
        return streams.map((stream) => `${group} ${stream}`);
      }),
    ),
  );
  return [...parked.flat().map(({ line }) => line), ...blocked.flat()];
}
