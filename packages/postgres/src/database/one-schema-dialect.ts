import {
  type DatabaseIntrospector,
  type Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  sql,
} from 'kysely';

/**
 * PostgreSQL with introspection limited to one schema. The migrator looks for its own tables among all that are listed:
 * in a shared database those of all schemas are many, and listing them fails while others drop theirs.
 */
export class OneSchemaDialect extends PostgresDialect {
  readonly #schema: string;

  constructor(config: PostgresDialectConfig & { readonly schema: string }) {
    super(config);
    this.#schema = config.schema;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface says so
  override createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    const schema = this.#schema;
    return {
      getSchemas: async () => {
        const found = await sql<{ name: string }>`
          select nspname as name from pg_namespace where nspname = ${schema}`.execute(db);
        return found.rows;
      },
      getTables: async () => {
        const found = await sql<{ name: string }>`
          select tablename as name from pg_tables where schemaname = ${schema}`.execute(db);
        return found.rows.map(({ name }) => ({ name, schema, isView: false, isForeign: false, columns: [] }));
      },
    };
  }
}
